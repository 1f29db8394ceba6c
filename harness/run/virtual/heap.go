package virtual

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// usualHeap is the memory limit of a process, in bytes and without its code, as long as
// that suffices.
const usualHeap = 64 << 20

// grows is by how many per cent a heap may grow until it is collected, as long as the limit
// is far: most processes of ours have little that lives, and end soon.
const grows = 400

// restOfRuntime is what the Go runtime takes beside the heap, in bytes: stacks, and its own
// records of the heap.
const restOfRuntime = 16 << 20

// BoundHeap bounds the memory of this process: otherwise a heap that was large for a moment
// may later grow to several times that. A process that keeps needing more gets it, with
// room for a third more, so that it does not collect all the time. Below the bound it collects
// seldom. What GOMEMLIMIT or GOGC says, if it is set, is left as it is.
func BoundHeap() {
	if os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(grows)
	}
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	var bound func(*sentinel)
	bound = func(s *sentinel) {
		metrics.Read(live)
		debug.SetMemoryLimit(limitFor(int64(live[0].Value.Uint64())))
		runtime.SetFinalizer(s, bound) // runs after each collection, as bound sets it again
	}
	bound(&sentinel{})
}

// limitFor is the limit where so many bytes were in use after a collection.
func limitFor(live int64) int64 { return max(usualHeap, live+live/3+restOfRuntime) }

// sentinel is unreachable as soon as it is made.
type sentinel struct{ _ *sentinel }
