package proxies

// A faithful box keeps the connection of an HTTP/1.0 client that asks for it by
// `Connection: keep-alive`.
//
// Quirk `closes-old` (Quirks.ClosesOld): it does so for clients of HTTP/1.1
// only; see decideKeepAlive.
