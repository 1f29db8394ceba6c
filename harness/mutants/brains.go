package mutants

import (
	"bytes"
	"fmt"
	"time"

	"gauntlet/harness/msn/builtin"
	"gauntlet/harness/msn/client"
	"gauntlet/harness/msn/msnhttp"
	"gauntlet/harness/msn/msnp"
	"gauntlet/harness/msn/session"
	"gauntlet/harness/run/adapter"
)

// brain makes what decides in a client: the reference client's machine, with
// something between it and its owner that bends what the machine hears and
// what it says.
type brain func(session.Config) client.Brain

// minded makes the reference client with another brain.
func minded(b brain) adapter.Factory {
	return builtin.New(func(o *client.Options) { o.Brain = b })
}

// paced makes the reference client that polls at another pace.
func paced(every time.Duration) adapter.Factory {
	return builtin.New(func(o *client.Options) { o.PollEvery = every })
}

// once makes the reference client that takes these commands for such as may be said once
// only; nil: none are.
func once(are func(command []byte) bool) adapter.Factory {
	return minded(func(c session.Config) client.Brain {
		c.Once = are
		return session.New(c)
	})
}

// forEver is longer than any case.
const forEver = 1000 * time.Hour

// backingOff waits always for the same time before it tries again.
func backingOff(wait time.Duration) brain {
	return func(c session.Config) client.Brain {
		c.BackOff = []time.Duration{wait}
		return session.New(c)
	}
}

// afterLoss does something else than to repeat a request, no open, that is lost.
func afterLoss(instead func(w *watched, now time.Time, l session.Loss)) brain {
	return func(c session.Config) client.Brain {
		return &watched{Machine: session.New(c), instead: instead}
	}
}

// watched is a machine whose losses go elsewhere.
type watched struct {
	*session.Machine
	out     *session.Request // the newest
	ahead   time.Duration    // how much later it believes that it is
	instead func(w *watched, now time.Time, l session.Loss)
}

// Next is the machine's.
func (w *watched) Next(now time.Time) session.Step {
	step := w.Machine.Next(now.Add(w.ahead))
	if step.Send != nil {
		w.out = step.Send
	}
	return step
}

// Answered takes the pages of strangers for losses, as the machine does.
func (w *watched) Answered(now time.Time, a session.Answer) {
	foreign := a.Status != 400 && (a.Status != 200 || a.Header == nil)
	if foreign && w.out.Action != msnhttp.ActionOpen {
		w.instead(w, now, session.Loss{})
		return
	}
	w.Machine.Answered(now, a)
}

// Lost deviates, where the request may have been processed.
func (w *watched) Lost(now time.Time, l session.Loss) {
	if l.Unsent || w.out.Action == msnhttp.ActionOpen {
		w.Machine.Lost(now, l)
		return
	}
	w.instead(w, now, l)
}

// pretend has a machine believe that an answer with nothing in it came.
func pretend(m *session.Machine, at time.Time) {
	m.Answered(at, session.Answer{Status: 200, Header: &msnhttp.SessionHeader{SessionID: m.ID()}})
}

// forgetIt goes on without the request.
func forgetIt(w *watched, now time.Time, _ session.Loss) { pretend(w.Machine, now) }

// sendLast puts a lost command behind all that waits.
func sendLast(w *watched, now time.Time, _ session.Loss) {
	pretend(w.Machine, now)
	if len(w.out.Body) > 0 {
		w.Submit(w.out.Body)
	}
}

// reopen begins another session: the loss is as good as a 400.
func reopen(w *watched, now time.Time, _ session.Loss) {
	w.Machine.Answered(now, session.Answer{Status: 400})
}

// despair takes the loss of a connection for the end of the session: as if its
// patience were over.
func despair(w *watched, now time.Time, l session.Loss) {
	w.Machine.Lost(now, l)
	w.ahead = forEver
}

// anew hands a lost command to the machine as a new one, with a number of its
// own, and the reply to it on under the old number.
func anew(c session.Config) client.Brain {
	r := &renumbering{old: map[uint32]uint32{}, said: msnp.Decoder{From: msnp.Server}}
	r.watched = watched{Machine: session.New(c), instead: r.again}
	return r
}

type renumbering struct {
	watched
	old  map[uint32]uint32 // the number that the client knows, by the one that was sent
	said msnp.Decoder
}

// firstAnew is above all numbers that the client itself gets to.
const firstAnew = 1_000_000

func (r *renumbering) again(w *watched, now time.Time, _ session.Loss) {
	pretend(w.Machine, now)
	commands, err := msnp.Decode(msnp.Client, w.out.Body)
	if err != nil {
		return
	}
	for _, c := range commands {
		if number, has := c.TrID(); has {
			sent := uint32(firstAnew + len(r.old))
			if before, again := r.old[number]; again {
				number = before
			}
			r.old[sent] = number
			c.Args[0] = fmt.Sprint(sent)
		}
		w.Submit(c.Bytes())
	}
}

