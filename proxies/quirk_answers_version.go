package proxies

import (
	"bytes"
	"strings"
)

// A faithful box answers a client in the client's version of HTTP.
//
// Quirk `answers-version 1.0|1.1|server` (Quirks.AnswersVersion): always in this
// one, or in that of the server's answer; its own pages are HTTP/1.1 then. With
// 1.0 there are no chunks, and the connection of an HTTP/1.1 client ends after
// each answer.

// fromServer is the version that the server's answer has.
const fromServer = "server"

// answersVersion is the version for an answer of that status line.
func (q *Quirks) answersVersion(statusLine string) string {
	if q.AnswersVersion != fromServer {
		return q.AnswersVersion
	}
	if strings.HasPrefix(statusLine, "HTTP/1.0 ") {
		return "1.0"
	}
	return "1.1"
}

// withVersion puts a version in place of that in a status line or request
// line.
func withVersion(line, version string) string {
	at := bytes.Index([]byte(line), []byte("HTTP/1."))
	if at < 0 || version == "" {
		return line
	}
	return line[:at] + "HTTP/" + version + line[at+len("HTTP/1.0"):]
}
