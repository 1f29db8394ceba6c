package messenger

import (
	"errors"
	"log/slog"
	"net"
	"sync"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/msn/msnp"
	"gauntlet/proxies/network"
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

// enqueue hands data to the writer; it never blocks. A client that lets too
// much pile up is cut off: nobody else may wait for it.
func (l *link) enqueue(data []byte) {
	if l.queue.put(data) {
		return
	}
	l.log.Warn("client reads too slowly", "limit", l.queue.limit)
	_ = l.conn.Close() // the reader reports the end
}

// finish lets the writer hang up when it has written what is queued.
func (l *link) finish() {
	_ = l.conn.SetWriteDeadline(time.Now().Add(farewell)) // without deadlines, Close would merely wait
	l.queue.finish()
}

// write sends what is queued until the link finishes or is gone.
func (l *link) write() {
	for {
		select {
		case <-l.gone:
			return
		case <-l.queue.wake:
		}
		data, last := l.queue.take()
		if !l.put(data) {
			return
		}
		if last {
			l.hangUp()
			return
		}
	}
}

// put writes data; false means that the connection is no more.
func (l *link) put(data []byte) bool {
	if len(data) == 0 {
		return true
	}
	_, err := l.conn.Write(data)
	if err != nil {
		l.log.Debug("write", "error", err)
		_ = l.conn.Close() // the reader reports the end
	}
	return err == nil
}

// hangUp closes our direction and gives the client a moment to close its own;
// a connection that cannot do that, or a messenger in a hurry, just closes.
func (l *link) hangUp() {
	half, can := l.conn.(network.CloseWriter)
	if can && !l.m.closing() && half.CloseWrite() == nil {
		if l.conn.SetReadDeadline(time.Now().Add(farewell)) == nil && l.stays() {
			return
		}
	}
	_ = l.conn.Close() // the reader reports the end
}

// stays waits out the farewell, unless the client or the messenger ends it
// sooner; it tells that the reader has ended.
func (l *link) stays() bool {
	select {
	case <-l.gone:
		return true
	case <-l.m.done:
		return false
	}
}

// refuse answers c with an error.
func (l *link) refuse(c msnp.Command, code msnp.Code) {
	trid, _ := c.TrID()
	l.log.Debug("refused", "user", l.user, "command", c.String(), "error", code.String())
	l.send(code.Reply(trid))
}

// origin is the client's address as its profile shows it; behind the gateway
// the port is 0 (S19), and the address the gateway's.
func (l *link) origin() (ip, port string) {
	ip, port, err := net.SplitHostPort(l.conn.RemoteAddr().String())
	if err != nil || net.ParseIP(ip) == nil {
		ip, port = "0.0.0.0", "0" // an in-memory pair has no address
	}
	if l.http {
		port = "0"
	}
	return ip, port
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

// put appends data; false means that the queue is full, or was.
func (q *queue) put(data []byte) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.burst || len(q.bytes)+len(data) > q.limit {
		q.burst = true
		return false
	}
	q.bytes = append(q.bytes, data...)
	q.signal()
	return true
}

func (q *queue) finish() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.last = true
	q.signal()
}

func (q *queue) take() (data []byte, last bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	data, q.bytes = q.bytes, nil
	return data, q.last
}

func (q *queue) isBurst() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.burst
}

func (q *queue) signal() {
	select {
	case q.wake <- struct{}{}:
	default: // the writer has been woken already
	}
}