// Delivered is what the machine delivers, with the numbers that the client
// knows.
func (r *renumbering) Delivered() (said []byte) {
	r.said.Feed(r.Machine.Delivered())
	for {
		c, more, err := r.said.Next()
		if err != nil || !more {
			return said
		}
		if number, has := c.TrID(); has && r.old[number] > 0 {
			c.Args[0] = fmt.Sprint(r.old[number])
		}
		said = append(said, c.Bytes()...)
	}
}

// rash believes the head of an answer that was cut: what it repeats carries the
// id that stood there.
func rash(c session.Config) client.Brain { return &rashly{Machine: session.New(c)} }

type rashly struct {
	*session.Machine
	shown string
}

func (r *rashly) Lost(now time.Time, l session.Loss) {
	if l.Shown != "" {
		r.shown = l.Shown
	}
	r.Machine.Lost(now, l)
}

func (r *rashly) Answered(now time.Time, a session.Answer) {
	if a.Status == 200 && a.Header != nil {
		r.shown = ""
	}
	r.Machine.Answered(now, a)
}

func (r *rashly) Next(now time.Time) session.Step {
	step := r.Machine.Next(now)
	if step.Send != nil && step.Send.Action != msnhttp.ActionOpen && r.shown != "" {
		request := *step.Send
		request.Query.SessionID = r.shown
		step.Send = &request
	}
	return step
}

// undeterred takes a 400 for a lost answer, but to an open.
func undeterred(c session.Config) client.Brain {
	repeat := func(w *watched, now time.Time, l session.Loss) { w.Machine.Lost(now, l) }
	return &undeterredly{watched{Machine: session.New(c), instead: repeat}}
}

type undeterredly struct{ watched }

func (u *undeterredly) Answered(now time.Time, a session.Answer) {
	if a.Status == 400 && u.out.Action != msnhttp.ActionOpen {
		u.Lost(now, session.Loss{})
		return
	}
	u.watched.Answered(now, a)
}

// holding keeps commands back until the machine may have them.
type holding struct {
	*session.Machine
	held [][]byte
	free func(session.State) bool // whether the machine may have them
	join bool                     // all as one
}

// allAtOnce sends all that waits in one body.
func allAtOnce(c session.Config) client.Brain {
	free := func(s session.State) bool { return s == session.Fresh || s == session.Ready }
	return &holding{Machine: session.New(c), free: free, join: true}
}

// notInTheOpen speaks when its session is open.
func notInTheOpen(c session.Config) client.Brain {
	return &holding{Machine: session.New(c), free: func(s session.State) bool { return s != session.Fresh }}
}

// Submit keeps a command back.
func (h *holding) Submit(body []byte) { h.held = append(h.held, body) }

// Next gives the machine what it may have.
func (h *holding) Next(now time.Time) session.Step {
	if h.free(h.State()) && len(h.held) > 0 {
		if h.join {
			h.held = [][]byte{bytes.Join(h.held, nil)}
		}
		for _, body := range h.held {
			h.Machine.Submit(body)
		}
		h.held = nil
	}
	return h.Machine.Next(now)
}

// impatient does not wait for an answer before it sends: commands go at once,
// or polls go on.
func impatient(polls bool) brain {
	return func(c session.Config) client.Brain {
		c.PollEvery = max(c.PollEvery, 2*time.Second)
		return &impatiently{Machine: session.New(c), polls: polls, every: c.PollEvery}
	}
}

type impatiently struct {
	*session.Machine
	polls   bool
	every   time.Duration
	waiting int              // commands that were not sent
	out     *session.Request // the newest
	sent    time.Time
}

func (i *impatiently) Submit(body []byte) {
	i.waiting++
	i.Machine.Submit(body)
}

// Next has the machine believe that its request was answered when another is to
// go.
func (i *impatiently) Next(now time.Time) session.Step {
	next := i.sent.Add(i.every)
	if i.State() == session.Awaiting && (i.polls && !now.Before(next) || !i.polls && i.waiting > 0) {
		pretend(i.Machine, now.Add(-i.every))
	}
	step := i.Machine.Next(now)
	switch {
	case step.Send != nil && step.Send != i.out:
		i.out, i.sent = step.Send, now
		if len(i.out.Body) > 0 {
			i.waiting--
		}
	case i.polls && step.Send == nil && step.Over == "" && i.State() == session.Awaiting:
		step.Until = next
	}
	return step
}

// Answered takes an answer too many for one to a request that was never sent.
func (i *impatiently) Answered(now time.Time, a session.Answer) {
	for at := now; !i.awaits(); {
		step := i.Machine.Next(at)
		if step.Over != "" {
			return
		}
		at = step.Until
	}
	i.Machine.Answered(now, a)
}

// Lost does not mind the loss of a request behind which another was sent.
func (i *impatiently) Lost(now time.Time, l session.Loss) {
	if i.awaits() {
		i.Machine.Lost(now, l)
	}
}

// awaits reports whether the machine waits for an answer.
func (i *impatiently) awaits() bool {
	return i.State() == session.Opening || i.State() == session.Awaiting
}
