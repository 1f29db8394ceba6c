package wire

import "gauntlet/proxies/fault"

// exchange is a request whose head has arrived, and its answer.
type exchange struct {
	ordinal     int
	method      string
	labels      []string
	hits        []fault.Hit
	head        []byte        // of the request; kept only while faults can fire
	edits       []answerEdit  // of the answer
	replacement *fault.Answer // the answer of our own that it waits for
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
