package gateway

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// hasty is a client that goes on after a lost answer, with the id that it has,
// and repeats later all that it got no answer to, in its order and with the
// newest id. That is good where requests always arrive and only answers are
// lost. The documented client repeats at once and needs less: it never asks
// for a part of what it has missed.
type hasty struct {
	*desk
	s          *session
	id         string
	unanswered []string // bodies; an empty one is a poll
	sent       int

	wanted, heard, said, got []byte
	lines                    int
}

// send sends one more request; its answer is lost, and so are all until the
// client turns to repeating.
func (h *hasty) send(t *rapid.T) {
	body := ""
	if slices.Contains(h.unanswered, "") || rapid.Bool().Draw(t, "command") { // two polls would look the same
		h.sent++
		body = fmt.Sprintf("CHG %d NLN\r\n", h.sent)
		h.wanted = append(h.wanted, body...)
	}
	h.do(h.id, body)
	h.unanswered = append(h.unanswered, body)
}

// repeat repeats the oldest request without an answer, and gets it.
func (h *hasty) repeat(t *rapid.T) {
	if len(h.unanswered) == 0 {
		t.Skip("all is answered")
	}
	a := h.do(h.id, h.unanswered[0])
	h.unanswered, h.id = h.unanswered[1:], idOf(a)
	h.got = append(h.got, a.body...)
}

func (h *hasty) speak(*rapid.T) {
	h.lines++
	line := fmt.Appendf(nil, "NLN BSY %d@x y\r\n", h.lines)
	h.said = append(h.said, line...)
	h.s.deliver(line)
}

func (h *hasty) check(t *rapid.T) {
	for _, up := range h.s.unsent() {
		h.heard = append(h.heard, up...)
	}
	if !bytes.Equal(h.heard, h.wanted) {
		t.Fatalf("the messenger heard %q of %q", h.heard, h.wanted)
	}
	if !bytes.HasPrefix(h.said, h.got) {
		t.Fatalf("the client got %q of %q", h.got, h.said)
	}
}

// TestLossesInARow: several answers lost, then each request repeated.
func TestLossesInARow(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		h := &hasty{desk: newDesk(t, "documented", func(d *Dialect) { d.Idle = time.Hour })}
		var a *answer
		h.s, a = h.open("")
		h.id = idOf(a)
		h.s.unsent()
		rt.Repeat(map[string]func(*rapid.T){"send": h.send, "repeat": h.repeat, "speak": h.speak, "": h.check})
		for len(h.unanswered) > 0 {
			h.repeat(rt)
		}
		h.got = append(h.got, h.do(h.id, "").body...)
		if h.check(rt); !bytes.Equal(h.got, h.said) {
			rt.Fatalf("the client got %q of %q", h.got, h.said)
		}
	})
}
