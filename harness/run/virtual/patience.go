package virtual

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// Of a worker that says nothing.
const (
	looks    = 5               // how often in a silence it is looked at
	waits    = 100             // it used less than this part of a silence in one: it waits, and for ever
	computes = 3               // it used this part of a silence since its last word: it computes without end
	longest  = 5 * time.Minute // no longer, but where a silence is longer itself
)

// patience tells a worker that hangs from one that works, but hardly gets a processor:
// on a busy machine what takes seconds can take minutes. Where nobody says what the worker
// has used, a silence is a hang.
type patience struct {
	silence time.Duration
	used    func() (time.Duration, bool) // on processors, by the worker; false: not known
	seen    []time.Duration              // used at the last word, and at each look since
}

func newPatience(silence time.Duration, used func() (time.Duration, bool)) *patience {
	now, _ := used()
	return &patience{silence: silence, used: used, seen: []time.Duration{now}}
}

// pause is how long it takes until the next look.
func (p *patience) pause() time.Duration { return p.silence / looks }

// waited is for how long nothing was said.
func (p *patience) waited() time.Duration { return time.Duration(len(p.seen)-1) * p.pause() }

// ends looks at the worker after a pause without a word, and reports whether it hangs.
func (p *patience) ends() bool {
	now, known := p.used()
	p.seen = append(p.seen, now)
	looked := len(p.seen) - 1
	switch {
	case known && now-p.seen[0] >= p.silence/computes:
		return true
	case looked < looks:
		return false
	}
	return !known || p.waited() >= longest || now-p.seen[looked-looks] < p.silence/waits
}

// clockTick is the unit of the times in /proc/PID/stat (proc_pid_stat(5)); it is the
// same on all machines.
const clockTick = 10 * time.Millisecond

// processorTime is what a process has used. Only Linux tells.
func processorTime(pid int) (time.Duration, bool) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, false
	}
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:])) // a name may have anything in it
	const user, system = 11, 12                                               // from the state on, which is the first behind the name
	if len(fields) <= system {
		return 0, false
	}
	u, err1 := strconv.ParseInt(fields[user], 10, 64)
	s, err2 := strconv.ParseInt(fields[system], 10, 64)
	return time.Duration(u+s) * clockTick, err1 == nil && err2 == nil
}
