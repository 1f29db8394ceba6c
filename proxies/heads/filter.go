package heads

import (
	"net/http"

	"gauntlet/proxies/http1"
)

// Filter changes what a server reads of its client: it hands on the heads of
// requests when they are whole, edited, and everything else as it comes. One
// goroutine reads; Answered may be called from another.
type Filter struct {
	edits    []func(head []byte) []byte
	drops    bool // what comes after a request, until it is answered
	requests http1.Reader
	ready    []byte // not yet handed on
	busy     chan struct{}
}

// NewFilter makes one that has edits change each head, one after the other. If
// it drops, what comes after a request is lost until Answered is called.
func NewFilter(edits []func(head []byte) []byte, drops bool) *Filter {
	return &Filter{drops: drops, edits: edits, busy: make(chan struct{}, 1)}
}

// Read hands on what is ready, and takes more until something is.
func (f *Filter) Read(p []byte, take func([]byte) (int, error)) (int, error) {
	buffer := make([]byte, 4<<10)
	for len(f.ready) == 0 {
		n, err := take(buffer)
		f.feed(buffer[:n])
		if err != nil && len(f.ready) == 0 {
			return 0, err
		}
	}
	n := copy(p, f.ready)
	f.ready = f.ready[n:]
	return n, nil
}

func (f *Filter) feed(p []byte) {
	for len(p) > 0 && (!f.drops || len(f.busy) == 0) {
		n, part, mark := f.requests.Next(p)
		switch {
		case part != http1.Heading:
			f.ready = append(f.ready, p[:n]...)
		case mark&http1.HeadDone != 0:
			f.ready = append(f.ready, Edit(f.edits, f.requests.Head())...)
		case mark&http1.Astray != 0:
			f.ready = append(f.ready, f.requests.Head()...)
		}
		switch {
		case mark&http1.HeadDone != 0 && f.requests.Method == http.MethodConnect:
			f.requests.Abandon()
		case mark&http1.Done != 0:
			f.mark()
		}
		p = p[n:]
	}
}

func (f *Filter) mark() {
	select {
	case f.busy <- struct{}{}:
	default:
	}
}

// Answered tells it that the answer to the request is out.
func (f *Filter) Answered() {
	select {
	case <-f.busy:
	default:
	}
}
