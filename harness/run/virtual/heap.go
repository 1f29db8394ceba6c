package virtual

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// usualHeap is what a process of ours has of the system's memory, beside its own
// code, as long as it can do with that; in bytes.
const usualHeap = 64 << 20

// restOfRuntime is what the Go runtime has beside the heap: stacks, and what it
// knows of the heap.
const restOfRuntime = 16 << 20

// BoundHeap bounds the memory of this process: a heap that was larger once, for a
// moment, would else be let grow to several times that. A process that needs more
// for good gets it, with room for a third more, for it would be kept busy collecting
// otherwise. What GOMEMLIMIT says goes before.
func BoundHeap() {
	if os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	var bound func(*sentinel)
	bound = func(s *sentinel) {
		metrics.Read(live)
		debug.SetMemoryLimit(limitFor(int64(live[0].Value.Uint64())))
		runtime.SetFinalizer(s, bound) // it runs after the next collection, and so after each
	}
	bound(&sentinel{})
}

// limitFor is the limit where so many bytes were in use after a collection.
func limitFor(live int64) int64 { return max(usualHeap, live+live/3+restOfRuntime) }

// sentinel is unreachable as soon as it is made.
type sentinel struct{ _ *sentinel }
