package wire

import (
	"slices"

	"gauntlet/proxies/fault"
	"gauntlet/proxies/http1"
)

// sift moves the inbound stream on over the bytes that have come, as far as
// the faults let it, and frees what may pass.
func (in *inbound) sift() {
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
		in.strikeRequest(m)
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

// strikeRequest strikes the landmarks that a step has reached, in their order,
// each before the bytes that begin it are free. The other direction waits.
func (in *inbound) strikeRequest(m http1.Mark) {
	in.striking++
	if m&http1.HeadDone != 0 {
		inject(in.conn, in.asking.due(fault.AtHead), in.asking)
	}
	if m&http1.Done != 0 {
		in.strikeForward()
	}
	in.strikeBytes(in.count)
	in.release(in.count)
	if m&http1.Done != 0 {
		in.repeatRequest()
	}
	in.striking--
	in.conn.wake()
}

// strikeForward strikes where the request is complete and its last byte is
// withheld, or all of it if it may be kept from the box.
func (in *inbound) strikeForward() {
	ex := in.asking
	hits := ex.due(fault.AtForward)
	in.strikeBytes(in.count - 1)
	if !slices.ContainsFunc(hits, fault.Hit.Withholds) {
		in.holding = false
		in.release(in.count - 1)
	}
	inject(in.conn, hits, ex)
	in.holding = false
	in.withheld = ex.instead != nil
	if in.withheld {
		in.forgetRequest()
	}
}

// strikeBytes strikes the request bytes up to last that are not yet behind.
func (in *inbound) strikeBytes(last int) {
	for in.asking != nil && in.struck < last {
		in.struck += in.asking.untilByte(fault.AtRequestByte, in.struck, last-in.struck)
		hits := in.asking.dueAtByte(fault.AtRequestByte, in.struck)
		if hits != nil {
			in.release(in.struck)
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
