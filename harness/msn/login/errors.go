package login

import (
	"log"
	"strings"

	"gauntlet/harness/judge/history"
)

// ErrorLog is what a server of these services reports failed handshakes to: the
// logger hears what to do about them.
func (h *Handler) ErrorLog() *log.Logger { return log.New(complaints{h}, "", 0) }

type complaints struct{ *Handler }

// Write takes one line of net/http's.
func (c complaints) Write(line []byte) (int, error) {
	text := strings.TrimSpace(string(line))
	_, why, isTLS := strings.Cut(text, "TLS handshake error from ")
	if !isTLS {
		c.log.Warn(text)
		return len(line), nil
	}
	if _, after, has := strings.Cut(why, ": "); has {
		why = after // the client's address
	}
	remedy := handshakeRemedy(why)
	c.log.Warn("a client does not agree on TLS with the login services: "+remedy, "why", why)
	c.observe(history.Event{Kind: history.HandshakeFailed, Text: why, How: remedy})
	return len(line), nil
}

func handshakeRemedy(why string) string {
	switch {
	case strings.Contains(why, "HTTP request") || strings.Contains(why, "does not look like a TLS handshake"):
		return "they are reached by https:// only"
	case strings.Contains(why, "unsupported versions") || strings.Contains(why, "no cipher suite"):
		return "it knows nothing newer than SSL 3.0, which is not spoken here"
	}
	return "have it trust the certificate" // others hang up without a word
}
