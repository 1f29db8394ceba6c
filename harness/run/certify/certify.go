// Package certify certifies a client: it loads and chooses the cases, lets a
// program sign in once, runs the cases and the simpler worlds, judges, compares,
// confirms with the reference client, stores and exports. It is the one way in
// which that is done; the command, Go tests, Ginkgo and the lab are doors to it.
//
// It knows nothing of flags and prints nothing: who wants to see how a run gets
// on watches. Whatever it starts has ended when it returns.
package certify

import (
	"context"
	"time"

	"gauntlet/harness/report"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/edition"
	"gauntlet/harness/run/queue"
	"gauntlet/harness/run/rig"
	"gauntlet/harness/run/virtual"
	"gauntlet/proxies/netns"
)

// Options says who is certified, by which cases, on what, and what is to come of
// it. Library and Clients must be set.
type Options struct {
	Library *Library
	Clients []Client // one after the other; each of several has a directory of its own

	// Reference is known to pass the catalogue: it is asked whether anybody could
	// what a client cannot. Workers know it as BuiltIn. nil: nobody is asked.
	Reference adapter.Factory

	// Which cases.
	Cases  []string // globs over ids; none: all in virtual time, and in real time one of each class
	Skip   []string // globs over ids of those that are not run
	Levels []string // names of levels, whose cases are run beside those
	File   string   // a case file in place of the library's catalogue; all of it runs
	Beside []string // case files whose cases are run beside those of the catalogue, all of them
	All    bool     // in real time too, all that can be run

	// On what.
	Mode        rig.Mode // Virtual, and for programs Netns where there is such a thing, else Loopback
	NoNamespace bool     // programs run on Loopback
	Box         string   // a real proxy in place of the forward box: a name, a FILE.yaml or its own file; Loopback only
	Seed        uint64   // of all that is drawn by chance
	Parallel    int      // how many cases run at a time; if 0, 48 on real sockets, and more programs while the machine keeps up, and one a core in virtual time
	// Worker are the arguments with which this program serves as a worker, by
	// calling Work; --mode and --box are added where they matter.
	Worker  []string
	Silence time.Duration // after which a worker without a word is ended; 30 s if 0
	// Crews are workers that stay from one call of a Runner to the next, also to that of
	// another; whoever gives them closes them. nil: Run has its own, and else each call.
	Crews *virtual.Crews
	// PauseBefore is a case before which Pause waits, with the process in which the
	// case will run, as long as somebody wants it to: cases then run one at a time,
	// programs on Loopback, and a worker may be silent for a day.
	PauseBefore string
	Pause       func(ctx context.Context, pid int) error
	// Queue shares the run with all who work for that queue, if it is named.
	Queue queue.Options

	// How it is judged.
	Strict    bool                 // a should that fails counts as well
	KnownFile string               // a list of failures that are known
	Known     report.KnownFailures // more of them

	// What comes of it.
	Out         string // the run directory; a new one below out/ if empty
	Resume      string // a run directory in which to go on
	Reports     Reports
	Certificate Certificate
	Reproduce   func(o Options, id string) string // the command for one case alone; o has one client and its mode
	Watch       Watch

	share *share // nil: nobody works along
}

// Watch hears how a certification gets on, in one goroutine at a time. Functions
// that are nil are not called.
type Watch struct {
	Turn     func(client string)              // one of several clients comes next
	Checking func(client string)              // the self-check of a program begins
	Checked  func(client string, c rig.Check) // it reached the gateway
	// Began: everything is chosen, and the run begins. In real time a case takes so long, at
	// most, if nobody is slow; 0 in virtual time.
	Began  func(cases int, longest time.Duration)
	Judged func(rig.Outcome)  // a case or a control, without secrets
	Ended  func(Result) error // a client's turn, also one that was cut short
}

// Result is what became of one client.
type Result struct {
	Client   string
	Kind     adapter.Kind
	Dir      string        // the run directory
	Planned  int           // how many cases were chosen
	Cases    []rig.Outcome // those that were run, without secrets; the histories of those that passed lie in Dir
	Controls []rig.Outcome // the simpler worlds in which the client broke a must
	Since    []report.Since
	Stale    []string // entries of the lists of known failures that do not hold
	Edition  string
	Levels   []edition.Standing
	Page     string         // the page for a browser, if one was asked for
	By       map[string]int // if it was shared, how many runs came from each process
	Exit     int            // an exit code of package report
	Why      string         // the exit code's reason; empty for Sound
	Cut      bool           // the context was cancelled, so that it is the caller's exit code that counts
}

// client is the one whose turn it is.
func (o Options) client() Client { return o.Clients[0] }

// turn are the options for one client, with its mode.
func (o Options) turn(c Client) Options {
	o.Clients = []Client{c}
	if o.Mode == "" {
		o.Mode = rig.Virtual
		if c.Program() {
			o.Mode = o.programs(netns.Inside() || o.Queue.URL != "")
		}
	}
	return o
}

// rig is what each case is run with.
func (o Options) rig(b box) rig.Options {
	c := o.client()
	return rig.Options{
		Speaks: o.Library.speaks, Mode: o.Mode, Client: c.New, ClientKind: c.kind, Abilities: c.abilities(), ClientName: c.Name, Seed: o.Seed, Product: b.product,
		Ready:    o.ready(),
		HearsOff: c.file != nil && c.file.HearsOff(),
		WithPAC:  c.file != nil && c.file.AsksForPAC(),
	}
}

// reference is with what the reference client runs in the same world, if it is to
// be asked.
func (o Options) reference(r rig.Options) (with rig.Options, asked bool) {
	r.ClientKind, r.ClientName, r.Client, r.Abilities, r.Pace = adapter.InProcess, BuiltIn, o.Reference, nil, 0
	r.Ready = nil
	return r, o.Reference != nil
}
