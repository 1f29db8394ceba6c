package wire

import (
	"bytes"
	"slices"

	"gauntlet/proxies/fault"
	"gauntlet/proxies/http1"
)

// follow moves the inbound stream on over the bytes that have come, as far as
// the faults let it, and frees what may pass.
func (in *inbound) follow() {
	for in.parsed < len(in.data) && !in.conn.link.boxHalted() {
		rest := in.data[in.parsed:]
		if in.State() == http1.InBody || in.State() == http1.InChunks {
			rest = rest[:in.asking.untilByte(fault.AtRequestByte, in.count, len(rest))]
		}
		blank := in.between() && in.withheld
		n, m := in.step(rest)
		if blank {
			n = in.dropBlank(n)
		}
		in.parsed += n
		in.keepRaw(rest[:n])
		in.noteRequest(rest[:n], m)
		in.fireRequest(m)
	}
	if in.conn.peerGone {
		in.holding = false // an unfinished head ends here
		in.release(in.count)
	}
}

// dropBlank takes the line ends behind a request that was kept from the box
// away as well: servers bear them behind a request that they have seen.
func (in *inbound) dropBlank(n int) int {
	in.data = slices.Delete(in.data, in.parsed, in.parsed+n)
	return 0
}

// fireRequest fires the faults at the landmarks that a step has reached, in order,
// each before the bytes that begin it are free. The other direction waits.
func (in *inbound) fireRequest(m http1.Mark) {
	in.firing++
	if m&http1.HeadDone != 0 {
		inject(in.conn, in.asking.due(fault.AtHead), in.asking)
	}
	if m&http1.Done != 0 {
		in.fireForward()
	}
	in.fireBytes(in.count)
	in.release(in.count)
	if m&http1.Done != 0 {
		in.repeatRequest()
	}
	in.firing--
	in.conn.wake()
}

// fireForward fires where the request is complete and its last byte is
// withheld, or all of it if it may be kept from the box.
func (in *inbound) fireForward() {
	ex := in.asking
	hits := ex.due(fault.AtForward)
	in.fireBytes(in.count - 1)
	if !ex.early && !slices.ContainsFunc(hits, fault.Hit.Withholds) {
		in.holding = false
		in.release(in.count - 1)
	}
	inject(in.conn, hits, ex)
	in.holding = false
	in.withheld = ex.replacement != nil || ex.early
	if in.withheld {
		in.forgetRequest()
	}
}

// fireBytes fires the faults at the request bytes up to last that are not yet behind.
func (in *inbound) fireBytes(last int) {
	for in.asking != nil && in.passed < last {
		in.passed += in.asking.untilByte(fault.AtRequestByte, in.passed, last-in.passed)
		hits := in.asking.dueAtByte(fault.AtRequestByte, in.passed)
		if hits != nil {
			in.release(in.passed)
			inject(in.conn, hits, in.asking)
		}
	}
}

// release frees what has come of the request up to its byte n, and all before
// it, unless it is held or an effect has halted this direction.
func (in *inbound) release(n int) {
	if !in.conn.link.boxHalted() && !in.holding {
		in.free = max(in.free, in.parsed-(in.count-n))
	}
}

// noteRequests follows bytes on which no fault can fire.
func (in *inbound) noteRequests(data []byte) {
	for len(data) > 0 {
		n, m := in.step(data)
		in.noteRequest(data[:n], m)
		data = data[n:]
	}
}

// noteRequest tells what a step of the inbound stream has reached.
func (in *inbound) noteRequest(piece []byte, m http1.Mark) {
	switch {
	case m&http1.Began != 0:
		in.requestBegan()
	case m&greeted != 0:
		in.requestGreets(piece)
	case m&http1.Astray != 0:
		in.conn.becomeOpaque(ByPeer, in.misread(piece))
	case in.State() == http1.Lost:
		in.conn.tellOpaque(ByPeer, piece)
	default:
		in.count += len(piece)
		in.holding = in.holding && mayBeMethod(in.Head())
	}
	if m&http1.HeadDone != 0 {
		in.requestHead()
	}
	if m&http1.Done != 0 {
		in.requestDone()
	}
}

func (in *inbound) requestBegan() {
	in.conn.idle.stop()
	in.count, in.passed, in.asking, in.begun = 0, 0, nil, true
	in.holding = in.conn.tap.hop().HoldsHead() || in.conn.tap.hop().HoldsRequest()
	in.raw = in.raw[:0]
	beside := besideOf(in.conn)
	in.conn.emit(Event{Kind: RequestBegan})
	for _, e := range beside {
		in.conn.tap.emit(e)
	}
}

