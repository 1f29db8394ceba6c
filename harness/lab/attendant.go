package lab

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/workload"
)

// Client makes the person and the client that they use the client under test:
// each step is a prompt on the page. How a step went the rig sees from the
// other side; for what it cannot see the person presses the button.
func (l *Lab) Client() adapter.Factory {
	return func(s adapter.Setup) (adapter.Client, error) { return &attendant{lab: l, setup: s}, nil }
}

type attendant struct {
	lab   *Lab
	setup adapter.Setup
}

// Do shows what to do. Sign-ins and chats are seen by the rig; of the rest the
// person says that it is done.
func (a *attendant) Do(ctx context.Context, task adapter.Task) error {
	switch task.Step.Verb {
	case workload.SignIn, workload.OpenChat, workload.Invited:
		a.lab.say(a.words(task))
		return nil
	}
	select {
	case <-a.lab.ask(a.words(task)):
		return nil
	case <-ctx.Done():
		return fmt.Errorf("nobody said that it was done: %w", context.Cause(ctx))
	}
}

// Close takes the last prompt away.
func (a *attendant) Close() { a.lab.say("") }

// words are a step as the person is asked for it.
func (a *attendant) words(task adapter.Task) string {
	switch task.Step.Verb {
	case workload.SignIn:
		return fmt.Sprintf("Sign in as %s with the password %q.", a.setup.Email, a.setup.Password)
	case workload.OpenChat:
		return "Open a chat with " + a.setup.Contact + "."
	case workload.Invited:
		return a.setup.Contact + " calls: take the chat."
	case workload.Send:
		return "Send these messages, one by one, then press Done: " + strings.Join(quoted(task.Texts), ", ")
	case workload.Leave:
		return "Close the chat, then press Done."
	case workload.SignOut:
		return "Sign out, then press Done."
	}
	return task.Step.String() + ", then press Done."
}

func quoted(texts []string) []string {
	out := make([]string, len(texts))
	for i, t := range texts {
		out[i] = "“" + t + "”"
	}
	return out
}

// Between waits until the person has closed the client, or ctx ends: one that
// goes on by itself would begin the next case with what it has from the last.
func (l *Lab) Between(ctx context.Context, next string) {
	select {
	case <-l.ask("Close the client, then press Done. Next: " + next + "."):
	case <-ctx.Done():
	}
}

// meanwhile are the words for a step that is none of the person's; empty for
// the others.
func meanwhile(step string) string {
	s, err := workload.ParseStep(step)
	switch {
	case err != nil:
		return ""
	case s.Verb == workload.Free:
		return "You are signed in. Do what you like, disturb it, and end the run when you have seen enough."
	case s.Verb == workload.Stay:
		return fmt.Sprintf("Leave the client alone for %v.", s.For)
	case slices.Contains([]workload.Verb{workload.Hear, workload.Said, workload.Types, workload.Parts}, s.Verb):
		return "The contact writes, or leaves the chat. Leave the client alone."
	case s.Verb == workload.Kicked, s.Verb == workload.Forget, s.Verb == workload.ForgetSB, s.Verb == workload.CloseSB:
		return "The server ends the session. Leave the client alone."
	case s.Verb == workload.Maintain, s.Verb == workload.Restart, s.Verb == workload.Move:
		return "The gateway is away for a while. Leave the client alone."
	case s.Verb == workload.Come, s.Verb == workload.Go:
		return "Contacts come or go. Leave the client alone."
	}
	return ""
}

// say shows a prompt that wants no answer.
func (l *Lab) say(text string) { l.show(text, nil) }

// ask shows a prompt; the channel is closed when the person says that it is
// done.
func (l *Lab) ask(text string) <-chan struct{} {
	answers := make(chan struct{})
	l.show(text, answers)
	return answers
}

func (l *Lab) show(text string, answers chan struct{}) {
	l.mu.Lock()
	l.prompt, l.answers = text, answers
	l.mu.Unlock()
	l.tell(Note{Kind: "state"})
}

// answered is the person's button.
func (l *Lab) answered() {
	l.mu.Lock()
	if l.answers != nil {
		close(l.answers)
		l.answers, l.prompt = nil, ""
	}
	l.mu.Unlock()
	l.tell(Note{Kind: "state"})
}

// Kind is what the rig may ask of such a client: to connect, and no more.
const Kind = adapter.BlackBox

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
