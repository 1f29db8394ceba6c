// Package rig assembles a case: the gateway with its messenger, the boxes with
// their faults, the client under test. It runs the workload, records what
// happens, and has it judged. It knows all of harness and proxies; nothing but
// the command and the specs knows it. Whatever a run starts ends with it.
package rig

import (
	"context"
	"errors"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/protocol"
	"gauntlet/proxies/authority"
	"gauntlet/proxies/external"
	"gauntlet/proxies/fault"
	"gauntlet/proxies/netns"
)

// Mode is what a run stands on.
type Mode string

// A case can be run on each of these, where it can be expressed.
const (
	Virtual  Mode = "virtual"  // in memory, in a synctest bubble
	Loopback Mode = "loopback" // real sockets on this machine
	Netns    Mode = "netns"    // real sockets and redirection, in namespaces
	Attached Mode = "attached" // as Loopback, with a client that somebody uses by hand
)

// onLoopback reports whether addresses are this machine's own.
func (m Mode) onLoopback() bool { return m == Loopback || m == Attached }

// Options says with what and on what a case is run. Speaks and Client must be
// set.
type Options struct {
	Speaks     protocol.Protocol // what the client and the gateway speak
	Mode       Mode              // Virtual
	Client     adapter.Factory
	ClientKind adapter.Kind      // InProcess
	Abilities  adapter.Abilities // what the client says that it can; nil: all that its kind can
	ClientName string
	HearsOff   bool // a program's file has a place for a proxy that is switched off
	WithPAC    bool // a program's file has a place for the URL of a proxy auto-configuration
	Seed       uint64
	Lean       bool              // of what accuses nobody no history is wanted from a worker
	Product    *external.Product // a real proxy in place of the forward box; nil for none; Loopback only
	Pace       time.Duration     // the client's usual pause between polls, as it was measured; 0 if it was not
	Step       time.Duration     // what a step may take; 3 min if 0
	// Ready is called before a case begins, with the process in which it will; its error ends the
	// run. nil: nobody waits for that.
	Ready     func(ctx context.Context, id string, pid int) error
	Witness   func(netns.Packet)               // hears of every packet of the client's host, for specs; Netns only
	Effects   map[string]func(fault.Injection) // in place of the real ones, for specs
	Oracles   oracle.Registry                  // in place of the real ones, for specs
	Authority *authority.Authority             // of the login services and of boxes that open TLS; nil: there are no such services
	CA        string                           // file with its certificate, for the client to trust
	hurried   bool                             // ends soon after the client's login was refused
	Attended  *Attended                        // has to be set in this mode, and in no other
	heart     *heart                           // of those that run at the same time; nil: the run has one of its own
}

// Run is one case, performed.
type Run struct {
	Case     catalogue.Case
	Options  Options
	Events   []history.Event
	Faults   []FaultReport
	Protocol time.Duration // of the run's own clock
	Skipped  string        // why this mode or product cannot express the case
	Refused  error         // the client's word that it does not support the case
	Unready  error         // the client never came so far as to be asked
	Broken   error         // our own fault
	Log      []byte        // what the client's process printed
}

// settling is the time after the last step, for what is under way.
const settling = 500 * time.Millisecond

var errGone = errors.New("the client is gone")

// Perform runs one case. In virtual mode it must be called in a bubble. The
// context ends it early; what was recorded until then is kept.
func Perform(ctx context.Context, c catalogue.Case, o Options) (run Run) {
	run = Run{Case: c, Options: o, Skipped: Inexpressible(c, o)}
	if run.Skipped != "" {
		run.Events = []history.Event{{Seq: 1, From: history.AtRig, Kind: history.Inapplicable, Text: run.Skipped}}
		return run
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watch := newWatchdog(c, o, cancel)
	recorder := history.NewRecorder(watch.budget.events, watch.storm)
	if o.Mode == Virtual {
		recorder.Slots(slot)
	}
	if o.Attended != nil {
		recorder.Tell(o.Attended.Watch)
	}
	if o.hurried {
		recorder.Tell(endRefused(cancel))
	}
	bed, err := build(ctx, c, o, recorder, cancel)
	if err == nil {
		err = errors.Join(watch.guard(ctx, bed.play().perform, bed.note), bed.path.prove())
	}
	bed.subject.noteUnasked()
	recorder.Close()
	err = errors.Join(err, bed.close())
	run.Events, run.Log = recorder.Events(), bed.subject.printed()
	run.Broken = errors.Join(err, history.Check(run.Events))
	run.Refused, run.Unready = bed.subject.unasked()
	if o.ClientKind != adapter.InProcess {
		run.Log = append(run.Log, refusalsOf(run.Events)...)
	}
	run.Faults = faultReports(c.Faults, run.Events)
	if n := len(run.Events); n > 0 {
		run.Protocol = run.Events[n-1].At
	}
	return run
}
