package wire

import (
	"bytes"
	"net/http"

	"gauntlet/proxies/fault"
	"gauntlet/proxies/http1"
)

// finishAnswer hands on what was held back, and completes an answer that ends
// with the connection.
func (out *outbound) finishAnswer() {
	if out.conn.link.taken() || out.busy {
		return
	}
	held := out.held
	out.held = nil
	_ = out.hand(held) // the connection ends anyway
	out.conn.responses.abandon()
	if out.State() != http1.UntilClose || out.conn.link.swallows() || out.conn.hard || out.conn.peerGone {
		return
	}
	out.Restart()
	out.current = out.conn.open.first()
	_ = out.handFiring(nil, out.answerDone())
}

// next moves the outbound stream on to the next point at which something is
// due. It returns the piece to hand on, how much of data is thereby done with,
// and what fires after the piece. All zeros mean that data is too short.
func (out *outbound) next(data []byte, granted int) (piece []byte, used int, due []fault.Hit) {
	if len(out.conn.responses.ready) > 0 {
		piece, due = out.nextReady(granted)
		return piece, 0, due
	}
	if out.conn.responses.buffers() {
		return nil, out.conn.responses.collect(data), nil
	}
	used, due = out.pass(data[:granted])
	return data[:used], used, due
}

// pass moves the outbound stream on over what the peer is to get of data.
func (out *outbound) pass(data []byte) (used int, due []fault.Hit) {
	for used < len(data) && due == nil && !out.conn.responses.buffers() {
		begins := out.between()
		n := out.advance(data[used:], &due)
		if n < 0 {
			break
		}
		used += n
		if begins && (out.pace.armed() || out.conn.tap.hop().Volumes() != nil) {
			break // from here on the pace may count, and each byte
		}
	}
	return used, due
}

// advance does one step of the outbound stream; -1 means that data is too short.
func (out *outbound) advance(data []byte, due *[]fault.Hit) int {
	out.tellAnswerBegan()
	ex := out.conn.open.first()
	if ex != nil {
		out.Method = ex.method
	}
	rest := data
	if out.counts() {
		rest = data[:ex.untilByte(fault.AtResponseByte, out.given, len(data))]
		if end := bytes.IndexByte(rest, '\n'); end >= 0 && out.State() == http1.InHead && ex.wantsLines() {
			rest = rest[:end+1]
		}
	}
	n, m := out.step(rest)
	if n == 0 && m == 0 {
		return -1
	}
	*due = out.noteAnswer(rest[:n], m)
	return n
}

// counts reports whether the next bytes are those of an answer.
func (out *outbound) counts() bool {
	p := out.State()
	return p == http1.InBody || p == http1.InChunks || p == http1.UntilClose || p == http1.InHead && !out.Interim()
}

// noteAnswer tells what a step of the outbound stream has reached and gives
// what fires there.
func (out *outbound) noteAnswer(piece []byte, m http1.Mark) (due []fault.Hit) {
	ex := out.conn.open.first()
	out.current = ex
	switch {
	case m&http1.Began != 0:
		out.given, out.announce = 0, true
		return ex.dueAtAnswer()
	case m&http1.Astray != 0:
		out.conn.becomeOpaque(ByBox, out.misread(piece))
		return nil
	case m&greeted != 0 || out.State() == http1.Lost:
		out.conn.tellOpaque(ByBox, piece)
		return nil
	case m&http1.Interim != 0:
		out.tellAnswer(Event{Kind: Interim, Data: out.Head()})
		return nil
	case out.Interim() && m&http1.HeadDone == 0:
		return nil
	}
	if out.Interim() { // 101: an answer after all
		out.given, out.announce = 0, true
		out.tellAnswerBegan()
	}
	return out.noteAnswerBytes(len(piece), m, out.Head())
}