func (in *inbound) requestHead() {
	ex := &exchange{method: in.Method}
	if label := in.conn.tap.options.Label; label != nil {
		ex.labels = label(in.Head())
	}
	ex.ordinal, ex.hits = in.conn.tap.enter(ex.labels)
	in.conn.open = append(in.conn.open, ex)
	if in.conn.tap.hop() != nil {
		ex.head = bytes.Clone(in.Head())
	}
	in.asking, in.holding = ex, in.holding && in.withholds(ex)
	in.conn.emit(Event{Kind: RequestHead, Exchange: ex.ordinal, Labels: ex.labels, Data: in.Head()})
}

func (in *inbound) requestDone() {
	in.begun = false
	ex := in.asking
	if label := in.conn.tap.options.LabelBody; label != nil && in.bodySize > 0 {
		ex.labels = slices.Concat(ex.labels, label(in.body))
	}
	ex.hits = append(ex.hits, in.conn.tap.hop().Body(in.conn.tap.since(), ex.labels, ex.head, in.body)...)
	in.conn.emit(Event{Kind: RequestDone, Exchange: ex.ordinal, Labels: ex.labels, Data: in.body, Text: in.note()})
}

// mayBeMethod reports whether what has come of a head can begin with a method
// such as are in use. What cannot is not worth holding back.
func mayBeMethod(head []byte) bool {
	const longest = 20
	for i, b := range head[:min(len(head), longest)] {
		if b == ' ' && i > 0 {
			return true
		}
		if b < 'A' || b > 'Z' {
			return false
		}
	}
	return len(head) < longest
}

// tellCut tells what has come of a request, or of a greeting, that will not be
// complete.
func (in *inbound) tellCut() {
	switch in := &in.conn.in; {
	case in.greeting.underway:
		in.conn.tellOpaque(ByPeer, in.greeting.untold)
		in.greeting.untold = nil
	case !in.begun:
	case in.asking == nil && len(in.Head()) > 0:
		in.conn.emit(Event{Kind: RequestCut, Data: bytes.Clone(in.Head())})
	case in.asking != nil && len(in.body) > 0:
		in.conn.emit(Event{Kind: RequestCut, Exchange: in.asking.ordinal, Labels: in.asking.labels, Data: bytes.Clone(in.body), Text: in.note()})
	}
}

// requestGreets follows what the peer says of SOCKS, and expects the box to
// answer it.
func (in *inbound) requestGreets(piece []byte) {
	if in.conn.out.between() && in.conn.out.greeting.version == 0 {
		in.conn.out.greet(in.greeting.version)
	}
	g := &in.greeting
	if g.untold = append(g.untold, piece...); len(g.have) == 0 {
		in.conn.tellOpaque(ByPeer, g.untold)
		g.untold = nil
	}
}

// withholds reports whether the exchange may yet be kept from the box.
func (in *inbound) withholds(ex *exchange) bool {
	if in.conn.tap.hop().HoldsBody() {
		return true
	}
	for _, h := range ex.due(fault.AtForward) {
		if h.Withholds() {
			return true
		}
	}
	return false
}

// untouched reports whether the box has got nothing of the request at hand: else it is too
// late to keep that from it, or to change it.
func untouched(in *inbound) bool { return in.asking != nil && in.free <= in.parsed-in.count }

// forgetRequest takes the complete request, of which the box has got nothing,
// out of what the box will get.
func (in *inbound) forgetRequest() {
	start := in.parsed - in.count
	in.data = append(in.data[:start], in.data[in.parsed:]...)
	in.parsed, in.count = start, 0
}

// rewriteRequest puts what edit makes of the complete request in its place, of which the
// box has got nothing.
func rewriteRequest(in *inbound, edit func(head, body []byte) ([]byte, []byte)) (was, now []byte) {
	start := in.parsed - in.count
	was = bytes.Clone(in.data[start:in.parsed])
	head, body := edit(was[:len(in.asking.head):len(in.asking.head)], was[len(in.asking.head):])
	in.asking.head, now = head, slices.Concat(head, body)
	in.data = slices.Concat(in.data[:start], now, in.data[in.parsed:])
	in.parsed, in.count, in.raw = start+len(now), len(now), bytes.Clone(now)
	return was, now
}

// keepRaw keeps the request at hand as it came, for the case that it is to be
// repeated, unless it is too long for that.
func (i *inbound) keepRaw(piece []byte) {
	if len(i.raw)+len(piece) <= maxBody {
		i.raw = append(i.raw, piece...)
	}
}

// repeatRequest puts the repeated request behind the one at hand, which is free.
func (in *inbound) repeatRequest() {
	if len(in.again) == 0 || in.conn.link.boxHalted() {
		return
	}
	in.data = slices.Concat(in.data[:in.parsed], in.again, in.data[in.parsed:])
	in.parsed += len(in.again)
	in.free = in.parsed
	in.again = nil
}
