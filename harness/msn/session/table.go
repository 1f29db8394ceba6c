package session

// State is where a session stands.
type State string

// The states.
const (
	Fresh    State = "fresh"    // nothing sent yet
	Opening  State = "opening"  // the open is out
	Ready    State = "ready"    // open, nothing out
	Awaiting State = "awaiting" // a request is out
	Broken   State = "broken"   // a request went without an answer and has to be repeated
	Ended    State = "ended"
)

// Input is what can happen to a session.
type Input string

// The inputs.
const (
	Due       Input = "due"       // it is time to send
	Done      Input = "done"      // we are leaving, and nothing is left to send
	Whole     Input = "whole"     // a whole answer of the gateway
	Last      Input = "last"      // the same, with Session=close
	Refused   Input = "refused"   // 400
	Stale     Input = "stale"     // 400 to a repeat, and the cut answer had shown a newer id
	Trouble   Input = "trouble"   // lost, or an answer that is not the gateway's
	Hopeless  Input = "hopeless"  // lost, and it must not be repeated
	Exhausted Input = "exhausted" // trouble for longer than the patience
)

type transition struct {
	to State
	do func(*Machine, happening)
}

// transitions is the whole behaviour. A pair that is not in it cannot occur.
var transitions = map[State]map[Input]transition{
	Fresh: {
		Due: {Opening, (*Machine).sendOpen},
	},
	Opening: {
		Whole:    {Ready, (*Machine).accept},
		Last:     {Ended, (*Machine).acceptLast},
		Refused:  {Ended, ends(Forgotten)},
		Trouble:  {Broken, (*Machine).backOff},
		Hopeless: {Ended, ends(OpenLost)},
	},
	Ready: {
		Due:  {Awaiting, (*Machine).sendNext},
		Done: {Ended, ends(Left)},
	},
	Awaiting: {
		Whole:    {Ready, (*Machine).accept},
		Last:     {Ended, (*Machine).acceptLast},
		Refused:  {Ended, ends(Forgotten)},
		Stale:    {Broken, (*Machine).tryShown},
		Trouble:  {Broken, (*Machine).backOff},
		Hopeless: {Ended, ends(OpenLost)}, // of a switchboard's open that had not left at first
	},
	Broken: {
		Due:       {Awaiting, (*Machine).repeat},
		Exhausted: {Ended, ends(Unreachable)},
	},
}
