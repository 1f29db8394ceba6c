package proxies

import (
	"runtime"
	"strings"
	"testing"
	"time"
)

// noLeaks fails the test if goroutines of this package outlive it.
func noLeaks(t testing.TB) {
	t.Cleanup(func() {
		var left string
		for range 200 {
			if left = ours(); left == "" {
				return
			}
			runtime.Gosched()
			<-time.After(5 * time.Millisecond)
		}
		t.Errorf("goroutines left:\n%s", left)
	})
}

// ours is the stacks of goroutines that boxes and net/http started.
func ours() string {
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	var left []string
	for _, s := range strings.Split(string(stacks), "\n\n") {
		if strings.Contains(s, "net/http.") || strings.Contains(s, "gauntlet/proxies.(*") || strings.Contains(s, "gauntlet/proxies/network.Splice") || strings.Contains(s, "gauntlet/proxies/network.Lend") {
			left = append(left, s)
		}
	}
	return strings.Join(left, "\n\n")
}
