package rig

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/bits"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/virtual"
)

// Runner performs cases, in any order, and calls done for each from one
// goroutine at a time. It returns early, with an error, when the context ends.
type Runner func(ctx context.Context, cases []catalogue.Case, done func(Outcome)) error

// startEvery is how long a processor takes to start the client, the boxes and the
// servers of a case. Who starts all at once has each of them late for what the case
// has planned at a certain time.
const startEvery = 500 * time.Millisecond

// rest is how long nothing new is begun after a stall, and most how long at all: a
// machine that never keeps up is given its work slowly. Where a rest was waited for in
// vain, the next wait is at most half as long, down to least, and twice as long after one
// that was not: where others load a machine, what is not begun does not help it.
const (
	rest  = time.Second
	most  = 5 * time.Second
	least = 250 * time.Millisecond
)

// pulse tells a runner when the machine keeps up.
type pulse struct {
	stop    func()        // when no more is to be told
	stalled chan struct{} // holds one word at most: it did not, since somebody looked
	stalls  atomic.Int64  // how often it did not
	vain    int           // waits that saw it not keep up, less those that did; no more than shorten the next
}

func newPulse(h *heart) *pulse {
	p := &pulse{stalled: make(chan struct{}, 1)}
	p.stop = h.listen(func(time.Duration) {
		p.stalls.Add(1)
		select {
		case p.stalled <- struct{}{}:
		default:
		}
	})
	return p
}

// wait returns when there was no stall for a while, or after a longer while, which is
// shorter the more often that was in vain. It is called from one goroutine at a time.
func (p *pulse) wait(ctx context.Context) {
	ends := time.Now().Add(max(most>>p.vain, least))
	for p.late() {
		left := time.Until(ends)
		if left <= 0 {
			p.vain = min(p.vain+1, bits.Len(uint(most/least)))
			return
		}
		select {
		case <-time.After(min(rest, left)):
		case <-ctx.Done():
			return
		}
	}
	p.vain = max(p.vain-1, 0)
}

// late reports whether there was a stall since it was asked last.
func (p *pulse) late() bool {
	select {
	case <-p.stalled:
		return true
	default:
		return false
	}
}

// gap lets what was begun come to its feet.
func (p *pulse) gap(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// room is for so many runs at a time as the machine keeps up with: there is a place
// more after each start and each end of a run with no stall before it, and one less
// after each end with one.
type room struct {
	places chan struct{} // one is taken for each run, and for each place that there is not
	few    int
	stalls *atomic.Int64
	mu     sync.Mutex
	open   int   // places that there are
	seen   int64 // stalls, when a run last began or ended
}

// newRoom has few places at first and never less, and most at the most.
func newRoom(few, most int, stalls *atomic.Int64) *room {
	r := &room{places: make(chan struct{}, max(few, most)), few: few, open: few, stalls: stalls}
	for range cap(r.places) - few {
		r.places <- struct{}{}
	}
	return r
}

// enter waits for a place, or for the end of the context.
func (r *room) enter(ctx context.Context) {
	select {
	case r.places <- struct{}{}:
	case <-ctx.Done():
	}
}

// widen makes room for one more, after a start with which the machine kept up.
func (r *room) widen() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.late() {
		r.more()
	}
}

// leave gives a place back, and makes room by how the machine did.
func (r *room) leave() {
	r.mu.Lock()
	defer r.mu.Unlock()
	late := r.late()
	if late && r.open > r.few {
		r.open-- // its place is there no more
		return
	}
	if !late {
		r.more()
	}
	<-r.places
}

// late reports whether there was a stall since it was asked last. The lock is held.
func (r *room) late() bool {
	now := r.stalls.Load()
	late := now > r.seen
	r.seen = now
	return late
}

// more adds a place, if there may be another. The lock is held.
func (r *room) more() {
	if r.open < cap(r.places) {
		r.open++
		<-r.places
	}
}

