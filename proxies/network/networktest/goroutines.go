package networktest

import (
	"regexp"
	"runtime"
	"strings"
)

// InThisBubble is how many goroutines there are in the caller's synctest bubble:
// those of other tests, and of what runs the tests, come and go as they like.
func InThisBubble() (n int) {
	stacks := strings.Split(string(allStacks()), "\n\n") // the caller's comes first
	bubble := regexp.MustCompile(`synctest bubble \d+\b`).FindString(stacks[0])
	for _, stack := range stacks {
		first, _, _ := strings.Cut(stack, "\n")
		if strings.HasSuffix(strings.TrimSuffix(first, "]:"), bubble) {
			n++
		}
	}
	return n
}

// allStacks are those of all goroutines, whole.
func allStacks() []byte {
	for size := 1 << 20; ; size *= 2 {
		buffer := make([]byte, size)
		if n := runtime.Stack(buffer, true); n < size {
			return buffer[:n]
		}
	}
}
