// Package msnp is the grammar of the MSN Messenger protocol: one command per
// line, some followed by a payload of counted bytes, and the few encodings
// that stand inside them (nicknames, MIME messages, the challenge).
//
// It reads a byte stream, so it does not care how an HTTP gateway cut that
// stream into bodies. It deliberately knows nothing of connections, sessions,
// HTTP, or the order in which commands make sense: the messenger and the
// clients know that. It starts no goroutines and holds no state besides a
// Decoder's unread bytes. The gateway, the messenger, the clients and the
// oracles import it.
package msnp