// InProcess is a Runner that performs cases on real sockets, in this process: so many
// at a time as few says, up to most the longer the machine keeps up with them, and no
// other while it does not. They start one after the other.
func InProcess(o Options, few, most int) Runner {
	return func(ctx context.Context, cases []catalogue.Case, done func(Outcome)) error {
		o := o // a Runner may be called more than once at a time
		o.heart = &heart{}
		pulse := newPulse(o.heart)
		defer pulse.stop()
		room := newRoom(few, most, &pulse.stalls)
		gap := startEvery / time.Duration(runtime.NumCPU())
		var wg sync.WaitGroup
		var mu sync.Mutex
		for _, c := range cases {
			room.enter(ctx)
			if pulse.wait(ctx); ctx.Err() != nil {
				break
			}
			if err := o.ready(ctx, c.ID, os.Getpid()); err != nil {
				wg.Wait()
				return err
			}
			wg.Go(func() {
				defer room.leave()
				outcome := One(ctx, c, o)
				if ctx.Err() != nil {
					return // cut short: it proves nothing
				}
				mu.Lock()
				defer mu.Unlock()
				done(outcome)
			})
			pulse.gap(ctx, gap)
			room.widen()
		}
		wg.Wait()
		return ctx.Err()
	}
}

// ready waits until a case may begin.
func (o Options) ready(ctx context.Context, id string, pid int) error {
	if o.Ready == nil {
		return nil
	}
	return o.Ready(ctx, id, pid)
}

// One performs and judges a case. The wall time is that of the caller's clock:
// a caller in a bubble sets it afterwards.
func One(ctx context.Context, c catalogue.Case, o Options) Outcome {
	began := time.Now()
	run := Perform(ctx, c, o)
	return Outcome{Case: c, Events: run.Events, Log: run.Log, reader: o.Speaks.Reader, Result: Judge(run, time.Since(began))}
}

// Earlier reads the outcome of a case that ran before; what it cannot read has to run
// again.
type Earlier func() (Outcome, error)

// Continued is a Runner that takes the outcomes which are there already, by the
// ids of their cases, once each, and has the others run: what is asked for again
// was no evidence. One is read when its turn has come, since together they are much.
func Continued(run Runner, finished map[string]Earlier) Runner {
	finished = maps.Clone(finished)
	return func(ctx context.Context, cases []catalogue.Case, done func(Outcome)) error {
		var rest []catalogue.Case
		for _, c := range cases {
			read, there := finished[c.ID]
			if !there {
				rest = append(rest, c)
				continue
			}
			delete(finished, c.ID)
			o, err := read()
			if err != nil {
				rest = append(rest, c)
				continue
			}
			o.Case = c
			done(o)
		}
		return run(ctx, rest, done)
	}
}

// job is what a worker process is told.
type job struct {
	Case   json.RawMessage `json:"case"`
	Client string          `json:"client"`
	Kind   adapter.Kind    `json:"kind,omitempty"`
	Seed   uint64          `json:"seed"`
	Lean   bool            `json:"lean,omitempty"`
	Pace   time.Duration   `json:"pace,omitempty"`
}

// reply is what it answers, with the history in the form in which it is stored.
type reply struct {
	Result Result `json:"result"`
	Log    []byte `json:"log,omitempty"`
	Error  string `json:"error,omitempty"`
}

// Workers perform jobs, in any order, and call done for each from one goroutine at
// a time, as a virtual.Pool does.
type Workers interface {
	Run(ctx context.Context, jobs []virtual.Job, done func(i int, a virtual.Answer)) error
}

// InWorkers is a Runner that performs cases in workers. They find the client by its
// name and kind; what else they need of the options, they are told by their
// arguments.
func InWorkers(p Workers, o Options) Runner {
	return func(ctx context.Context, cases []catalogue.Case, done func(Outcome)) error {
		jobs := make([]virtual.Job, len(cases))
		for i, c := range cases {
			text, err := catalogue.Encode(c)
			if err != nil {
				return fmt.Errorf("case %s: %w", c.ID, err)
			}
			jobs[i].Work = budgetOf(c).work
			if o.Ready != nil { // a worker waits for whoever is asked
				jobs[i].Ready = func(ctx context.Context, pid int) error { return o.Ready(ctx, c.ID, pid) }
			}
			if jobs[i].Text, err = json.Marshal(job{text, o.ClientName, o.ClientKind, o.Seed, o.Lean, o.Pace}); err != nil {
				return fmt.Errorf("case %s: %w", c.ID, err)
			}
		}
		return p.Run(ctx, jobs, func(i int, a virtual.Answer) { done(readAnswer(cases[i], o, a)) })
	}
}

