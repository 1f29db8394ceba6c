package history

import (
	"testing"
	"time"
)

// recorded is how many of n events, each gap after the last, were recorded, and
// at which of them the budget was spent; 0: never.
func recorded(b Budget, n int, gap time.Duration) (kept, over int) {
	calls := 0
	var r *Recorder
	r = NewRecorder(b, func() { calls, over = calls+1, r.Len() })
	for i := range n {
		r.RecordAt(r.Began().Add(time.Duration(i)*gap), Event{})
	}
	if calls > 1 {
		over = -calls
	}
	return r.Len(), over
}

func TestBudget(t *testing.T) {
	for _, c := range []struct {
		name       string
		budget     Budget
		n          int
		gap        time.Duration
		kept, over int
	}{
		{"no end", Budget{}, 1000, 0, 1000, 0},
		{"within it", Budget{100, 10}, 100, 0, 100, 0},
		{"a storm", Budget{100, 10}, 1000, 0, 200, 101},
		{"slow for ever", Budget{100, 10}, 100_000, 100 * time.Millisecond, 100_000, 0},
		{"a little too fast", Budget{100, 10}, 1500, 90 * time.Millisecond, 1500, 992},
	} {
		if kept, over := recorded(c.budget, c.n, c.gap); kept != c.kept || over != c.over {
			t.Errorf("%s: kept %d, over at %d; want %d, %d", c.name, kept, over, c.kept, c.over)
		}
	}
}
