package child

import (
	"fmt"
	"os/exec"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/run/adapter"
	"gauntlet/proxies/confine"
	"gauntlet/proxies/netns"
)

// The patience with a process.
const (
	grace       = 2 * time.Second        // until it ends by itself, or is gone
	outputGrace = time.Second            // until its output ends after it: a child may hold it open
	aftermath   = 500 * time.Millisecond // until what it has started ends after it
	lookEvery   = 20 * time.Millisecond
	boundsEvery = 200 * time.Millisecond
)

// process is a client that runs, with all that it starts.
type process struct {
	cmd    *exec.Cmd
	mark   string
	log    *log
	census *census       // of what the file's clients have left behind
	done   chan struct{} // closed when it has ended and its output was read

	asked atomic.Pointer[time.Time] // when it was first sent SIGTERM; nil before
	group *confine.Group            // nil where there is none
	why   string                    // the group's limit that it reached; empty if none; read it only after done
}

// start starts cmd where the setup wants it. Its output is copied to where the
// caller has set it to, and what it says on stderr to the log.
func start(s adapter.Setup, cmd *exec.Cmd, mark string, l *log, c *census) (*process, error) {
	p := &process{cmd: cmd, mark: mark, log: l, census: c, done: make(chan struct{})}
	group, err := confine.NewGroup("gauntlet-" + mark)
	if err != nil {
		fmt.Fprintf(l, "gauntlet: its memory and processes have no common limit, only the limits of each process: %v\n", err)
	} else if group != nil {
		p.group, cmd.Env = group, append(cmd.Environ(), groupVariable+"="+group.Folders())
	}
	cmd.Stderr, cmd.WaitDelay = l, outputGrace
	ownGroup(cmd)
	begin := s.Start
	if begin == nil {
		dieWithUs(cmd)
		begin = netns.Confined
	}
	started := make(chan error, 1)
	go p.run(begin, started)
	if err := <-started; err != nil {
		_ = p.group.Close() // it may never have been joined
		return nil, fmt.Errorf("start the client: %w", err)
	}
	go p.watch()
	return p, nil
}

// run stays on the thread that forks as long as the process lives: see
// dieWithUs.
func (p *process) run(begin func(*exec.Cmd) error, started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := begin(p.cmd)
	started <- err
	if err == nil {
		_ = p.cmd.Wait() // ProcessState says the same
		p.why = p.group.Exceeded()
		close(p.done)
	}
}

// watch kills it and all that it started when they reach a limit of their group.
func (p *process) watch() {
	look := time.NewTicker(boundsEvery)
	defer look.Stop()
	for p.group.Exceeded() == "" {
		select {
		case <-look.C:
		case <-p.done:
			return
		}
	}
	p.group.End()
}

// ended waits for the end.
func (p *process) ended(within time.Duration) bool {
	timer := time.NewTimer(within)
	defer timer.Stop()
	select {
	case <-p.done:
		return true
	case <-timer.C:
		return false
	}
}

// status is how it ended; to be asked after done.
func (p *process) status() string {
	if p.why != "" {
		return p.cmd.ProcessState.String() + "; " + p.why
	}
	return p.cmd.ProcessState.String()
}

// askToEnd is the wish of the client's user to leave. It may have ended already.
func (p *process) askToEnd() {
	if now := time.Now(); terminate(p.cmd) == nil {
		p.asked.CompareAndSwap(nil, &now)
	}
}

// left is what there is left of the time in which it has to end after SIGTERM.
func (p *process) left() time.Duration {
	asked := p.asked.Load()
	if asked == nil {
		return requirement.EndsBy
	}
	return max(requirement.EndsBy-time.Since(*asked), 0)
}

// endedBadly is what is wrong with how it ended, for one that was told to; nil if nothing
// is. After SIGTERM it may end by that, and with any status. To be asked after done.
func (p *process) endedBadly() error {
	code, asked := p.cmd.ProcessState.ExitCode(), p.asked.Load() != nil
	switch {
	case crashed(p.cmd.ProcessState):
		return fmt.Errorf("%w: %s, when it was told to end; %s", adapter.ErrCrashed, p.status(), p.log.lastWords())
	case p.why != "", code < 0 && !asked:
		return fmt.Errorf("told to end, it ended with %s; %s", p.status(), p.log.lastWords())
	case code > 0 && code != unsupportedStatus && !asked:
		return badStatus{fmt.Errorf("it ended with status %d; %s", code, p.log.lastWords())}
	}
	return nil
}

// badStatus is that of a client which was told to quit. It is an end of its own.
type badStatus struct{ error }

// Is says that it is an adapter.ErrEnded.
func (badStatus) Is(target error) bool { return target == adapter.ErrEnded }

// finish ends the process, which may have been asked in its own way already,
// and all that it has started. The error says what it took.
func (p *process) finish() error {
	var wrong []string
	if !p.ended(grace) {
		p.askToEnd()
		if !p.ended(p.left()) {
			wrong = append(wrong, fmt.Sprintf("it did not end within %s of SIGTERM, and was killed", requirement.EndsBy))
		}
	}
	killed := len(wrong) > 0
	if killed {
		killGroup(p.cmd)
	}
	<-p.done
	if left := p.sweep(); left != "" && !killed {
		wrong = append(wrong, "it left behind "+left)
	}
	killGroup(p.cmd) // where no marks can be read
	p.bury()
	if len(wrong) > 0 {
		return fmt.Errorf("%s", strings.Join(wrong, "; "))
	}
	return nil
}

// bury ends what is in the group yet, and removes that. The kernel may not be done with
// what was killed; where it takes longer, a later group removes the folder.
func (p *process) bury() {
	p.group.End()
	over := time.NewTimer(grace)
	defer over.Stop()
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for p.group.Close() != nil {
		select {
		case <-look.C:
		case <-over.C:
			return
		}
	}
}

// sweep ends what carries the mark when its time is over, and names it.
func (p *process) sweep() string {
	left := p.leftAfter(aftermath)
	var names []string
	for _, pid := range left {
		names = append(names, describe(pid))
		end(pid)
	}
	p.leftAfter(grace) // killed is not gone yet
	return strings.Join(names, " and ")
}

// leftAfter waits until nothing carries the mark, or the time is over.
func (p *process) leftAfter(wait time.Duration) []int {
	over := time.NewTimer(wait)
	defer over.Stop()
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for {
		left := p.census.of(p.mark, leftBehind)
		if len(left) == 0 {
			return nil
		}
		select {
		case <-look.C:
		case <-over.C:
			return left
		}
	}
}
