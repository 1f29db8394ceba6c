package proxies

// requestFilter changes what a box reads of its client, for the quirks that net/http
// would decide otherwise: it hands on heads when they are whole, edited, and
// bodies as they come. A nil one does nothing.
type requestFilter struct {
	edits    []func(head []byte) []byte
	loses    bool // what comes after a request, until it is answered
	requests requestReader
	head     []byte // of which the end has not come
	ready    []byte // not yet handed on
	busy     chan struct{}
}

// newRequestFilter is nil where no quirk needs one.
func newRequestFilter(b *behaviour) *requestFilter {
	if len(b.readHead) == 0 && !b.losesPipelined {
		return nil
	}
	return &requestFilter{loses: b.losesPipelined, edits: b.readHead, busy: make(chan struct{}, 1)}
}

// read hands on what is ready, and takes more until something is.
func (f *requestFilter) read(p []byte, take func([]byte) (int, error)) (int, error) {
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

func (f *requestFilter) feed(p []byte) {
	for i := range p {
		if f.loses && len(f.busy) > 0 {
			return
		}
		f.step(p[i : i+1])
	}
}

// step takes one byte.
func (f *requestFilter) step(b []byte) {
	if f.between() {
		f.head = append(f.head, b...)
		f.requests.feed(b)
		if len(f.requests.heads) == 0 {
			return
		}
		f.ready = append(f.ready, edit(f.edits, f.head)...)
		f.requests.heads, f.head = nil, nil
	} else {
		f.requests.feed(b)
		f.ready = append(f.ready, b...)
	}
	if f.between() {
		f.mark()
	}
}

// between reports whether a head is being read, or nothing.
func (f *requestFilter) between() bool { return f.requests.part == inHead && f.requests.skip == 0 }

func (f *requestFilter) mark() {
	select {
	case f.busy <- struct{}{}:
	default:
	}
}

// answered tells that the answer to the request is out.
func (f *requestFilter) answered() {
	if f == nil {
		return
	}
	select {
	case <-f.busy:
	default:
	}
}
