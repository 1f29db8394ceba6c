package lab

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
)

// mostAdvice bounds the warnings that the page shows.
const mostAdvice = 6

// Logger writes by h, and shows warnings on the page too: that is where whoever
// is at the client looks when it does not get on.
func (l *Lab) Logger(h slog.Handler) *slog.Logger { return slog.New(&adviser{h, l}) }

type adviser struct {
	slog.Handler
	lab *Lab
}

// WithAttrs keeps what comes of it on the page.
func (a *adviser) WithAttrs(list []slog.Attr) slog.Handler {
	return &adviser{a.Handler.WithAttrs(list), a.lab}
}

// WithGroup does too.
func (a *adviser) WithGroup(name string) slog.Handler {
	return &adviser{a.Handler.WithGroup(name), a.lab}
}

// Handle writes one record.
func (a *adviser) Handle(ctx context.Context, r slog.Record) error {
	if r.Level >= slog.LevelWarn {
		a.lab.advise(words(r))
	}
	return a.Handler.Handle(ctx, r)
}

func words(r slog.Record) string {
	text := r.Message
	r.Attrs(func(at slog.Attr) bool {
		text += fmt.Sprintf("; %s: %v", at.Key, at.Value)
		return true
	})
	return text
}

// advise shows a warning; one that is there already becomes the latest.
func (l *Lab) advise(text string) {
	l.mu.Lock()
	l.advice = slices.DeleteFunc(l.advice, func(known string) bool { return known == text })
	l.advice = append(l.advice, text)
	l.advice = l.advice[max(0, len(l.advice)-mostAdvice):]
	l.mu.Unlock()
	l.tell(Note{Kind: "state"})
}
