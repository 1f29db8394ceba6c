package wire

import (
	"bytes"
	"slices"

	"gauntlet/proxies/fault"
	"gauntlet/proxies/http1"
)

// responses are the answers that do not take the usual way: those of the box
// that are collected, since they will be edited or dropped, and ours, which
// stand in their place.
type responses struct {
	conn     *conn
	buffered *bufferedResponse // an answer of the box that does not go to the peer as it is
	ready    []byte            // what is left to hand on of an answer of our making
	after    []byte            // what follows it and belongs to no answer
	then     string            // how the connection ends after that
	whole    bool              // it is all there, whatever its head says
}

// bufferedResponse collects an answer that the box writes and that does not go to the
// peer as it is.
type bufferedResponse struct {
	stream
	data []byte // what has come of it
	head int    // how much of data is the head
}

// withSurplus puts behind the last piece of the answer to an exchange what follows it
// and belongs to none, in one go: nobody may have made use of the answer before it
// comes.
func (rs *responses) withSurplus(piece []byte, of *exchange) []byte {
	if len(rs.after) == 0 || len(rs.ready) > 0 {
		return piece
	}
	surplus := rs.after
	rs.after = nil
	rs.conn.emit(Event{Kind: Surplus, Exchange: of.number(), Data: surplus})
	return slices.Concat(piece, surplus)
}

// buffers reports whether what the box writes next is to be collected: an
// answer that will be edited, or one that nobody but us has asked for. An answer of
// our own is none of the box's, and goes as it is.
func (rs *responses) buffers() bool {
	ex := rs.conn.open.first()
	switch {
	case len(rs.ready) > 0:
		return false
	case rs.buffered != nil:
		return true
	case ex == nil || rs.conn.out.Interim() && rs.conn.out.State() == http1.InHead:
		return false
	case ex.duplicate:
		return rs.conn.out.between()
	}
	return ex.edits != nil && rs.conn.out.State() == http1.InHead && len(rs.conn.out.Head()) == 0
}

// collect collects what the box writes and returns how much of it it has used.
// 0 means that data is too short.
func (rs *responses) collect(data []byte) (used int) {
	if rs.buffered == nil {
		rs.buffered = &bufferedResponse{stream: stream{Reader: http1.Reader{Answers: true, Method: rs.conn.open.first().method}}}
		rs.conn.out.Restart() // what comes in its place begins anew
	}
	for buffered := rs.buffered; used < len(data) && rs.buffered == buffered; {
		n, m := buffered.step(data[used:])
		if n == 0 && m == 0 {
			break
		}
		buffered.data = append(buffered.data, data[used:used+n]...)
		used += n
		rs.collected(m)
	}
	return used
}

// collected looks at what the collected answer has reached.
func (rs *responses) collected(m http1.Mark) {
	ex, buffered := rs.conn.open.first(), rs.buffered
	if m&http1.HeadDone != 0 {
		buffered.head = len(buffered.data)
	}
	switch complete := m&http1.Done != 0; {
	case ex.duplicate && (complete || m&http1.Astray != 0):
		rs.endDuplicate()
	case ex.duplicate:
	case complete, m&http1.HeadDone != 0 && !ex.wantsWhole():
		rs.release()
	case m&http1.Astray != 0, len(buffered.data) > maxBody:
		ex.edits = nil
		rs.release()
	}
}

// release lets what was collected take its way to the peer, edited.
func (rs *responses) release() {
	buffered := rs.buffered
	rs.buffered = nil
	a := fault.Answer{Head: buffered.data[:buffered.head:buffered.head], Body: bytes.Clone(buffered.data[buffered.head:])}
	whole := rs.conn.open.first().wantsWhole() // else its body is yet to come
	a = rs.edited(rs.conn.open.first(), a)
	rs.ready, rs.after, rs.then, rs.whole = a.Bytes(), a.After, a.Then, whole && a.Then == ""
}

// abandon hands on what was collected of an answer that the box will
// not complete. One that ends with the connection is complete now.
func (rs *responses) abandon() {
	buffered := rs.buffered
	switch {
	case buffered == nil:
		return
	case rs.conn.open.first().duplicate:
		rs.conn.open, rs.buffered = rs.conn.open[1:], nil
		return
	case buffered.State() != http1.UntilClose:
		rs.conn.open.first().edits = nil
	}
	rs.release()
	_, _ = rs.conn.out.send(nil) // the connection ends anyway
}

// answerEdit changes an answer of the box's before the peer gets it.
type answerEdit struct {
	edit   func(fault.Answer) fault.Answer
	strike *strike
	whole  bool // it wants the body too
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
func (rs *responses) edited(ex *exchange, a fault.Answer) fault.Answer {
	edits := ex.edits
	ex.edits = nil
	for _, e := range edits {
		after := e.edit(a)
		if after.Equal(a) {
			continue
		}
		e.strike.acted()
		if !bytes.Equal(after.Head, a.Head) {
			rs.conn.emit(Event{Kind: Edited, Exchange: ex.ordinal, Fault: e.strike.hit.Text, Data: a.Head, Text: string(after.Head)})
		}
		a = after
	}
	return a
}

// owes reports whether it is the turn of an answer of our own.
func (rs *responses) owes() bool {
	ex := rs.conn.open.first()
	return ex != nil && ex.replacement != nil && rs.conn.out.between() && rs.buffered == nil && !rs.conn.link.taken()
}

// giveOwn hands on the answers of our own whose turn it is. The caller has the
// outbound direction to itself.
func (rs *responses) giveOwn() {
	for rs.owes() {
		a := rs.conn.open.first().replacement
		rs.conn.open.first().replacement = nil
		rs.ready, rs.after, rs.then, rs.whole = a.Bytes(), a.After, a.Then, a.Then == ""
		_, _ = rs.conn.out.send(nil) // what went wrong shows at the box's next call
	}
}

// readOwn does so within a Read.
func (rs *responses) readOwn() error {
	if rs.conn.out.busy {
		return rs.conn.rest(rs.conn.in.deadline)
	}
	rs.conn.out.busy = true
	defer rs.conn.out.writeEnds()
	rs.giveOwn()
	return nil
}

// repeat gives the box the request once more.
func (rs *responses) repeat(ex *exchange, gives fault.Which) {
	i := slices.Index(rs.conn.open, ex)
	duplicate := &exchange{duplicate: true, method: ex.method}
	if gives == fault.First {
		rs.conn.in.again = append(rs.conn.in.again, rs.conn.in.raw...)
		i++
	} else {
		duplicate.again = slices.Clone(rs.conn.in.raw)
	}
	rs.conn.open = slices.Insert(rs.conn.open, i, duplicate)
}

// endDuplicate ends an exchange whose answer was swallowed, and sends the request
// again if it was for that.
func (rs *responses) endDuplicate() {
	again := rs.conn.open.first().again
	rs.conn.open, rs.buffered = rs.conn.open[1:], nil
	if len(again) == 0 || rs.conn.link.boxHalted() || rs.conn.ends != inUse {
		return
	}
	rs.conn.in.data = slices.Concat(rs.conn.in.data[:rs.conn.in.free], again, rs.conn.in.data[rs.conn.in.free:])
	rs.conn.in.free += len(again)
	rs.conn.in.parsed += len(again)
	rs.conn.in.ahead = longAgo
	_ = rs.conn.Conn.SetReadDeadline(longAgo) // a Read that waits for the peer shall look; fails only if the connection has ended
}
