package virtual

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Of a worker that says nothing.
const (
	looks    = 6               // how often in a silence it is looked at
	waits    = 100             // from the first to the last of so many looks it wanted a processor for less than this part of a silence: it waits, and for ever
	computes = 3               // it used this part of a silence since its last word: it computes without end
	longest  = 5 * time.Minute // no longer, but where a silence is longer itself
)

// patience tells a worker that hangs from one that works, but hardly gets a processor:
// on a busy machine what takes seconds can take minutes. Where nobody says what the worker
// has used, a silence is a hang.
type patience struct {
	silence time.Duration
	used    func() (usage, bool) // by the worker; false: not known
	word    time.Duration        // what it had used at its last word
	seen    []usage              // at each look since
}

// usage is what a process has had of processors since it began.
type usage struct {
	ran    time.Duration
	queued time.Duration // it was ready to run, and others ran
}

// wanted is for how long it had something to do.
func (u usage) wanted() time.Duration { return u.ran + u.queued }

// newPatience begins with a word. There are thousands, and what waited takes many files to
// say: that is asked for when the worker is looked at.
func newPatience(silence time.Duration, ran time.Duration, used func() (usage, bool)) *patience {
	return &patience{silence: silence, used: used, word: ran}
}

// pause is how long it takes until the next look.
func (p *patience) pause() time.Duration { return p.silence / looks }

// waited is for how long nothing was said.
func (p *patience) waited() time.Duration { return time.Duration(len(p.seen)) * p.pause() }

// ends looks at the worker after a pause without a word, and reports whether it hangs.
func (p *patience) ends() bool {
	now, known := p.used()
	p.seen = append(p.seen, now)
	looked := len(p.seen)
	switch {
	case known && now.ran-p.word >= p.silence/computes:
		return true
	case looked < looks:
		return false
	}
	return !known || p.waited() >= longest || now.wanted()-p.seen[looked-looks].wanted() < p.silence/waits
}

// clockTick is the unit of the times in /proc/PID/stat (proc_pid_stat(5)); it is the
// same on all machines.
const clockTick = 10 * time.Millisecond

// usageOf is that of a process. Only Linux tells, and of what waited not each kernel.
func usageOf(pid int) (usage, bool) {
	ran, known := ranBy(pid)
	if !known {
		return usage{}, false
	}
	return usage{ran, queuedOf(pid)}, true
}

// ranBy is for how long a process has had a processor.
func ranBy(pid int) (ran time.Duration, known bool) {
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

// queuedOf is for how long the threads of a process that there are were ready to run and
// did not: the second number of /proc/PID/task/TID/schedstat, in nanoseconds (Linux,
// Documentation/scheduler/sched-stats.rst).
func queuedOf(pid int) (sum time.Duration) {
	files, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid)) // the pattern is well formed
	for _, file := range files {
		text, _ := os.ReadFile(file) // it may have ended
		if fields := strings.Fields(string(text)); len(fields) > 1 {
			n, _ := strconv.ParseInt(fields[1], 10, 64)
			sum += time.Duration(n)
		}
	}
	return sum
}
