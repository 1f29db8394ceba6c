package gateway

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// words are the values that a textual knob may have; the first is the default.
func words[T ~string](values ...T) []T { return values }

// normal fills every empty field with what the documented dialect does. A word
// that no knob knows counts as empty; Check reports it.
func (d Dialect) normal() Dialect {
	for _, k := range knobs() {
		if k.words != nil && !slices.Contains(k.words, k.get(&d)) {
			k.put(&d, k.words[0])
		}
	}
	if d.Idle <= 0 {
		d.Idle = DefaultIdle
	}
	if len(d.Addresses) == 0 {
		d.Addresses = []string{DefaultHost}
	}
	d.MoveEvery = max(d.MoveEvery, 1)
	return d
}

// Check reports the first knob with a value that it does not know.
func (d Dialect) Check() error {
	for _, name := range slices.Sorted(maps.Keys(knobs())) {
		k := knobs()[name]
		if k.words == nil || k.get(&d) == "" {
			continue
		}
		if err := k.set(&d, k.get(&d)); err != nil {
			return fmt.Errorf("dialect %q: %s: %w", d.Name, name, err)
		}
	}
	return nil
}

// With is d with one knob turned, both given as text: With("id", "uuid"),
// With("think", "50ms"), With("addresses", "10.0.0.1 10.0.0.2"). Knobs names
// them all. Unknown knobs and values are errors that name what there is.
func (d Dialect) With(knob, value string) (Dialect, error) {
	k, known := knobs()[knob]
	if !known {
		return d, fmt.Errorf("no knob %q: there are %s", knob, strings.Join(Knobs(), ", "))
	}
	if err := k.set(&d, value); err != nil {
		return d, fmt.Errorf("%s: %w", knob, err)
	}
	return d, nil
}

// Knobs are the names that With knows, sorted.
func Knobs() []string { return slices.Sorted(maps.Keys(knobs())) }

// Help says what a knob turns, and what values it takes.
func Help(name string) (turns, takes string) {
	k := knobs()[name]
	return k.turns, k.takes
}

// Value is what one of the knobs says that take one of a few words, the
// default included; false for any other.
func (d Dialect) Value(name string) (string, bool) {
	k, known := knobs()[name]
	if !known || k.words == nil {
		return "", false
	}
	d = d.normal()
	return k.get(&d), true
}

// knob is one field of a dialect as text.
type knob struct {
	turns string // what it turns
	takes string // what values it takes
	set   func(*Dialect, string) error
	words []string // of a knob that takes one of a few words; it alone has get and put
	get   func(*Dialect) string
	put   func(*Dialect, string)
}

func knobs() map[string]knob {
	return map[string]knob{
		"id":        choice("how a SessionID is written", func(d *Dialect) *IDShape { return &d.IDShape }, words(Dotted, NoDot, Hex, UUID, Long, Unreserved, Dots, Reserved)),
		"id-change": choice("which part of a SessionID differs from answer to answer", func(d *Dialect) *IDChange { return &d.IDChange }, words(ChangesLast, ChangesFirst, ChangesNever)),
		"valid":     choice("which of a session's ids a request may carry", func(d *Dialect) *Valid { return &d.Valid }, words(ValidUnacknowledged, ValidNewest, ValidAny)),
		"repeat":    choice("what becomes of a request that was processed before", func(d *Dialect) *Repeat { return &d.Repeat }, words(RepeatReplays, RepeatExecutes, RepeatRejected)),
		"overlap":   choice("what becomes of a request while another of the session is not answered", func(d *Dialect) *Overlap { return &d.Overlap }, words(OverlapRejected, OverlapAllowed)),
		"gw-ip":     choice("how GW-IP is chosen", func(d *Dialect) *GatewayIP { return &d.GatewayIP }, words(GatewayFixed, GatewayMoving, GatewayName, GatewayEcho)),
		"png":       choice("what becomes of PNG", func(d *Dialect) *PNG { return &d.PNG }, words(PNGRefused, PNGPasses)),
		"split":     choice("where one answer's body may end and the next begin", func(d *Dialect) *Split { return &d.Split }, words(SplitWhole, SplitAnywhere)),
		"closing":   choice("how an answer says that the messenger has ended the session", func(d *Dialect) *Closing { return &d.Closing }, words(CloseAlone, CloseWithBody, CloseNever)),
		"out":       choice("how the request that carries OUT is answered", func(d *Dialect) *Out { return &d.Out }, words(OutCloses, OutPlain)),
		"header":    choice("how the value of X-MSN-Messenger is laid out", func(d *Dialect) *HeaderStyle { return &d.Header }, words(HeaderStandard, HeaderReordered, HeaderTight, HeaderWide, HeaderVaried, HeaderBare)),
		"long-poll": choice("whether a poll's Lifespan is heeded", func(d *Dialect) *LongPoll { return &d.LongPoll }, words(LongPollIgnored, LongPollHonoured)),
		"binding":   choice("what a session hangs on", func(d *Dialect) *Binding { return &d.Binding }, words(Unbound, Bound)),

		"think":      duration("how long an answer takes", func(d *Dialect) *time.Duration { return &d.Think }),
		"settle":     duration("how long an answer waits for the messenger's reply", func(d *Dialect) *time.Duration { return &d.Settle }),
		"idle":       duration("how long a session lasts without a request", func(d *Dialect) *time.Duration { return &d.Idle }),
		"addresses":  {turns: "what GW-IP names, one after the other", takes: "addresses, with a blank between", set: setAddresses},
		"move-every": {turns: "after how many answers GW-IP moves on, where it does", takes: "a whole number, 1 or above", set: setMoveEvery},
	}
}

// choice is a knob that takes one of a few words.
func choice[T ~string](turns string, field func(*Dialect) *T, values []T) knob {
	k := knob{
		turns: turns,
		get:   func(d *Dialect) string { return string(*field(d)) },
		put:   func(d *Dialect, v string) { *field(d) = T(v) },
	}
	for _, v := range values {
		k.words = append(k.words, string(v))
	}
	last := len(k.words) - 1
	k.takes = strings.Join(k.words[:last], ", ") + " or " + k.words[last]
	k.set = func(d *Dialect, v string) error {
		if !slices.Contains(k.words, v) {
			return fmt.Errorf("no value %q: there are %s", v, strings.Join(k.words, ", "))
		}
		k.put(d, v)
		return nil
	}
	return k
}

// duration is a knob that takes a length of time, as in "50ms".
func duration(turns string, field func(*Dialect) *time.Duration) knob {
	return knob{turns: turns, takes: "a length of time such as 50ms or 2s", set: func(d *Dialect, v string) error {
		length, err := time.ParseDuration(v)
		if err == nil && length < 0 {
			err = fmt.Errorf("%s is negative", v)
		}
		if err == nil {
			*field(d) = length
		}
		return err
	}}
}

func setAddresses(d *Dialect, v string) error {
	d.Addresses = strings.Fields(v)
	return nil
}

func setMoveEvery(d *Dialect, v string) error {
	n, err := strconv.Atoi(v)
	if err == nil && n < 1 {
		err = fmt.Errorf("%d is below 1", n)
	}
	if err == nil {
		d.MoveEvery = n
	}
	return err
}
