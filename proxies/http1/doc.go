// Package http1 reads HTTP/1 messages byte for byte. It is the one reader of
// the project: observers, boxes, the gateway, probes and reports all ask it
// where a head ends, how long a body is and what a field says, so that no two
// of them disagree about a message.
//
// Head is a parsed head that remembers every byte: what is not edited is
// written back as it came, in its spelling, order and folding. Reader follows
// one direction of a connection, fed with pieces of any size; it says which
// bytes are head, body or chunk framing and where messages begin and end. It
// starts no goroutine and keeps none of the bytes that it is fed, but a copy of
// the head.
//
// # What is accepted
//
// The package observes, so it is lenient where peers in use are: lines may end
// in a bare line feed, blank lines may stand before a message, fields may be
// folded. Where two readings of a length are possible there is none: differing
// or malformed Content-Length fields, and a Transfer-Encoding that does not end
// in "chunked", leave a request without a body and let an answer end with its
// connection (RFC 9112, section 6.3). Content-Length yields to
// Transfer-Encoding, also in HTTP/1.0, where net/http passes the chunks on
// undecoded: other clients decode them. On all that both net/http and this
// package accept otherwise, they agree; a test compares them.
//
// It knows nothing of what messages mean. Whether an upgraded connection or a
// tunnel carries HTTP again is its user's to say (Reader.Abandon).
package http1
