package netns

import "net/netip"

// watch sees what a host dials in its packets: programs that we have started
// tell us nothing themselves.
type watch struct {
	capture *Capture
	heard   func(Dial)
	open    map[[2]netip.AddrPort]Dial // attempts not answered yet; the capture's goroutine's
}

// newWatch begins to watch a host.
func newWatch(h *host, heard func(Dial)) (w *watch, err error) {
	w = &watch{heard: heard, open: map[[2]netip.AddrPort]Dial{}}
	w.capture, err = capture(h.namespace, w.see)
	return w, err
}

// see notes a connection's first packets.
func (w *watch) see(p Packet) {
	s, ok := p.Segment()
	if !ok {
		return
	}
	switch {
	case p.Out && s.Flags&(SYN|ACK) == SYN:
		if _, again := w.open[[2]netip.AddrPort{s.From, s.To}]; !again {
			w.open[[2]netip.AddrPort{s.From, s.To}] = Dial{At: p.At, To: s.To}
		}
	case !p.Out && s.Flags&SYN != 0:
		w.answered([2]netip.AddrPort{s.To, s.From}, "")
	case !p.Out && s.Flags&RST != 0:
		w.answered([2]netip.AddrPort{s.To, s.From}, "connection refused")
	}
}

func (w *watch) answered(ends [2]netip.AddrPort, failed string) {
	d, asked := w.open[ends]
	if !asked {
		return
	}
	delete(w.open, ends)
	d.Failed = failed
	w.heard(d)
}

// close ends the watch; attempts that nobody answered are heard of last.
func (w *watch) close() error {
	if w == nil {
		return nil
	}
	err := w.capture.Close()
	for ends := range w.open {
		w.answered(ends, "no answer")
	}
	return err
}
