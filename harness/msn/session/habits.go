package session

// Habits are the points at which clients in the field differ from the
// documented one. The zero value is the documented client; each mutant sets
// one.
type Habits struct {
	AfterLoss AfterLoss
	Waiting   Waiting
	Polling   Polling
	Refusal   Refusal
	BackOff   BackOff
	Bodies    Bodies
	OpenBody  OpenBody
}

// AfterLoss is what a client does with the request whose answer did not come.
type AfterLoss int

// The habits after a loss.
const (
	RepeatIt      AfterLoss = iota // the same bytes again, before anything else
	Reopen                         // begins another session at once
	DropIt                         // forgets the request and goes on
	SendItAnew                     // hands the command back to be sent as a new one
	SendItLast                     // puts the command behind all that waits
	SendUnderNew                   // repeats it under the id that the head of the cut answer had shown
	GiveUpAtFirst                  // takes the loss of the connection for the end of the session
)

// Waiting is what a client does while a request is out.
type Waiting int

// The habits of waiting.
const (
	WaitForAnswer Waiting = iota
	SendAtOnce            // commands go on another connection
	PollOn                // polls go on, as if nothing were out
)

// Polling is whether a client asks for what is queued when it is idle.
type Polling int

// The habits of polling.
const (
	PollWhenIdle Polling = iota
	NeverPoll
)

// Refusal is what a client makes of a 400.
type Refusal int

// The habits after a 400.
const (
	EndOfSession Refusal = iota
	AskOn                // takes it for a lost answer
)

// BackOff is how long a client waits before it tries again.
type BackOff int

// The habits of backing off.
const (
	Growing  BackOff = iota // up to 5 s
	AtOnce                  // hardly at all
	Sluggish                // a minute
)

// Bodies is how many commands go into one request.
type Bodies int

// The habits of filling bodies.
const (
	OneCommand Bodies = iota
	AllQueued
)

// OpenBody is what goes along with an open.
type OpenBody int

// The habits of opening.
const (
	WithCommand OpenBody = iota
	WithNothing
)
