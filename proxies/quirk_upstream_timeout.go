package proxies

import "time"

// defaultTimeout is what a faithful box grants a dial, and an answer until it
// begins: longer than any poll that a server holds back.
const defaultTimeout = 2 * time.Minute

// Quirk `upstream-timeout D` (Quirks.UpstreamTimeout): another time. What takes
// longer ends in a 504.

func (q Quirks) timeout() time.Duration {
	if q.UpstreamTimeout > 0 {
		return q.UpstreamTimeout
	}
	return defaultTimeout
}
