package session

import (
	"testing"
	"time"

	"gauntlet/harness/msn/msnhttp"
)

// leads says where each pair of the table leads, once more and by hand.
var leads = map[State]map[Input]State{
	Fresh:    {Due: Opening},
	Opening:  {Whole: Ready, Last: Ended, Refused: Ended, Trouble: Broken, Hopeless: Ended},
	Ready:    {Due: Awaiting, Done: Ended},
	Awaiting: {Whole: Ready, Last: Ended, Refused: Ended, Stale: Broken, Trouble: Broken, Hopeless: Ended},
	Broken:   {Due: Awaiting, Exhausted: Ended},
}

func TestEveryTransition(t *testing.T) {
	pairs := 0
	for state, inputs := range transitions {
		for input := range inputs {
			pairs++
			if got, want := after(state, input), leads[state][input]; got != want {
				t.Errorf("%s in %s leads to %q, want %q", input, state, got, want)
			}
		}
	}
	for _, inputs := range leads {
		pairs -= len(inputs)
	}
	if pairs != 0 {
		t.Errorf("the table has %d pairs more than are written here", pairs)
	}
}

// after is the state in which an input leaves a machine.
func after(state State, input Input) State {
	m := New(Config{Server: "NS"})
	m.state, m.out = state, &Request{Action: "poll"}
	m.take(input, happening{now: time.Unix(0, 0), answer: Answer{Header: &msnhttp.SessionHeader{SessionID: "1"}}})
	return m.State()
}

func TestWhatCannotOccurPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("the end of a patience that was not begun was let pass")
		}
	}()
	New(Config{}).take(Exhausted, happening{})
}
