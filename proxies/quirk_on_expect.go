package proxies

import (
	"bytes"
	"net/http"
	"time"
)

// A faithful box answers `Expect: 100-continue` itself and passes it on as well.
//
// Quirk `on-expect passes|answers` (Quirks.OnExpect): it only passes it on, and
// the client waits for the server's word; or it only answers it, and the server
// never knows.

// unexpected is the head of a request in which net/http finds no expectation
// that it would answer.
func unexpected(head []byte) []byte {
	var out []byte
	for line := range bytes.Lines(head) {
		if name := "expect:"; len(line) < len(name) || !bytes.EqualFold(line[:len(name)], []byte(name)) {
			out = append(out, line...)
		}
	}
	return out
}

// expect says upstream what the quirk wants said.
func (q *Quirks) expect(h http.Header, original *head) {
	switch q.OnExpect {
	case "passes":
		passField(h, original, "Expect")
	case "answers":
		delete(h, "Expect")
	}
}

// expectPatience is for how long the body is withheld upstream when the server
// says nothing; zero sends it at once.
func (q *Quirks) expectPatience() time.Duration {
	if q.OnExpect == "passes" {
		return time.Second
	}
	return 0
}
