package wire

import (
	"bytes"
	"slices"
	"strings"

	"gauntlet/proxies/fault"
)

// exchange is a request whose head has arrived, and its answer.
type exchange struct {
	ordinal     int
	method      string
	labels      []string
	hits        []fault.Hit
	head        []byte        // of the request; kept only while faults can fire
	edits       []answerEdit  // of the answer
	replacement *fault.Answer // the answer of our own that it waits for
	early       bool          // our answer came before the request was whole: the box sees nothing of it
	begun       bool          // the landmark answer is behind
	duplicate   bool          // a repeat of ours: its answer is swallowed
	again       []byte        // what the box gets then
}

// queue are the exchanges whose heads have arrived and whose answers are not
// done; the first is being answered.
type queue []*exchange

func (q queue) first() *exchange {
	if len(q) == 0 {
		return nil
	}
	return q[0]
}

// real is the first exchange that is the peer's own, or nil.
func (q queue) real() *exchange {
	for _, ex := range q {
		if !ex.duplicate {
			return ex
		}
	}
	return nil
}

// number is the ordinal, 0 outside of exchanges.
func (e *exchange) number() int {
	if e == nil {
		return 0
	}
	return e.ordinal
}

// due picks the hits whose landmark is at this place.
func (e *exchange) due(at fault.Place) []fault.Hit { return e.dueAtByte(at, 0) }

// dueAtAnswer picks those at the answer, once: an answer that takes the place of
// another begins a second time.
func (e *exchange) dueAtAnswer() []fault.Hit {
	if e == nil || e.begun {
		return nil
	}
	e.begun = true
	return e.due(fault.AtAnswer)
}

// wantsLines reports whether a landmark of the exchange is the end of a line of
// the answer's head.
func (e *exchange) wantsLines() bool {
	return e != nil && slices.ContainsFunc(e.hits, func(h fault.Hit) bool {
		return h.Fault.Landmark.At == fault.AtStatusLine || h.Fault.Landmark.At == fault.AtField
	})
}

// dueAtLine picks the hits whose landmark is the line that the head, as far as it
// has come, ends with.
func (e *exchange) dueAtLine(head []byte) (out []fault.Hit) {
	if !e.wantsLines() || !bytes.HasSuffix(head, []byte("\n")) {
		return nil
	}
	lines := bytes.SplitAfter(head, []byte("\n"))
	last := lines[len(lines)-2]
	for _, h := range e.hits {
		l := h.Fault.Landmark
		name, _, _ := bytes.Cut(last, []byte(":")) // a line without a colon ends in its end, as no name does
		if l.At == fault.AtStatusLine && len(lines) == 2 || l.At == fault.AtField && strings.EqualFold(string(name), l.Field) {
			out = append(out, h)
		}
	}
	return out
}

// dueAtByte picks the hits whose landmark is this byte of the message.
func (e *exchange) dueAtByte(at fault.Place, n int) (out []fault.Hit) {
	if e == nil {
		return nil
	}
	for _, h := range e.hits {
		if l := h.Fault.Landmark; l.At == at && l.Byte == n {
			out = append(out, h)
		}
	}
	return out
}

// untilByte is how many bytes may pass, of n, before the next landmark of this
// kind; passed counts those before them.
func (e *exchange) untilByte(at fault.Place, passed, n int) int {
	if e == nil {
		return n
	}
	for _, h := range e.hits {
		if l := h.Fault.Landmark; l.At == at && l.Byte > passed {
			n = min(n, l.Byte-passed)
		}
	}
	return n
}
