package proxies

// A faithful box tells its client that the next hop failed.
//
// Quirk `cuts always|fresh|reused` (Quirks.Cuts): when the server drops the
// connection the client's connection is closed as well, without a word: in any
// case, or only where the connection upstream was a fresh one, or one that had
// served before. A server that cannot be reached, or is too slow, is told as
// ever, and so is a cut in the head of an answer if failure-in-head says how.

func (b *httpBox) cuts(x *exchange, err error) bool {
	q := &b.spec.Quirks
	if isRefused(err) || isTimeout(err) || x.began.Load() && q.FailureInHead != 0 {
		return false
	}
	switch q.Cuts {
	case "always":
		return true
	case "fresh":
		return !x.reused.Load()
	case "reused":
		return x.reused.Load()
	}
	return false
}
