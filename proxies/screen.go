package proxies

// screen changes what a box reads of its client, for the quirks that net/http
// would decide otherwise: it hands on heads when they are whole, edited, and
// bodies as they come. A nil screen does nothing.
type screen struct {
	edit     func(head []byte) []byte // keeps the head's length or not
	loses    bool                     // what comes after a request, until it is answered
	requests requestReader
	head     []byte // of which the end has not come
	ready    []byte // not yet handed on
	busy     chan struct{}
}

// newScreen is nil where no quirk needs one.
func newScreen(q Quirks) *screen {
	if !q.HeedsProxyConnection && !q.LosesPipelined && q.OnExpect != "passes" {
		return nil
	}
	s := &screen{loses: q.LosesPipelined, edit: func(head []byte) []byte { return head }, busy: make(chan struct{}, 1)}
	if q.HeedsProxyConnection {
		s.edit = heedProxyConnection
	}
	if q.OnExpect == "passes" {
		before := s.edit
		s.edit = func(head []byte) []byte { return unexpected(before(head)) }
	}
	return s
}

// read hands on what is ready, and takes more until something is.
func (s *screen) read(p []byte, take func([]byte) (int, error)) (int, error) {
	buffer := make([]byte, 4<<10)
	for len(s.ready) == 0 {
		n, err := take(buffer)
		s.feed(buffer[:n])
		if err != nil && len(s.ready) == 0 {
			return 0, err
		}
	}
	n := copy(p, s.ready)
	s.ready = s.ready[n:]
	return n, nil
}

func (s *screen) feed(p []byte) {
	for i := range p {
		if s.loses && len(s.busy) > 0 {
			return
		}
		s.step(p[i : i+1])
	}
}

// step takes one byte.
func (s *screen) step(b []byte) {
	if s.between() {
		s.head = append(s.head, b...)
		s.requests.feed(b)
		if len(s.requests.heads) == 0 {
			return
		}
		s.ready = append(s.ready, s.edit(s.head)...)
		s.requests.heads, s.head = nil, nil
	} else {
		s.requests.feed(b)
		s.ready = append(s.ready, b...)
	}
	if s.between() {
		s.mark()
	}
}

// between tells whether a head is being read, or nothing.
func (s *screen) between() bool { return s.requests.part == inHead && s.requests.skip == 0 }

func (s *screen) mark() {
	select {
	case s.busy <- struct{}{}:
	default:
	}
}

// answered tells that the answer to the request is out.
func (s *screen) answered() {
	if s == nil {
		return
	}
	select {
	case <-s.busy:
	default:
	}
}
