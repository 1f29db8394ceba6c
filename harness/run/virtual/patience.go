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
	late     = 30              // a pause that took longer by this part of a silence was a standstill
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
	waited  time.Duration        // since then
	seen    []usage              // at each look since, or since nothing could run, ourselves included
}

// usage is what a process has had of processors since it began.
type usage struct {
	ran    time.Duration
	queued time.Duration // it was ready to run, and others ran
	ready  bool          // it is so now, which queued tells only in the end, or waits for a disk
}

// wanted is for how long it had something to do.
func (u usage) wanted() time.Duration { return u.ran + u.queued }

// newPatience begins with a word of a worker that has run for so long. There are thousands
// of words, and what waited takes many files to say: that is asked for when the worker is
// looked at.
func newPatience(silence time.Duration, ran time.Duration, used func() (usage, bool)) *patience {
	return &patience{silence: silence, used: used, word: ran}
}

// pause is how long it takes until the next look.
func (p *patience) pause() time.Duration { return p.silence / looks }

// ends looks at the worker after a pause without a word, which took so long, and reports
// whether it hangs.
func (p *patience) ends(took time.Duration) bool {
	now, known := p.used()
	if p.waited += took; took > p.pause()+p.silence/late {
		p.seen = nil // the machine stood still
	}
	p.seen = append(p.seen, now)
	looked := len(p.seen)
	switch {
	case known && now.ran-p.word >= p.silence/computes:
		return true
	case looked < looks && p.waited < 2*max(longest, p.silence): // not for ever, where each look comes late
		return false
	case !known || p.waited >= longest:
		return true
	}
	return !now.ready && now.wanted()-p.seen[looked-looks].wanted() < p.silence/waits
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
	queued, ready := queuedOf(pid)
	return usage{ran, queued, ready}, true
}

// ranBy is for how long a process has had a processor.
func ranBy(pid int) (ran time.Duration, known bool) {
	const user, system = 11, 12
	fields := fieldsOf(fmt.Sprintf("/proc/%d/stat", pid))
	if len(fields) <= system {
		return 0, false
	}
	u, err1 := strconv.ParseInt(fields[user], 10, 64)
	s, err2 := strconv.ParseInt(fields[system], 10, 64)
	return time.Duration(u+s) * clockTick, err1 == nil && err2 == nil
}

// queuedOf is for how long the threads of a process that there are were ready to run and
// did not: the second number of /proc/PID/task/TID/schedstat, in nanoseconds (Linux,
// Documentation/scheduler/sched-stats.rst), which grows when they run at last. ready reports
// whether one still waits for that, or for a disk (proc_pid_stat(5)).
func queuedOf(pid int) (sum time.Duration, ready bool) {
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*", pid)) // the pattern is well formed
	for _, task := range tasks {
		text, _ := os.ReadFile(filepath.Join(task, "schedstat")) // it may have ended
		if fields := strings.Fields(string(text)); len(fields) > 1 {
			n, _ := strconv.ParseInt(fields[1], 10, 64)
			sum += time.Duration(n)
		}
		state := fieldsOf(filepath.Join(task, "stat"))
		ready = ready || len(state) > 0 && (state[0] == "R" || state[0] == "D")
	}
	return sum, ready
}

// fieldsOf are those of a stat file from the state on, which is the first behind the name:
// that may have anything in it.
func fieldsOf(stat string) []string {
	text, _ := os.ReadFile(stat) // nothing of who has ended
	return strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
}
