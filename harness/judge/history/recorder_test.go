package history

import (
	"slices"
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

// Within one instant the order of connections is not left to chance, and nothing
// else moves; times are whole slots.
func TestSlots(t *testing.T) {
	const slot = 10 * time.Microsecond
	r := NewRecorder(Budget{}, nil)
	r.Slots(slot)
	for _, e := range []struct {
		at   time.Duration
		from Vantage
		conn int
	}{
		{slot + 3, AtHop, 2}, {slot + 3, AtHop, 1}, {slot + 3, AtHop, 2}, {slot + 3, AtGateway, 0}, {slot + 3, AtHop, 1}, {slot + 1, AtHop, 3}, {2*slot - 1, AtHop, 1},
	} {
		r.RecordAt(r.Began().Add(e.at), Event{From: e.from, Conn: e.conn})
	}
	r.Close()
	r.Close()
	var conns []int
	for i, e := range r.Events() {
		conns = append(conns, e.Conn)
		if e.Seq != i+1 || e.At != slot {
			t.Errorf("event %d: number %d at %s", i, e.Seq, e.At)
		}
	}
	if want := []int{1, 2, 2, 0, 1, 3, 1}; !slices.Equal(conns, want) {
		t.Errorf("connections %v, want %v", conns, want)
	}
}
