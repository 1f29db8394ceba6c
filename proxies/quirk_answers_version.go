package proxies

import "bytes"

// A faithful box answers a client in the client's version of HTTP.
//
// Quirk `answers-version 1.0|1.1` (Quirks.AnswersVersion): always in this one.
// With 1.0 there are no chunks, and the connection of an HTTP/1.1 client ends
// after each answer.

// withVersion puts a version in place of that in a status line or request
// line.
func withVersion(line, version string) string {
	at := bytes.Index([]byte(line), []byte("HTTP/1."))
	if at < 0 || version == "" {
		return line
	}
	return line[:at] + "HTTP/" + version + line[at+len("HTTP/1.0"):]
}
