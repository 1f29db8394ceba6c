package rig

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/judge/trace"
	"gauntlet/harness/run/workload"
	"gauntlet/proxies"
	"gauntlet/proxies/fault"
)

// A machine that is too busy lets everybody wait: the client, its timers, and us
// who note when things happened. A heartbeat measures how long, in the same
// process and under the same load, and a verdict that rests on time says nothing
// where it was longer than the verdict's margin.

// beat is how often the heart beats, and stall the delay from which on it is
// told: less is what any scheduler does.
const (
	beat  = 20 * time.Millisecond
	stall = 100 * time.Millisecond
)

// heart tells each stall to all who listen. It has a goroutine as long as somebody does.
// Runs that go on at the same time share one: each beat wakes the process.
type heart struct {
	mu        sync.Mutex
	listeners map[*listener]struct{}
	ticker    *time.Ticker  // of the goroutine
	quit      chan struct{} // ends the goroutine, which is the latest; nil if there is none
	gone      chan struct{} // is closed when it has ended
}

// listener hears of what was late after it came.
type listener struct {
	note func(late time.Duration)
	came time.Time
}

// listen calls note with each delay of at least stall, one after the other. Once stop has
// returned nothing more is noted.
func (h *heart) listen(note func(late time.Duration)) (stop func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.quit == nil {
		h.listeners, h.ticker = map[*listener]struct{}{}, time.NewTicker(beat)
		h.quit, h.gone = make(chan struct{}), make(chan struct{})
		go h.beat(h.ticker, h.quit, h.gone)
	}
	l := &listener{note, time.Now()}
	h.listeners[l] = struct{}{}
	return func() { h.leave(l) }
}

// leave waits for the goroutine if nobody listens any more.
func (h *heart) leave(l *listener) {
	h.mu.Lock()
	delete(h.listeners, l)
	if len(h.listeners) > 0 {
		h.mu.Unlock()
		return
	}
	close(h.quit)
	h.quit = nil
	gone := h.gone
	h.mu.Unlock()
	<-gone
}

func (h *heart) beat(ticker *time.Ticker, quit, gone chan struct{}) {
	defer close(gone)
	defer ticker.Stop()
	last := time.Now()
	for {
		select {
		case <-ticker.C:
		case <-quit:
			return
		}
		now := time.Now()
		h.felt(quit, now, now.Sub(last)-beat)
		last = now
	}
}

