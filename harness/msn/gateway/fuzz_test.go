package gateway

import (
	"io"
	"net"
	"reflect"
	"sync"
	"testing"
	"time"
)

// FuzzHandler throws bytes at a connection, after an open so that ids exist.
// The gateway must neither crash nor hang, and must end clean.
func FuzzHandler(f *testing.F) {
	id := newIssuer(1, nil, Dialect{}).id(1, 1)
	f.Add([]byte(openRequest), 1000)
	f.Add([]byte(pollRequest(id)+"\r\n\r\n"+pollRequest(id)), 7)
	f.Add([]byte("POST /gateway/gateway.dll?SessionID="+id+" HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nPNG\r\n0\r\n\r\n"), 1)
	f.Add([]byte("POST http://h/gateway/gateway.dll?SessionID="+id+"&Lifespan=3 HTTP/1.0\r\nContent-Length: 5\r\n\r\nOUT\r\n"), 50)
	f.Fuzz(func(t *testing.T, data []byte, piece int) {
		g := New(Options{Dial: echo, Seed: 1, Limits: Limits{Body: 1 << 12, BodyTime: time.Second}})
		l := &given{conns: make(chan net.Conn, 2), done: make(chan struct{})}
		var wg sync.WaitGroup
		wg.Go(func() { _ = g.Serve(l) })
		for _, bytes := range [][]byte{[]byte(openRequest), data} {
			c := &script{rest: bytes, piece: max(piece, 1), over: make(chan struct{})}
			l.conns <- c
			select {
			case <-c.over:
			case <-time.After(20 * time.Second):
				t.Fatal("the gateway hangs")
			}
		}
		if err := g.Close(); err != nil {
			t.Fatal(err)
		}
		wg.Wait()
	})
}

// FuzzLane: how the bytes are cut into reads makes no difference.
func FuzzLane(f *testing.F) {
	f.Add([]byte("\r\n"+openRequest+"\r\n"+openRequest), 3)
	f.Add([]byte("POST / HTTP/1.1\nTransfer-Encoding: chunked\n\n3\nabc\n0\n\n\n\nPOST / HTTP/1.1\n\n\x16\x03"), 1)
	f.Add([]byte("POST / HTTP/1.1\ncontent-length : 3\n\nabc\n\nPOST"), 1)
	f.Fuzz(func(t *testing.T, data []byte, piece int) {
		var whole, parts lane
		whole.feed(data)
		for rest := data; len(rest) > 0; {
			n := min(max(piece, 1), len(rest))
			parts.feed(rest[:n])
			rest = rest[n:]
		}
		if !reflect.DeepEqual(whole.arrived, parts.arrived) || whole.last.differs != parts.last.differs || whole.requests.State() != parts.requests.State() {
			t.Fatalf("%q\nat once  %+v %v\nin parts %+v %v", data, whole.arrived, whole.requests.State(), parts.arrived, parts.requests.State())
		}
	})
}

// script is a connection whose client has said what it has to say.
type script struct {
	net.Conn
	mu    sync.Mutex
	rest  []byte
	piece int
	once  sync.Once
	over  chan struct{}
}

func (s *script) Read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p, s.rest[:min(s.piece, len(s.rest))])
	s.rest = s.rest[n:]
	return n, nil
}

func (s *script) Write(p []byte) (int, error)      { return len(p), nil }
func (s *script) Close() error                     { s.once.Do(func() { close(s.over) }); return nil }
func (s *script) CloseWrite() error                { return nil }
func (s *script) SetDeadline(time.Time) error      { return nil }
func (s *script) SetReadDeadline(time.Time) error  { return nil }
func (s *script) SetWriteDeadline(time.Time) error { return nil }
func (s *script) RemoteAddr() net.Addr             { return &net.TCPAddr{} }
func (s *script) LocalAddr() net.Addr              { return &net.TCPAddr{} }

// given is a listener that hands out connections made elsewhere.
type given struct {
	conns chan net.Conn
	once  sync.Once
	done  chan struct{}
}

func (l *given) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *given) Close() error   { l.once.Do(func() { close(l.done) }); return nil }
func (l *given) Addr() net.Addr { return &net.TCPAddr{} }
