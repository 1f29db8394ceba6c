package messenger

import (
	"errors"
	"log/slog"
	"net"
	"sync"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/msn/msnp"
)

// session is what a connection means: a client of one of the two servers. Its
// methods are called with the messenger's mutex held.
type session interface {
	// command works on one command.
	command(c msnp.Command)
	// lost hears that the connection is gone; text says how.
	lost(text string)
	// close ends the session for text, telling a signed-in client last.
	close(last msnp.Command, text string)
}

// link is one connection and its two goroutines.
type link struct {
	m       *Messenger
	conn    net.Conn
	server  string // NS or SB
	number  int    // from 1, both servers together
	http    bool
	log     *slog.Logger
	decoder msnp.Decoder
	session session

	// Guarded by the messenger's mutex.
	user string // whose it is, once known
	over bool   // nothing more is read or sent

	queue queue
	gone  chan struct{} // closed when the reader has ended
}

func newLink(m *Messenger, conn net.Conn, server string, number int, http bool) *link {
	return &link{
		m: m, conn: conn, server: server, number: number, http: http,
		log:     m.log.With("server", server, "connection", number),
		decoder: msnp.Decoder{From: msnp.Client},
		queue:   queue{limit: m.options.MaxQueued, wake: make(chan struct{}, 1)},
		gone:    make(chan struct{}),
	}
}

// read works on what the client sends until the connection ends. After the
// session is over it goes on reading, so that closing doesn't reset the
// connection under the last bytes sent.
func (l *link) read() {
	buf := make([]byte, 4<<10)
	for {
		n, err := l.conn.Read(buf)
		if n > 0 {
			l.feed(buf[:n])
		}
		if err != nil {
			l.ended(err)
			return
		}
	}
}

func (l *link) feed(p []byte) {
	l.decoder.Feed(p)
	for l.step() {
		l.m.pace()
	}
}

// step works on the next complete command; false means that there is none.
func (l *link) step() (more bool) {
	c, ok, err := l.decoder.Next()
	if !ok && err == nil {
		return false
	}
	raw := append([]byte{}, l.decoder.Raw()...)
	l.m.do(func() {
		switch {
		case l.over:
			l.decoder = msnp.Decoder{} // what follows is of no interest
		case err != nil:
			l.log.Warn("not MSNP", "error", err)
			l.session.lost("garbage")
			l.end()
		default:
			more = true
			l.observe(history.Event{Kind: history.Command, Data: raw})
			l.session.command(c)
		}
	})
	return more
}

func (l *link) observe(e history.Event) {
	e.User, e.Server, e.Conn = l.user, l.server, l.number
	l.m.observe(e)
}

// send queues a command for the client; the mutex is held.
func (l *link) send(c msnp.Command) {
	if l.over {
		return
	}
	data := c.Bytes()
	l.observe(history.Event{Kind: history.Sent, Data: data})
	l.m.later(func() { l.enqueue(data) })
}

// end hangs up once everything sent so far has gone out; the mutex is held.
func (l *link) end() {
	if l.over {
		return
	}
	l.over = true
	l.m.later(l.finish)
}

// ended is the reader's last act.
func (l *link) ended(err error) {
	text := "lost"
	if l.queue.isBurst() {
		text = "too slow"
	}
	l.log.Debug("connection ended", "how", text, "error", err)
	l.m.do(func() {
		if !l.over {
			l.over = true
			l.session.lost(text)
		}
		delete(l.m.links, l)
	})
	close(l.gone)
	if err := l.conn.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		l.log.Debug("close", "error", err)
	}
}

// queue is the bytes that wait for a connection's writer.
type queue struct {
	limit int
	wake  chan struct{} // holds a token when there is something to do

	mu    sync.Mutex
	bytes []byte
	last  bool // hang up after these
	burst bool // the limit was passed
}
