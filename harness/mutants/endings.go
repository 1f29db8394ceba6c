package mutants

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/msn/builtin"
	"gauntlet/harness/msn/client"
	"gauntlet/harness/msn/session"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/workload"
)

// asksTheDead takes a 400 for bad luck.
var asksTheDead = Mutant{
	Name:     "asks-the-dead",
	Defect:   "asks on with a dead id after a 400",
	Violates: "close.reopens-once",
	Seen:     "pymsn: reads no status line",
	Needs:    NeedsSetting,
	Cases:    []string{"forgotten-direct"},
	Also: []Collateral{
		{fallsSilent, []requirement.ID{"connection.recovers", "command.carried-out", "command.not-lost"}},
		{neverOver, []requirement.ID{"client.leaves-nothing"}},
	},
	New: minded(undeterred),
}

var errDead = errors.New("the client is dead")

// diesOf is a client that a certain answer kills: from then on it neither
// connects nor sends.
func diesOf(fatal func(*answer) bool) adapter.Factory {
	return tampered(func(adapter.Setup) tamper {
		dead := &atomic.Bool{}
		return tamper{
			dial: func(ctx context.Context, d dialler, address string) (net.Conn, error) {
				if dead.Load() {
					return nil, errDead
				}
				return d(ctx, address)
			},
			answer: func(a *answer) {
				if fatal(a) || dead.Load() {
					dead.Store(true)
					a.fatal = errDead
				}
			},
		}
	})
}

// givesUp takes the end of a connection for the end of everything.
var givesUp = Mutant{
	Name:     "gives-up",
	Defect:   "ends the session at the first closed connection, and does not open another",
	Violates: "connection.session-survives",
	Seen:     "libpurple 2, Gaim, Kopete, gtmess-gw: a closed connection is the end of the account's session",
	Needs:    NeedsFault,
	Also:     []Collateral{{fallsSilent, []requirement.ID{"poll.keeps-going", "close.says-out", "close.reopens-once", "connection.recovers", "command.carried-out", "command.not-lost", "answer.delivered"}}},
	New:      builtin.New(func(o *client.Options) { o.Brain, o.Reopens = afterLoss(despair), -1 }),
}

// ignoresClose asks on until it is refused.
var ignoresClose = Mutant{
	Name:     "ignores-close",
	Defect:   "ignores Session=close",
	Violates: "close.honoured",
	Seen:     "libpurple 2, papyon, aMSN, SIM, emesene 2",
	Needs:    NeedsSetting,
	Cases:    []string{"kicked-*-direct"},
	Also:     []Collateral{{thrownOut, []requirement.ID{"close.stays-away"}}},
	New:      onAnswers(withoutClose),
}

func withoutClose(a *answer) {
	if h, ok := a.session(); ok {
		h.Close = false
		a.setSession(h)
	}
}

// keepsMum opens another session and lets its user believe that nothing happened.
var keepsMum = Mutant{
	Name:     "keeps-mum",
	Defect:   "does not tell its user that the session was lost",
	Violates: "close.reopens-once",
	Needs:    NeedsSetting,
	Cases:    []string{"forgotten-direct"},
	New:      silentOn(func(e history.Event) bool { return e.Kind == history.Reopened }),
}

// silentOn keeps some of what it knows from its user.
func silentOn(hidden func(history.Event) bool) adapter.Factory {
	return func(s adapter.Setup) (adapter.Client, error) {
		report := s.Report
		s.Report = func(e history.Event) {
			if !hidden(e) {
				report(e)
			}
		}
		return builtin.New()(s)
	}
}

// reopens opens a new session after each lost connection instead of going on with the old.
var reopens = Mutant{
	Name:     "reopens",
	Defect:   "opens a new session when a connection is lost",
	Violates: "connection.session-survives",
	Needs:    NeedsFault,
	Cases:    []string{"cut-poll-*"},
	Also: []Collateral{
		{abandons, []requirement.ID{"close.says-out", "command.carried-out", "command.not-lost", "answer.delivered"}},
		{fallsSilent, []requirement.ID{"poll.keeps-going"}},
	},
	New: builtin.New(func(o *client.Options) { o.Brain, o.Reopens = afterLoss(reopen), 1000 }),
}

// isElsewhere takes another network for another session.
var isElsewhere = Mutant{
	Name:     "is-elsewhere",
	Defect:   "opens a new session when its own address has changed",
	Violates: "connection.session-survives",
	Seen:     "clients that sign in anew when the desktop tells them of another network",
	Needs:    NeedsFault,
	Cases:    []string{"client-moves-poll-*"},
	Also:     []Collateral{{abandons, []requirement.ID{"close.says-out", "command.carried-out", "command.not-lost", "answer.delivered"}}},
	New:      newElsewhere,
}

func newElsewhere(s adapter.Setup) (adapter.Client, error) {
	var at atomic.Value // the address of the newest connection, without its port
	s.Network = between{s.Network, tamper{dial: func(ctx context.Context, d dialler, address string) (net.Conn, error) {
		conn, err := d(ctx, address)
		if err == nil {
			own, _, _ := net.SplitHostPort(conn.LocalAddr().String()) // each has one
			at.Store(own)
		}
		return conn, err
	}}, s.Trust != nil}
	return builtin.New(func(o *client.Options) {
		o.Brain, o.Reopens = func(c session.Config) client.Brain { return &settled{Machine: session.New(c), at: &at} }, 1000
	})(s)
}

// settled is a machine for one address.
type settled struct {
	*session.Machine
	at   *atomic.Value
	home any // where its first answer came to
}

// Answered takes what comes to another address for the end of the session.
func (h *settled) Answered(now time.Time, a session.Answer) {
	here := h.at.Load()
	if h.home == nil {
		h.home = here
	}
	if here != h.home {
		a = session.Answer{Status: 400}
	}
	h.Machine.Answered(now, a)
}

// slinksAway hangs up instead of taking its leave.
var slinksAway = Mutant{
	Name:     "slinks-away",
	Defect:   "signs out without OUT",
	Violates: "close.says-out",
	New:      newSlinksAway,
}

type slinker struct{ adapter.Client }

func newSlinksAway(s adapter.Setup) (adapter.Client, error) {
	c, err := builtin.New()(s)
	return slinker{c}, err
}

// Do performs a step; the last one is to drop everything.
func (s slinker) Do(ctx context.Context, task adapter.Task) error {
	if task.Step.Verb == workload.SignOut {
		s.Close()
		return nil
	}
	return s.Client.Do(ctx, task)
}

// sulks is told that its session is gone, and leaves it at that.
var sulks = Mutant{
	Name:     "sulks",
	Defect:   "opens no other session when the gateway has forgotten its own",
	Violates: "close.reopens-once",
	Seen:     "Pidgin, Kopete, Miranda 0.5: signed off by the first 400",
	Needs:    NeedsSetting,
	Cases:    []string{"forgotten-direct"},
	Also:     []Collateral{{fallsSilent, []requirement.ID{"poll.keeps-going", "connection.recovers", "command.carried-out", "command.not-lost"}}},
	New:      builtin.New(func(o *client.Options) { o.Reopens = -1 }),
}
