package history

import "time"

// Hops is how many hops were seen: 1 where the client talks to the gateway
// itself, 0 where nothing connected at all.
func Hops(events []Event) int {
	hops := 0
	for i := range events {
		if e := &events[i]; e.From == AtHop {
			hops = max(hops, e.Hop+1)
		}
	}
	return hops
}

// Epoch is when a run began for formats that want a date: times in a history
// count from the run's beginning, and virtual time begins in the year 2000.
func Epoch() time.Time { return time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) }
