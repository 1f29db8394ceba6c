package wire

import (
	"net/http"

	"gauntlet/proxies/fault"
	"gauntlet/proxies/http1"
)

// next moves the outbound stream on to the next point at which something is
// due. It returns the piece to hand on, how much of data is thereby done with,
// and what strikes after the piece. All zeros mean that data is too short.
func (c *conn) next(data []byte, granted int) (piece []byte, used int, due []fault.Hit) {
	if len(c.out.ready) > 0 {
		piece, due = c.nextReady(granted)
		return piece, 0, due
	}
	if c.diverts() {
		return nil, c.divert(data), nil
	}
	used, due = c.pass(data[:granted])
	return data[:used], used, due
}

// pass moves the outbound stream on over what the peer is to get of data.
func (c *conn) pass(data []byte) (used int, due []fault.Hit) {
	for used < len(data) && due == nil && !c.diverts() {
		begins := c.out.between()
		n := c.step(data[used:], &due)
		if n < 0 {
			break
		}
		used += n
		if begins && !c.out.between() && c.out.pace.armed() {
			break // from here on the pace counts
		}
	}
	return used, due
}

// step does one step of the outbound stream; -1 means that data is too short.
func (c *conn) step(data []byte, due *[]fault.Hit) int {
	c.tellAnswerBegan()
	ex := c.answering()
	if ex != nil {
		c.out.Method = ex.method
	}
	rest := data
	if c.counts() {
		rest = data[:ex.untilByte(fault.AtResponseByte, c.out.given, len(data))]
	}
	n, m := c.out.step(rest)
	if n < len(rest) && m == 0 {
		if n == 0 {
			return -1
		}
		return n
	}
	*due = c.noteAnswer(rest[:n], m)
	return n
}

// counts reports whether the next bytes are those of an answer.
func (c *conn) counts() bool {
	p := c.out.State()
	return p == http1.InBody || p == http1.InChunks || p == http1.UntilClose || p == http1.InHead && !c.out.Interim()
}

// noteAnswer tells what a step of the outbound stream has reached and gives
// what strikes there.
func (c *conn) noteAnswer(piece []byte, m http1.Mark) (due []fault.Hit) {
	ex := c.answering()
	c.out.struck = ex
	switch {
	case m&http1.Began != 0:
		c.out.given, c.out.announce = 0, true
		return ex.dueAtAnswer()
	case m&http1.Astray != 0:
		c.becomeOpaque(ByBox, c.out.misread(piece))
		return nil
	case m&greeted != 0 || c.out.State() == http1.Lost:
		c.tellOpaque(ByBox, piece)
		return nil
	case m&http1.Interim != 0 || c.out.Interim() && m&http1.HeadDone == 0:
		return nil
	}
	if c.out.Interim() { // 101: an answer after all
		c.out.given, c.out.announce = 0, true
		c.tellAnswerBegan()
	}
	return c.noteAnswerBytes(len(piece), m, c.out.Head())
}

// noteAnswerBytes counts bytes of an answer that are about to be handed on.
func (c *conn) noteAnswerBytes(n int, m http1.Mark, head []byte) (due []fault.Hit) {
	c.out.given += n
	if m&http1.HeadDone != 0 {
		c.tellAnswer(Event{Kind: AnswerHead, Data: head})
	}
	if n > 0 {
		due = c.answering().dueAtByte(fault.AtResponseByte, c.out.given)
	}
	if m&http1.Done != 0 {
		due = append(due, c.answerDone()...)
	}
	return due
}

// tellAnswerBegan tells it once, when the first byte is about to go.
func (c *conn) tellAnswerBegan() {
	if c.out.announce {
		c.out.announce = false
		c.tellAnswer(Event{Kind: AnswerBegan})
	}
}

// tellAnswer completes an event of the exchange that is being answered.
func (c *conn) tellAnswer(e Event) {
	if e.Kind != AnswerBegan {
		e.Status = c.out.Status()
	}
	if ex := c.answering(); ex != nil {
		e.Exchange, e.Labels = ex.ordinal, ex.labels
	}
	c.emit(e)
}

// answerDone ends the exchange that is being answered and gives what strikes
// at its end.
func (c *conn) answerDone() []fault.Hit {
	c.tellAnswer(Event{Kind: AnswerDone, Given: c.out.given, Data: c.out.body, Text: c.out.note()})
	ex := c.answering()
	c.out.given = 0
	if ex == nil {
		return nil
	}
	c.remember(ex)
	c.open, c.out.finished = append(c.open[:0], c.open[1:]...), ex
	if c.out.Status() == http.StatusSwitchingProtocols {
		c.becomeOpaque(ByBox, nil)
	}
	return ex.due(fault.AtEnd)
}
