package upstream

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"time"

	"gauntlet/harness/msn/msnp"
)

// A dispatch server answers a USR with XFR n NS host:port (S6): sign in there.
// A client that speaks HTTP cannot: its gateway goes there for it, says again
// what the client had said, and keeps to itself what the client has heard
// already, up to the answer to that USR.

const (
	mostMoves = 4                // from server to server in one sign-in
	mostSaid  = 64 << 10         // bytes that can be said again
	moveTime  = 10 * time.Second // to reach the next server and to say it
)

// listening is a connection to the notification server which reads along, and
// which goes on to another server while the user signs in. One goroutine may
// read while another writes.
type listening struct {
	server *Server
	ctx    context.Context // ends with Close
	cancel context.CancelFunc

	mu       sync.Mutex
	conn     net.Conn // to the server of now
	said     []byte   // by the client, while it may have to be said again
	visited  []string // addresses
	signedIn bool

	// The reader's own.
	decoder  msnp.Decoder
	pending  []byte // was fed to it, and is no whole command yet
	ready    []byte // for the gateway
	version  string // of the protocol, which the client was told
	awaiting string // until a command with this number the client has heard all
	deaf     bool   // it was not MSNP
}

func (s *Server) listen(conn net.Conn) *listening {
	ctx, cancel := context.WithCancel(context.Background())
	return &listening{server: s, ctx: ctx, cancel: cancel, conn: conn, visited: []string{s.notification}, decoder: msnp.Decoder{From: msnp.Server}}
}

// Read reads what the server says and the client has not heard, unchanged.
func (l *listening) Read(p []byte) (int, error) {
	for len(l.ready) == 0 {
		n, err := l.current().Read(p)
		if wrong := l.hear(p[:n]); wrong != nil {
			l.server.log.Warn("upstream sends a client elsewhere, and it cannot be followed", "error", wrong)
			return 0, errors.Join(wrong, l.Close())
		}
		if err != nil {
			l.ready, l.pending = append(l.ready, l.pending...), nil // half a command
			if len(l.ready) == 0 {
				return 0, err
			}
		}
	}
	n := copy(p, l.ready)
	l.ready = l.ready[n:]
	return n, nil
}

// current is the connection of now.
func (l *listening) current() net.Conn {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.conn
}

// hear passes on what is for the client. What a server says behind the word
// that it sends the client away is not heard.
func (l *listening) hear(p []byte) error {
	if l.deaf {
		l.ready = append(l.ready, p...)
		return nil
	}
	l.decoder.Feed(p)
	l.pending = append(l.pending, p...)
	for {
		c, more, err := l.decoder.Next()
		if err != nil {
			l.server.log.Warn("upstream does not speak MSNP", "error", err)
			l.ready, l.pending, l.deaf, l.decoder = append(l.ready, l.pending...), nil, true, msnp.Decoder{}
			return nil
		}
		if !more {
			return nil
		}
		size := len(l.pending) - l.decoder.Buffered()
		raw := l.pending[:size]
		l.pending = l.pending[size:]
		if moved, err := l.command(c, raw); moved || err != nil {
			return err
		}
	}
}

// command looks at one command from the server; moved means that another server
// speaks from now on.
func (l *listening) command(c msnp.Command, raw []byte) (moved bool, err error) {
	if address := switchboard(c); address != "" {
		l.server.note(address)
	}
	switch {
	case c.Name == "XFR" && c.Arg(1) == "NS":
		return true, l.follow(c)
	case c.Name == "VER" && l.awaiting != "":
		if again := c.Arg(1); again != l.version {
			return false, fmt.Errorf("the next server agrees on %q, the first on %q", again, l.version)
		}
	case c.Name == "VER":
		l.version = c.Arg(1)
	case c.Name == "USR" && c.Arg(1) == "OK":
		l.signIn()
	}
	if l.awaiting != "" && c.Arg(0) != l.awaiting {
		return false, nil
	}
	l.awaiting = ""
	l.ready = append(l.ready, raw...)
	return false, nil
}

// signIn forgets what the client said: it holds for this server only.
func (l *listening) signIn() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.signedIn, l.said = true, nil
}

// follow goes to the server that an XFR names, and says there what the client
// had said.
func (l *listening) follow(xfr msnp.Command) error {
	address := xfr.Arg(2)
	if host, port, err := net.SplitHostPort(address); err != nil || host == "" || port == "" {
		return fmt.Errorf("XFR to %q, which is no host:port", address)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.signedIn:
		return fmt.Errorf("XFR to %q of a user who is signed in", address)
	case slices.Contains(l.visited, address):
		return fmt.Errorf("XFR to %s, which was asked already", address)
	case len(l.visited) > mostMoves:
		return fmt.Errorf("XFR to %s after %d others, which is the most that are followed (mostMoves)", address, mostMoves)
	case len(l.said) > mostSaid:
		return fmt.Errorf("XFR to %s of a client that has said more than %d bytes (mostSaid)", address, mostSaid)
	}
	next, err := l.move(address)
	if err != nil {
		return fmt.Errorf("XFR to %s: %w", address, err)
	}
	l.server.log.Info("upstream sends a client on", "address", address)
	_ = l.conn.Close() // it has nothing more to say
	l.conn, l.visited, l.awaiting = next, append(l.visited, address), xfr.Arg(0)
	l.decoder, l.pending = msnp.Decoder{From: msnp.Server}, nil
	return nil
}

// move connects to the next server and says what the client had said.
func (l *listening) move(address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(l.ctx, moveTime)
	defer cancel()
	conn, err := l.server.dial(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	_ = conn.SetWriteDeadline(time.Now().Add(moveTime)) // one without deadlines is closed in the end
	if _, err = conn.Write(l.said); err == nil {
		err = l.ctx.Err()
	}
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

// Write says something to the server of now.
func (l *listening) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.signedIn && len(l.said) <= mostSaid {
		l.said = append(l.said, p...)
	}
	return l.conn.Write(p)
}

// The rest is that of the server of now.

// LocalAddr is our end.
func (l *listening) LocalAddr() net.Addr { return l.current().LocalAddr() }

// RemoteAddr is the server's.
func (l *listening) RemoteAddr() net.Addr { return l.current().RemoteAddr() }

// SetDeadline is SetReadDeadline and SetWriteDeadline.
func (l *listening) SetDeadline(t time.Time) error { return l.current().SetDeadline(t) }

// SetReadDeadline holds for this server.
func (l *listening) SetReadDeadline(t time.Time) error { return l.current().SetReadDeadline(t) }

// SetWriteDeadline holds for this server.
func (l *listening) SetWriteDeadline(t time.Time) error { return l.current().SetWriteDeadline(t) }

// Close ends the connection, and the way to the next.
func (l *listening) Close() error {
	l.cancel()
	return l.current().Close()
}

// switchboard is the address in XFR n SB address CKI ticket and in RNG session
// address CKI ticket who nick, empty in all others.
func switchboard(c msnp.Command) string {
	switch {
	case c.Name == "XFR" && c.Arg(1) == "SB":
		return c.Arg(2)
	case c.Name == "RNG":
		return c.Arg(1)
	}
	return ""
}
