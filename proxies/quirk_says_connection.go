package proxies

// A faithful box sends no Connection field upstream: HTTP/1.1 keeps connections
// without being asked.
//
// Quirk `says-connection WORD` (Quirks.SaysConnection): this one; `close` also
// ends the connection after the answer. See sign.