// noteAnswerBytes counts bytes of an answer that are about to be handed on.
func (out *outbound) noteAnswerBytes(n int, m http1.Mark, head []byte) (due []fault.Hit) {
	out.given += n
	if m&http1.HeadDone != 0 {
		out.tellAnswer(Event{Kind: AnswerHead, Data: head})
	}
	if n > 0 {
		due = out.conn.open.first().dueAtByte(fault.AtResponseByte, out.given)
	}
	if n > 0 && m&http1.HeadDone == 0 && out.State() == http1.InHead {
		due = append(due, out.conn.open.first().dueAtLine(head)...)
	}
	if m&http1.Done != 0 {
		due = append(due, out.answerDone()...)
	}
	return due
}

// tellAnswerBegan tells it once, when the first byte is about to go.
func (out *outbound) tellAnswerBegan() {
	if out.announce {
		out.announce = false
		out.tellAnswer(Event{Kind: AnswerBegan})
	}
}

// tellAnswer completes an event of the exchange that is being answered.
func (out *outbound) tellAnswer(e Event) {
	if e.Kind != AnswerBegan {
		e.Status = out.Status()
	}
	if ex := out.conn.open.first(); ex != nil {
		e.Exchange, e.Labels = ex.ordinal, ex.labels
	}
	out.conn.emit(e)
}

// answerDone ends the exchange that is being answered and gives what fires
// at its end.
func (out *outbound) answerDone() []fault.Hit {
	out.tellAnswer(Event{Kind: AnswerDone, Given: out.given, Data: out.body, Text: out.note()})
	ex := out.conn.open.first()
	out.given = 0
	if ex == nil {
		return nil
	}
	out.remember(ex)
	out.conn.open, out.finished = append(out.conn.open[:0], out.conn.open[1:]...), ex
	if out.Status() == http.StatusSwitchingProtocols {
		out.conn.becomeOpaque(ByBox, nil)
	}
	return ex.due(fault.AtEnd)
}

// nextReady gives a piece of what stands ready for the peer, up to the next
// landmark.
func (out *outbound) nextReady(granted int) (piece []byte, due []fault.Hit) {
	n, due := out.pass(out.conn.responses.ready[:granted])
	if n == 0 && due == nil && out.between() {
		n = len(out.conn.responses.ready) // too little to tell what it is
	}
	piece, out.conn.responses.ready = out.conn.responses.ready[:n], out.conn.responses.ready[n:]
	return piece, due
}

// finishReady does what belongs to what was handed on: it ends the answer, or closes
// the connection.
func (out *outbound) finishReady() {
	if len(out.conn.responses.ready) == 0 && out.conn.responses.whole {
		out.conn.responses.whole = false
		out.endWhole()
	}
	if out.conn.responses.then == "" || len(out.conn.responses.ready) > 0 {
		return
	}
	how := out.conn.responses.then
	out.conn.responses.then = ""
	if out.Close() {
		out.current = out.conn.open.first()
		_ = out.handFiring(nil, out.answerDone()) // the connection ends anyway
	}
	if out.conn.link.how == "" && out.conn.ends != byTap {
		out.conn.link.sever(how)
	}
}

// endWhole ends an answer of our making of which the head does not tell the end:
// with two lengths, it would last until the connection ends.
func (out *outbound) endWhole() {
	if out.State() != http1.UntilClose {
		return
	}
	out.Restart()
	out.current = out.conn.open.first()
	_ = out.handFiring(nil, out.answerDone()) // nothing is written
}

// remember keeps a complete answer that the peer is about to have whole.
func (out *outbound) remember(ex *exchange) {
	if !out.conn.tap.memory.wanted || out.bodySize > len(out.body) {
		return
	}
	a := fault.Answer{Head: bytes.Clone(out.Head()), Body: bytes.Clone(out.body)}
	if f, _ := http1.FramingOf(a.Head); f.Chunked {
		a.Body = fault.InChunks(a.Body, len(a.Body))
	} else if f.Length < 0 {
		a.Then = fin
	}
	out.conn.before = &a
	out.conn.tap.remember(kindOf(ex), given{out.conn.id, a})
}
