package virtual

import (
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"testing"
	"time"
)

// What is in use for good raises the limit, and when it is gone the limit falls.
func TestBoundHeap(t *testing.T) {
	if os.Getenv("GOMEMLIMIT") != "" {
		t.Skip("GOMEMLIMIT is set")
	}
	t.Cleanup(func() {
		debug.SetMemoryLimit(math.MaxInt64)
		debug.SetGCPercent(100)
	})
	BoundHeap()
	becomes(t, func(limit int64) bool { return limit == usualHeap })
	much := make([]byte, 4*usualHeap)
	becomes(t, func(limit int64) bool { return limit > 5*usualHeap })
	runtime.KeepAlive(much)
	becomes(t, func(limit int64) bool { return limit == usualHeap })
}

// becomes collects until the limit fits.
func becomes(t *testing.T, fits func(limit int64) bool) {
	t.Helper()
	for end := time.Now().Add(3 * time.Minute); !fits(debug.SetMemoryLimit(-1)); runtime.Gosched() {
		if time.Now().After(end) {
			t.Fatalf("the limit stays at %d", debug.SetMemoryLimit(-1))
		}
		runtime.GC()
	}
}
