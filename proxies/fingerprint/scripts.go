package fingerprint

import "net"

// script is what the origin says to a request, and how it ends the connection;
// nil keeps it.
type script struct {
	says string
	then string // a moment later
	end  func(net.Conn)
	once bool // a repeat of the request is answered
}

const (
	body20 = "12345678901234567890"
	// answerHead is the origin's ordinary answer. Its names are in a case of
	// their own, and the box is told to keep the connection.
	answerHead = "HTTP/1.1 200 OK\r\nServer: origin\r\nx-MIXED-Case: 1\r\nConnection: keep-alive\r\nContent-Length: 20\r\n\r\n"
	inHead     = "HTTP/1.1 200 OK\r\nServer: ori"
	longHead   = "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n"
	chunkHead  = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	chunk      = "14\r\n" + body20 + "\r\n"
)

// scripts are the origin's, by the last word of the target.
func scripts() map[string]script {
	return map[string]script{
		"answer":     {says: answerHead + body20},
		"tunnel":     {says: "HTTP/1.1 200 OK\r\n\r\n"}, // no body: what follows is the tunnel's (RFC 9110, 9.3.6)
		"before-FIN": {end: finish, once: true},
		"before-RST": {end: reset, once: true},
		"head-FIN":   {says: inHead, end: finish, once: true},
		"head-RST":   {says: inHead, end: reset, once: true},
		"body-FIN":   {says: longHead, then: body20, end: finish, once: true},
		"body-RST":   {says: longHead, then: body20, end: reset, once: true},
		"always-FIN": {end: finish},
		"chunks-FIN": {says: chunkHead, then: chunk, end: finish},
		"old":        {says: "HTTP/1.0 200 OK\r\n\r\n", then: body20, end: finish},
		"chunked":    {says: chunkHead, then: chunk + "0\r\n\r\n"},
		"continue":   {says: "HTTP/1.1 100 Continue\r\n\r\n" + answerHead + body20},
		"silent":     {},
	}
}