// felt tells of a beat that was so late, if it is of the latest goroutine. Who came while
// the machine stood still knows no more of it than that.
func (h *heart) felt(quit chan struct{}, now time.Time, late time.Duration) {
	if late < stall {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.quit != quit {
		return
	}
	for l := range h.listeners {
		if late := min(late, now.Sub(l.came)); late >= stall {
			l.note(late)
		}
	}
}

// margins are how late we may have been for a failure of the requirement to
// stand. Those that are not listed do not rest on time, unless a verdict says so itself.
var margins = map[requirement.ID]time.Duration{
	"exchange.one-in-flight":      stall,           // ties of up to 50 ms are the client's already
	"poll.not-too-often":          stall,           // an answer that is noted late makes the next poll early
	"poll.pace":                   stall,           //
	"command.at-once":             stall,           // beyond the second that a message may wait
	"connection.backs-off":        stall,           //
	"poll.keeps-going":            time.Second,     // of 30 s
	"connection.recovers":         time.Second,     // of 30 s
	"connection.session-survives": time.Second,     // of 30 s
	"command.carried-out":         5 * time.Second, // of the minutes that a step may take
	"answer.delivered":            5 * time.Second, // before the step was over
	"route.file-told":             time.Second,     // of 30 s
	"route.challenge-told":        time.Second,     // of 30 s
	"profile.accepted":            time.Second,     // it may have come when the run was all but over
	"close.reopens-once":          time.Second,     // who is held up is forgotten more often than the case has it
}

// pause is a time in which the machine stood still.
type pause struct {
	until, took time.Duration
}

// stalls are the pauses that a run noted.
func stalls(events []history.Event) []pause {
	var list []pause
	for i := range events {
		if e := &events[i]; e.Kind == history.Stalled {
			list = append(list, pause{e.At, time.Duration(e.Given) * time.Millisecond})
		}
	}
	return list
}

// slowest is what part of a run the machine may stand still, little by little, for
// what it took long to do to say something of the client; and of a stretch of it, as
// long as the limits that most failures rest on.
const (
	slowest = 4
	stretch = 30 * time.Second
)

// atWorst is the most that the machine stood still in one stretch of the run.
func atWorst(stretch time.Duration, late []pause) (most time.Duration) {
	sum, first := time.Duration(0), 0
	for _, p := range late {
		sum += p.took
		for ; late[first].until <= p.until-stretch; first++ {
			sum -= late[first].took
		}
		most = max(most, sum)
	}
	return most
}

// allowForStalls takes back failures that rest on time where the machine was late by
// more than their margin, at once or, in much of the run or of a stretch of it, all in
// all. The case is to be run again.
func (r *Result) allowForStalls(late []pause) {
	if len(late) == 0 {
		return
	}
	longest, little := time.Duration(0), time.Duration(0)
	for _, p := range late {
		longest = max(longest, p.took)
	}
	run := time.Duration(r.Protocol) * time.Millisecond
	for _, of := range []time.Duration{run, stretch} {
		if all := atWorst(max(of, 1), late); all > of/slowest {
			little = max(little, all)
		}
	}
	for i := range r.Verdicts {
		v := &r.Verdicts[i]
		margin, timed := margins[v.Requirement]
		margin, timed = max(margin, v.Margin), timed || v.Margin > 0
		if v.Status == oracle.Fail && timed && (longest > margin || little > margin) {
			r.takeBack(v, fmt.Sprintf("it stood still %s, %s at the longest", timesOf(len(late)), longest))
		}
	}
}

// takeBack makes a failure inconclusive, since the machine may be the reason for it, and
// with it what comes of it, or follows from it by the same exchanges.
func (r *Result) takeBack(v *oracle.Verdict, why string) {
	v.Status, r.Stalled = oracle.Inconclusive, true
	v.Reason = fmt.Sprintf("%s: %s; what was seen: %s", tooSlow, why, v.Reason)
	for i := range r.Verdicts {
		w := &r.Verdicts[i]
		follows := share(v.Exchanges, w.Exchanges) && causesFirst(*v, *w) < 0
		if w.Status == oracle.Fail && (w.ComesOf == v.Requirement || follows) {
			r.takeBack(w, "it follows from "+string(v.Requirement))
		}
	}
}

// missed marks a run in which nothing could be concluded since the client was not there in
// time, and the machine was late: it was never ready, or a box changed by the clock before.
func (r *Result) missed(run Run) {
	late := run.Unready != nil || slices.ContainsFunc(run.Case.Chain, changes)
	if r.Status == oracle.Inconclusive && late && len(stalls(run.Events)) > 0 {
		r.Stalled = true
	}
}

// changes reports whether a box becomes another by the clock.
func changes(s proxies.Spec) bool { return s.Then != nil }

// tooSlow begins the reason of what was taken back.
const tooSlow = "this machine was too slow to tell"

// mustTakenBack reports whether v is a broken must that was taken back. A should that was
// is not worth a second run.
func mustTakenBack(v oracle.Verdict) bool {
	return v.Level == requirement.Must && v.Status == oracle.Inconclusive && strings.HasPrefix(v.Reason, tooSlow)
}

func timesOf(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// A box of ours, or the kernel that carries its packets, may be late although the pulse
// shows no stall: in namespaces each packet waits for a processor by itself. So the time
// that each box takes is measured as well.

// onTheWay has, for each requirement that depends on how long the client was kept waiting,
// how late a box may have been for a failure to stand. No client is known that waits less
// than 10 s. Requirements that are judged at hop 0 alone are not here.
var onTheWay = map[requirement.ID]time.Duration{
	"exchange.one-in-flight":      5 * time.Second,
	"poll.keeps-going":            time.Second,
	"connection.recovers":         time.Second,
	"connection.session-survives": time.Second,
	"command.carried-out":         5 * time.Second,
	"answer.delivered":            5 * time.Second,
}

// allowForWay takes back failures that depend on how long an answer took, where a box was
// late by more than their margin. It calls lateness only if there is such a failure.
func (r *Result) allowForWay(lateness func() time.Duration) {
	lateness = sync.OnceValue(lateness)
	for i := range r.Verdicts {
		v := &r.Verdicts[i]
		margin, rests := onTheWay[v.Requirement]
		if v.Status != oracle.Fail || !rests {
			continue
		}
		if late := lateness(); late > max(margin, v.Margin) {
			r.takeBack(v, fmt.Sprintf("a box of ours took %s longer than it was told to", late.Round(time.Millisecond)))
		}
	}
}

// lateOnWay returns by how much a box was late at most, with a request or an answer; 0
// where the case itself has boxes or servers cause delays that cannot be told apart from that.
func lateOnWay(run Run) (worst time.Duration) {
	c, moves := run.Case, []workload.Verb{workload.Move, workload.Restart, workload.Maintain}
	odd := func(s proxies.Spec) bool { return !plain(s) }
	if run.Options.Mode != Netns || slices.ContainsFunc(c.Chain, odd) || slices.ContainsFunc(moves, func(v workload.Verb) bool { return has(c.Workload, v) }) {
		return 0
	}
	w := timing{c.Faults, run.Events, moments(run.Events)}
	for hop := range c.Chain {
		before, here := history.Exchanges(run.Events, hop), history.Exchanges(run.Events, hop+1)
		parents := trace.CarriedOn(run.Options.Speaks.Reader, before, here)
		free := map[int]time.Duration{} // by connection: when its previous exchange ended
		for p, x := range before {
			if i := slices.Index(parents, p); i >= 0 {
				worst = max(worst, w.late(x, here[i], free[x.Conn]))
			} else {
				worst = max(worst, w.lost(x, free[x.Conn]))
			}
			free[x.Conn] = max(free[x.Conn], x.Ended)
		}
	}
	return worst
}

// timing is when what happened to each exchange, and the faults that delayed it on purpose.
type timing struct {
	faults []fault.Fault
	events []history.Event
	at     map[moment]time.Duration
}

// moment names an event of an exchange that happens only once.
type moment struct {
	hop, exchange int
	kind          history.Kind
}

func moments(events []history.Event) map[moment]time.Duration {
	at := map[moment]time.Duration{}
	for i := range events {
		if e := &events[i]; e.From == history.AtHop && (e.Kind == history.RequestDone || e.Kind == history.AnswerHead) {
			at[moment{e.Hop, e.Exchange, e.Kind}] = e.At
		}
	}
	return at
}

// late returns by how much the box was late with an exchange, whose request it took as x
// and handed on as y: with the request or the answer, whichever was later. free is when the
// connection of x had finished its previous exchange.
func (w timing) late(x, y *history.Exchange, free time.Duration) (late time.Duration) {
	whole, asked := w.at[moment{x.Hop, x.Ordinal, history.RequestDone}]
	if ordered, bounded := w.faultDelay(x, y, y.Began); asked && bounded {
		late = y.Began - max(whole, free) - ordered
	}
	came, answered := w.at[moment{y.Hop, y.Ordinal, history.AnswerHead}]
	given, handedOn := w.at[moment{x.Hop, x.Ordinal, history.AnswerHead}]
	if ordered, bounded := w.faultDelay(x, y, given); answered && handedOn && bounded {
		late = max(late, given-came-ordered)
	}
	return late
}

// lost returns how long the client had waited when it gave up a request that the box had
// read and not begun to hand on; 0 if a fault of the case does more than delay.
func (w timing) lost(x *history.Exchange, free time.Duration) time.Duration {
	whole, asked := w.at[moment{x.Hop, x.Ordinal, history.RequestDone}]
	if !asked || x.Status != 0 || x.Ended < 0 {
		return 0
	}
	ordered := time.Duration(0)
	for _, f := range w.faults {
		late, bounded := f.Effect.MostDelay()
		if !bounded || late == 0 {
			return 0
		}
		ordered += late
	}
	return x.Ended - max(whole, free) - ordered
}

// faultDelay returns the delay that is due to faults which had fired on either connection by
// that time; bounded is false if one of them has no greatest delay.
func (w timing) faultDelay(x, y *history.Exchange, by time.Duration) (sum time.Duration, bounded bool) {
	for _, f := range w.faults {
		line := f.String()
		fired := slices.ContainsFunc(w.events, func(e history.Event) bool {
			return e.Kind == history.Fired && e.Fault == line && e.At <= by && (e.Hop == x.Hop && e.Conn == x.Conn || e.Hop == y.Hop && e.Conn == y.Conn)
		})
		if !fired {
			continue
		}
		late, bounded := f.Effect.MostDelay()
		if !bounded {
			return 0, false
		}
		sum += late
	}
	return sum, true
}
