package sweep

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/run/rig"
	"gauntlet/harness/run/workload"
	"gauntlet/proxies/fault"
)

// Certain is the first exchange after which a failure was certain.
type Certain struct {
	Exchange int // at hop 0; 0: nobody knows
	// Continuations are how the run went on from there, each of which failed.
	Continuations []string
	// Until is what of the exchange before could still be saved, and how; empty if
	// the first disturbed exchange decided it.
	Until string
}

// How a run can go on otherwise than it did: the client could have met another road
// from there on, or its user could have had more patience. None says what the client
// should do.
var continuations = []struct {
	name   string
	strike func(next int) []fault.Fault
	script func(workload.Script) workload.Script
}{
	{"as it did", nil, nil},
	{"with the next request lost on its way", after(fault.AtForward, "close"), nil},
	{"with the next answer lost", after(fault.AtAnswer, "close"), nil},
	{"with the next answer late", after(fault.AtAnswer, "hold", "2s"), nil},
	{"with a new connection", after(fault.AtEnd, "close"), nil},
	{"with a user who waits two minutes longer", nil, patient},
}

// after is a fault at the exchange of that number.
func after(at fault.Place, effect string, args ...string) func(int) []fault.Fault {
	return func(next int) []fault.Fault {
		return []fault.Fault{{
			Trigger:  fault.Trigger{On: fault.Exchange, Word: fault.AnyExchange, Ordinal: next},
			Landmark: fault.Landmark{At: at}, Effect: fault.Effect{Name: effect, Args: args},
		}}
	}
}

// patient stays longer before the user leaves whatever comes first.
func patient(s workload.Script) workload.Script {
	end := slices.IndexFunc(s, func(step workload.Step) bool { return step.Verb == workload.Leave || step.Verb == workload.SignOut })
	if end < 0 {
		end = len(s)
	}
	return slices.Insert(slices.Clone(s), end, workload.Step{Verb: workload.Stay, For: 2 * time.Minute})
}

// farthest is how many exchanges after the disturbance are looked at.
const farthest = 12

// Decide replays the run of a failing point up to one exchange after the other, and
// has it go on in other ways from there. What fails in all of them was certain. It
// means something where a run is the same each time: in virtual time.
func (s Shrinker) Decide(ctx context.Context, found Shrunk) (Certain, error) {
	events, err := found.Outcome.Recorded()
	if err != nil || len(events) == 0 { // its worker died with it
		return Certain{}, err
	}
	first, last := disturbed(events)
	if first == 0 {
		return Certain{}, nil
	}
	until := ""
	for at := first; at <= min(last, first+farthest); at++ {
		saved, all, err := s.saved(ctx, found, at)
		if err != nil {
			return Certain{}, err
		}
		if saved == "" {
			return Certain{Exchange: at, Continuations: all, Until: until}, nil
		}
		until = fmt.Sprintf("after request %d it could still go well, %s", at, saved)
	}
	return Certain{Until: until}, nil
}

// disturbed are the first exchange at hop 0 that was disturbed, and the last of the
// run.
func disturbed(events []history.Event) (first, last int) {
	exchanges := history.Exchanges(events, 0)
	for _, x := range exchanges {
		last = max(last, x.Ordinal)
	}
	fired := slices.IndexFunc(events, func(e history.Event) bool { return e.Kind == history.Fired })
	if fired < 0 {
		return 0, last
	}
	e := events[fired]
	struck := slices.IndexFunc(exchanges, func(x *history.Exchange) bool {
		return x.Ordinal > 0 && (e.Hop == 0 && e.Exchange == x.Ordinal || x.Ended < 0 || x.Ended >= e.At)
	})
	if struck < 0 {
		return 0, last
	}
	return exchanges[struck].Ordinal, last
}

// saved names a way to go on after that exchange by which it goes well; empty if
// there is none among those that all lists.
func (s Shrinker) saved(ctx context.Context, found Shrunk, at int) (way string, all []string, err error) {
	var list []Point
	for _, c := range continuations {
		p := found.Point
		if c.strike != nil {
			p.Faults = append(slices.Clone(p.Faults), c.strike(at+1)...)
		}
		if c.script != nil {
			p.Workload = c.script(p.Workload)
		}
		list, all = append(list, p), append(all, c.name)
	}
	failed := make([]bool, len(list))
	err = judgeAll(ctx, s.Judge, list, func(i int, o rig.Outcome) {
		c, is := causeOf(list[i], &o.Result)
		failed[i] = is && c.Requirement == found.Cause.Requirement
	})
	if i := slices.Index(failed, false); i >= 0 {
		return all[i], all, err
	}
	return "", all, err
}
