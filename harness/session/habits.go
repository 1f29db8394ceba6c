package session

// Habits are the points at which clients in the field differ from the
// documented one. The zero value is the documented client; each mutant sets
// one.
type Habits struct {
	AfterLoss AfterLoss
	Waiting   Waiting
}

// AfterLoss is what a client does with the request whose answer did not come.
type AfterLoss int

// The habits after a loss.
const (
	RepeatIt   AfterLoss = iota // the same bytes again, before anything else
	Reopen                      // begins another session at once
	DropIt                      // forgets the request and goes on
	SendItAnew                  // hands the command back to be sent as a new one
)

// Waiting is what a client does with a command while a request is out.
type Waiting int

// The habits of waiting.
const (
	WaitForAnswer Waiting = iota
	SendAtOnce            // on another connection
)
