package proxies

// A faithful box keeps a client's connection open.
//
// Quirk `closes-after-answer announced|silently` (Quirks.ClosesAfterAnswer): it
// ends it after each answer, with `Connection: close` in the answer or without
// a word.

func (b *httpBox) closeSilently(client *downstream) {
	if b.spec.Quirks.ClosesAfterAnswer == silently {
		_ = client.Close() // the client may have been faster
	}
}
