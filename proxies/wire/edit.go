package wire

import (
	"bytes"

	"gauntlet/proxies/fault"
)

// answerEdit changes an answer of the box's before the peer gets it.
type answerEdit struct {
	edit   func(Answer) Answer
	strike *Strike
	whole  bool // it wants the body too
}

// EditHead lets edit change the head of the answer to the exchange that was
// struck: the status line, the fields and the blank line, as raw bytes. The
// body is handed on as it is. The fault has fired when edit returns other bytes
// than it got. It means something up to the landmark answer; edit must not keep
// or change its argument.
func (s *Strike) EditHead(edit func(head []byte) []byte) {
	s.edit(answerEdit{strike: s, edit: func(a Answer) Answer {
		a.Head = edit(a.Head)
		return a
	}})
}

// EditAnswer lets edit put another answer in the place of the box's. Nothing is
// handed on before the box's is whole; one that never becomes so is handed on
// as far as it came, unchanged. The fault has fired when edit returns another
// answer than it got.
func (s *Strike) EditAnswer(edit func(Answer) Answer) {
	s.edit(answerEdit{strike: s, edit: edit, whole: true})
}

func (s *Strike) edit(e answerEdit) {
	s.locked(func(*conn) {
		if s.exchange != nil {
			s.exchange.edits = append(s.exchange.edits, e)
		}
	})
}

// wantsWhole reports whether an edit needs the body.
func (e *exchange) wantsWhole() bool {
	for _, edit := range e.edits {
		if edit.whole {
			return true
		}
	}
	return false
}

// edited is what the edits make of an answer. Each is applied once.
func (c *conn) edited(ex *exchange, a Answer) Answer {
	edits := ex.edits
	ex.edits = nil
	for _, e := range edits {
		after := e.edit(a)
		if after.equals(a) {
			continue
		}
		e.strike.acted()
		if !bytes.Equal(after.Head, a.Head) {
			c.emit(Event{Kind: Edited, Exchange: ex.ordinal, Fault: e.strike.hit.Text, Data: a.Head, Text: string(after.Head)})
		}
		a = after
	}
	return a
}

// nextReady gives a piece of what stands ready for the peer, up to the next
// landmark.
func (c *conn) nextReady(granted int) (piece []byte, due []fault.Hit) {
	n, due := c.pass(c.out.ready[:granted])
	if n == 0 && due == nil && c.out.phase == between {
		n = len(c.out.ready) // too little to tell what it is
	}
	piece, c.out.ready = c.out.ready[:n], c.out.ready[n:]
	return piece, due
}

// finishReady closes the connection if that belongs to what was handed on.
func (c *conn) finishReady() {
	if c.out.then == "" || len(c.out.ready) > 0 {
		return
	}
	how := c.out.then
	c.out.then = ""
	if c.out.phase == untilClose {
		c.out.phase, c.out.struck = between, c.answering()
		_ = c.handStriking(nil, c.answerDone()) // the connection ends anyway
	}
	if c.cut == "" && !c.over {
		c.cutBox(how)
		c.cutPeer(how)
	}
}
