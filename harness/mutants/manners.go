package mutants

import (
	"context"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/msn/builtin"
	"gauntlet/harness/msn/client"
	"gauntlet/harness/msn/session"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/workload"
)

// comesBack takes a sign-in elsewhere for bad luck.
var comesBack = Mutant{
	Name:     "comes-back",
	Defect:   "signs in again when the server has ended its session for a sign-in elsewhere",
	Violates: "close.stays-away",
	Needs:    NeedsSetting,
	Cases:    []string{"kicked-for-good-direct"},
	New:      minded(takeForForgotten),
}

// takeForForgotten has an answer with Session=close end the session as a 400 does.
func takeForForgotten(c session.Config) client.Brain { return &deafToClose{Machine: session.New(c)} }

type deafToClose struct {
	*session.Machine
	leaving, gone bool
}

func (d *deafToClose) Leave() {
	d.leaving = true
	d.Machine.Leave()
}

// Answered hears what an answer says, but not why it is the last.
func (d *deafToClose) Answered(now time.Time, a session.Answer) {
	if a.Status == 200 && a.Header != nil && a.Header.Close && !d.leaving {
		open := *a.Header
		open.Close, d.gone = false, true
		a.Header = &open
	}
	d.Machine.Answered(now, a)
}

func (d *deafToClose) Next(now time.Time) session.Step {
	if d.gone {
		return session.Step{Over: session.Forgotten}
	}
	return d.Machine.Next(now)
}

// criesWolf doubts everything when it is over.
var criesWolf = Mutant{
	Name:     "cries-wolf",
	Defect:   "calls all messages of a chat uncertain when the user leaves it, delivered or not",
	Violates: "command.doubt-founded",
	Cases:    []string{"messages-in-a-row-direct"},
	New:      newCriesWolf,
}

type doubter struct {
	adapter.Client
	report func(history.Event)
	sent   []string
}

func newCriesWolf(s adapter.Setup) (adapter.Client, error) {
	c, err := builtin.New()(s)
	return &doubter{Client: c, report: s.Report}, err
}

// Do performs a step, and doubts what was said when the chat is left.
func (d *doubter) Do(ctx context.Context, task adapter.Task) error {
	d.sent = append(d.sent, task.Texts...)
	if task.Step.Verb == workload.Leave {
		for _, text := range d.sent {
			d.report(history.Event{Kind: history.Uncertain, Text: text})
		}
		d.sent = nil
	}
	return d.Client.Do(ctx, task)
}

// opensOnAndOn has no end of new sessions.
var opensOnAndOn = Mutant{
	Name:     "opens-on-and-on",
	Defect:   "opens one session after the other when the gateway forgets each",
	Violates: "close.reopening-bounded",
	Needs:    NeedsFault,
	Cases:    []string{"forgotten-on-and-on"},
	Also:     []Collateral{{thrownOut, []requirement.ID{"connection.backs-off"}}},
	New:      builtin.New(func(o *client.Options) { o.Reopens = 1000 }),
}

// waitsItsTurn sends when it would have polled.
var waitsItsTurn = Mutant{
	Name:     "waits-its-turn",
	Defect:   "sends one command every two seconds, however many wait",
	Violates: "command.at-once",
	Cases:    []string{"messages-in-a-row-direct"},
	New:      minded(byTurns),
}

const turn = 2 * time.Second

func byTurns(c session.Config) client.Brain { return &dawdler{Machine: session.New(c)} }

type dawdler struct {
	*session.Machine
	held    [][]byte
	next    time.Time
	leaving bool
}

// Submit keeps a command back.
func (d *dawdler) Submit(body []byte) { d.held = append(d.held, body) }

// Leave waits for what is kept back.
func (d *dawdler) Leave() { d.leaving = true }

// Next gives the machine one command a turn.
func (d *dawdler) Next(now time.Time) session.Step {
	state := d.State()
	if len(d.held) > 0 && (state == session.Fresh || state == session.Ready && !now.Before(d.next)) {
		d.Machine.Submit(d.held[0])
		d.held, d.next = d.held[1:], now.Add(turn)
	}
	if d.leaving && len(d.held) == 0 {
		d.Machine.Leave()
	}
	step := d.Machine.Next(now)
	if step.Send == nil && len(d.held) > 0 && d.State() == session.Ready && d.next.Before(step.Until) {
		step.Until = d.next
	}
	return step
}
