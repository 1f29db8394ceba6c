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
	Deviation Input = "deviation" // lost, and a habit says something else than to repeat
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
		Whole:     {Ready, (*Machine).accept},
		Last:      {Ended, (*Machine).acceptLast},
		Refused:   {Ended, (*Machine).forget},
		Trouble:   {Broken, (*Machine).backOff},
		Hopeless:  {Ended, (*Machine).loseOpen},
		Deviation: {Ready, (*Machine).deviate},
	},
	Ready: {
		Due:  {Awaiting, (*Machine).sendNext},
		Done: {Ended, (*Machine).depart},
		// Answers that a habit let overlap arrive here as well.
		Whole: {Ready, (*Machine).accept}, Last: {Ended, (*Machine).acceptLast},
		Refused: {Ended, (*Machine).forget}, Trouble: {Ready, (*Machine).ignore},
	},
	Awaiting: {
		Due:       {Awaiting, (*Machine).sendNext}, // only with a habit that does not wait
		Whole:     {Ready, (*Machine).accept},
		Last:      {Ended, (*Machine).acceptLast},
		Refused:   {Ended, (*Machine).forget},
		Stale:     {Broken, (*Machine).tryShown},
		Trouble:   {Broken, (*Machine).backOff},
		Hopeless:  {Ended, (*Machine).loseOpen},
		Deviation: {Ready, (*Machine).deviate},
	},
	Broken: {
		Due:       {Awaiting, (*Machine).repeat},
		Exhausted: {Ended, (*Machine).giveUp},
		// Answers that a habit let overlap with what was lost.
		Whole: {Ready, (*Machine).accept}, Last: {Ended, (*Machine).acceptLast},
		Refused: {Ended, (*Machine).forget},
	},
	Ended: {
		Whole: {Ended, (*Machine).ignore}, Last: {Ended, (*Machine).ignore},
		Refused: {Ended, (*Machine).ignore}, Trouble: {Ended, (*Machine).ignore},
	},
}
