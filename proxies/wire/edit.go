package wire

import (
	"bytes"

	"gauntlet/proxies/fault"
)

// headEdit changes the head of an answer.
type headEdit struct {
	edit   func(head []byte) []byte
	strike *Strike
}

// EditHead lets edit change the head of the answer to the exchange that was
// struck: the status line, the fields and the blank line, as raw bytes. The
// body is handed on as it is, framed as the box framed it. The fault has fired
// when edit returns other bytes than it got. It means something up to the
// landmark answer; edit must not keep or change its argument.
func (s *Strike) EditHead(edit func(head []byte) []byte) {
	s.locked(func(*conn) {
		if s.exchange != nil {
			s.exchange.edits = append(s.exchange.edits, headEdit{edit, s})
		}
	})
}

// editing reports whether the box is writing a head that is to be edited.
func (c *conn) editing() bool {
	ex := c.answering()
	return ex != nil && ex.edits != nil && c.out.phase == inHead && c.out.class != '1'
}

// collectHead takes in a head without handing it on; when it is complete, the
// edited one is ready. It returns how much of data it has used.
func (c *conn) collectHead(data []byte) int {
	n, m := c.out.step(data)
	if m&headDone != 0 {
		c.out.edited = c.applyEdits(c.answering(), c.out.head)
		c.out.finishes = m&done != 0
		c.tellAnswerBegan()
		c.tellAnswer(Event{Kind: AnswerHead, Data: c.out.edited})
	}
	return n
}

func (c *conn) applyEdits(ex *exchange, head []byte) []byte {
	for _, e := range ex.edits {
		after := e.edit(head)
		if bytes.Equal(after, head) {
			continue
		}
		e.strike.acted()
		c.emit(Event{Kind: Edited, Exchange: ex.ordinal, Fault: e.strike.hit.Text, Data: head, Text: string(after)})
		head = after
	}
	return head
}

// nextEdited gives a piece of the edited head, up to the next landmark.
func (c *conn) nextEdited() (piece []byte, due []fault.Hit) {
	ex := c.answering()
	c.out.struck = ex
	n := ex.untilByte(fault.AtResponseByte, c.out.given, len(c.out.edited))
	piece, c.out.edited = c.out.edited[:n], c.out.edited[n:]
	var m mark
	if len(c.out.edited) == 0 && c.out.finishes {
		c.out.finishes, m = false, done
	}
	return piece, c.noteAnswerBytes(n, m, nil)
}
