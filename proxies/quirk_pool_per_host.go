package proxies

// A faithful box keeps every connection that it ever needed at once to a
// server, shared by all its clients.
//
// Quirk `pool-per-host N` (Quirks.PoolPerHost): N idle ones at most; two is
// net/http's own habit.

func (q Quirks) idlePerHost() int {
	const plenty = 10000
	if q.PoolPerHost > 0 {
		return q.PoolPerHost
	}
	return plenty
}
