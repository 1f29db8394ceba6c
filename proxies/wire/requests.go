package wire

import (
	"bytes"
	"slices"

	"gauntlet/proxies/http1"
)

// noteRequests follows bytes that no fault can strike.
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
		in.holding = false
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
	in.count, in.struck, in.asking, in.begun = 0, 0, nil, true
	in.holding = in.conn.tap.hop().HoldsHead() || in.conn.tap.hop().HoldsRequest()
	in.raw = in.raw[:0]
	in.conn.emit(Event{Kind: RequestBegan})
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
	ex.hits = append(ex.hits, in.conn.tap.hop().Body(ex.labels)...)
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
