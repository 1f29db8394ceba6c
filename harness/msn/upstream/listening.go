package upstream

import (
	"net"

	"gauntlet/harness/msn/msnp"
)

// listening is a connection to the notification server which reads along.
type listening struct {
	net.Conn
	server  *Server
	decoder msnp.Decoder
	deaf    bool // it was not MSNP
}

// Read reads what the server says, to the gateway unchanged.
func (l *listening) Read(p []byte) (int, error) {
	n, err := l.Conn.Read(p)
	if n > 0 && !l.deaf {
		l.hear(p[:n])
	}
	return n, err
}

func (l *listening) hear(p []byte) {
	l.decoder.Feed(p)
	for {
		c, more, err := l.decoder.Next()
		if err != nil {
			l.deaf, l.decoder = true, msnp.Decoder{}
			l.server.log.Warn("upstream does not speak MSNP", "error", err)
		}
		if err != nil || !more {
			return
		}
		if address := switchboard(c); address != "" {
			l.server.note(address)
		}
	}
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