// Equip gives the options with which a worker performs cases with a client: all but
// what comes with a job.
type Equip func(client string, kind adapter.Kind) (Options, error)

// Work is the worker's side: it performs one job as it is equipped for its client,
// in the bubble in which it is called if the mode is Virtual.
func Work(equip Equip, v catalogue.Vocabulary) virtual.Do {
	return func(text json.RawMessage, stored *virtual.Blob) json.RawMessage {
		r, err := work(text, equip, v, stored)
		if err != nil {
			r.Error = err.Error()
		}
		out, err := json.Marshal(r)
		if err != nil {
			out, _ = json.Marshal(reply{Error: err.Error()}) // which has texts only
		}
		return out
	}
}

func work(text json.RawMessage, equip Equip, v catalogue.Vocabulary, stored *virtual.Blob) (r reply, err error) {
	var j job
	if err := json.Unmarshal(text, &j); err != nil {
		return r, err
	}
	c, err := catalogue.Decode(j.Case, v)
	if err != nil {
		return r, err
	}
	o, err := equip(j.Client, j.Kind)
	if err != nil {
		return r, err
	}
	o.ClientName, o.Seed, o.Pace = j.Client, j.Seed, j.Pace
	out := One(context.Background(), c, o)
	r.Result, r.Log = out.Result, out.Log
	if j.Lean && !out.Result.Accuses() && out.Result.Status != oracle.Broken {
		return r, nil
	}
	return r, errors.Join(stored.Grow(len(out.Events)*history.LineLength), out.store(stored))
}

// readAnswer turns what came from a worker into an outcome. A worker that died
// or hung over a case is the client's failure if its own code stands on the
// stack, else ours.
func readAnswer(c catalogue.Case, o Options, a virtual.Answer) Outcome {
	out := Outcome{Case: c, reader: o.Speaks.Reader, Result: newResult(Run{Case: c, Options: o}, a.Took)}
	var r reply
	switch {
	case a.Hung > 0:
		out.fail(fmt.Sprintf("a worker said nothing for %s: the client kept a processor busy, or waited outside of the network, without end", a.Hung), where(a.Died), a.Died)
	case a.Died != "":
		out.fail("the process died", lastWord(a.Died), a.Died)
	case len(a.Reply.Text) == 0 && a.Leak != "":
		out.fail("the run could not end", lastWord(a.Leak), a.Leak)
	default:
		err := json.Unmarshal(a.Reply.Text, &r)
		if err != nil || r.Error != "" {
			out.Result.Status, out.Result.Reason = oracle.Broken, "worker: "+cmp.Or(r.Error, fmt.Sprintf("its reply of %d bytes cannot be read: %v", len(a.Reply.Text), err))
			return out
		}
		out.Result = r.Result
		out.Result.Wall = a.Took.Milliseconds()
		out.Stored, out.Log = a.Reply.Blob, r.Log
		if a.Leak != "" {
			out.leak(where(a.Leak), a.Leak)
		}
	}
	return out
}

// longestWall is the real time after which a case in virtual time has hung,
// unless its budget says that it may work for longer.
const longestWall = time.Minute

// InBubble performs and judges a case in virtual time in this process, in a
// bubble that t is lent for; it may not be called from two goroutines at once.
// Unlike in a worker, a client that panics in a goroutine of its own, or goes
// on for ever after Close, ends the process: a bubble cannot be given up.
func InBubble(t *testing.T, c catalogue.Case, o Options) Outcome {
	out := Outcome{Case: c, Result: newResult(Run{Case: c, Options: o}, 0)}
	began := time.Now()
	watch := time.AfterFunc(longestWall+budgetOf(c).work, func() {
		panic(fmt.Sprintf("case %s: the client keeps a processor busy, or goes on after Close, without end", c.ID))
	})
	defer watch.Stop()
	left := virtual.Try(t, func() { out = One(context.Background(), c, o) })
	out.Result.Wall = time.Since(began).Milliseconds()
	if left != "" {
		left = ofLastBubble(left)
		culprit := cmp.Or(where(left), foreign(left, mainModule()))
		out.leak(culprit, left)
	}
	return out
}
