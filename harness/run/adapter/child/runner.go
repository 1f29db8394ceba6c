package child

import (
	"fmt"
	"os/exec"
	"sync"

	"gauntlet/harness/run/adapter"
)

// unsupportedStatus is how a client says that it cannot do what a case asks.
const unsupportedStatus = 89

// runner looks after a client's process: it notices an end that nobody asked
// for, and tells the rig.
type runner struct {
	setup   adapter.Setup
	process *process
	log     *log
	census  *census
	over    chan struct{} // closed when the client is of no use any more, after the rig has heard of it

	mu      sync.Mutex
	reason  error // why over is closed, or will be in a moment
	closing bool
	unheard bool // of the reason the rig has not heard: it was closing the client
	watch   sync.WaitGroup
}

func newRunner(s adapter.Setup, c *census) *runner {
	return &runner{setup: s, census: c, log: &log{}, over: make(chan struct{})}
}

// launch starts the process and watches it.
func (r *runner) launch(cmd *exec.Cmd, mark string) (err error) {
	if r.process, err = start(r.setup, cmd, mark, r.log, r.census); err != nil {
		return err
	}
	r.watch.Go(func() {
		<-r.process.done
		r.giveUp(r.ending())
	})
	return nil
}

// ending is what it means that the process has ended.
func (r *runner) ending() error {
	switch code := r.process.cmd.ProcessState.ExitCode(); {
	case code == unsupportedStatus:
		return fmt.Errorf("%w: the client ended with status %d", adapter.ErrUnsupported, code)
	case crashed(r.process.cmd.ProcessState):
		return fmt.Errorf("%w: %s; %s", adapter.ErrCrashed, r.process.status(), r.log.lastWords())
	case code < 0: // no exit status: a signal has ended it
		return fmt.Errorf("was ended, and not by us: %s; %s", r.process.status(), r.log.lastWords())
	default:
		return fmt.Errorf("%w, status %d; %s", adapter.ErrEnded, code, r.log.lastWords())
	}
}

// giveUp notes why the client is of no use any more; the first reason counts.
// The rig hears of it unless it is closing the client, and before the step under way
// ends: that the client has gone is the cause, that the step failed what follows from it.
func (r *runner) giveUp(why error) {
	r.mu.Lock()
	first, closing := r.reason == nil, r.closing
	if first {
		r.reason, r.unheard = why, closing
	}
	r.mu.Unlock()
	if !first {
		return
	}
	if !closing && r.setup.Gone != nil {
		r.setup.Gone(why)
	}
	close(r.over)
}

// Suspend stops the process with all that it has started, until resume is called.
func (r *runner) Suspend() (resume func(), err error) {
	if r.process == nil {
		return nil, fmt.Errorf("%w: the program has not been started yet", adapter.ErrNotReady)
	}
	return suspendGroup(r.process.cmd)
}

func (r *runner) why() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.reason
}

// leaving tells that the process may end from now on.
func (r *runner) leaving() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closing = true
}

// leave has the process told to end. From then on its end is no surprise; that of one
// that could not be told any more is.
func (r *runner) leave(tell func() error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	err := tell()
	r.closing = err == nil
	return err
}

// end ends the process, hands over the log, and tells how it ended, if badly, and what it
// took.
func (r *runner) end() {
	r.leaving()
	if r.process == nil {
		return
	}
	failed := r.process.finish()
	r.watch.Wait()
	if r.setup.Log != nil {
		r.setup.Log(r.log.bytes())
	}
	if r.setup.Left == nil {
		return
	}
	if bad := r.process.endedBadly(); r.unheard && bad != nil { // nobody gives up any more: the watch is over
		r.setup.Left(bad)
	}
	if failed != nil {
		r.setup.Left(failed)
	}
}
