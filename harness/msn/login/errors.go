package login

import (
	"log"
	"log/slog"
	"strings"
)

// ErrorLog is what a server of these services reports failed handshakes to: it
// says what to do about them.
func ErrorLog(to *slog.Logger) *log.Logger { return log.New(&complaints{to}, "", 0) }

type complaints struct{ to *slog.Logger }

// Write takes one line of net/http's.
func (c *complaints) Write(line []byte) (int, error) {
	text := strings.TrimSpace(string(line))
	_, why, isTLS := strings.Cut(text, "TLS handshake error from ")
	if isTLS {
		text = "a client does not agree on TLS with the login services: " + handshakeRemedy(why)
	}
	c.to.Warn(text, "why", why)
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
