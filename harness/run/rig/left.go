package rig

import (
	"runtime"
	"time"
)

// A goroutine that was told to end may take that long to be gone.
const (
	goneWithin = 2 * time.Second
	lookEvery  = 20 * time.Millisecond
)

// Left waits until no goroutine of this process runs code of a client under
// test, and says where one still does after two seconds: the stacks, empty if
// there is none. No run may be under way.
func Left() string {
	buffer := make([]byte, 1<<20)
	for began := time.Now(); ; {
		stacks := string(buffer[:runtime.Stack(buffer, true)])
		if where(stacks) == "" {
			return ""
		}
		if time.Since(began) > goneWithin {
			return stacks
		}
		<-time.After(lookEvery)
	}
}
