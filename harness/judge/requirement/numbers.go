package requirement

import (
	"fmt"
	"time"
)

// Number is a number that a requirement, or the judging of it, rests on. The
// source gives few: it says that clients poll every few seconds (S12), and no more.
// What is ours alone is a should, unless it is far beyond every client that is
// known, or the session is dead by then.
type Number struct {
	Level  Level
	Says   string // the number, and what it limits
	Origin string // where it comes from
}

// Back is how long a client may take to be back after a loss: it should be within
// the first, and must be within the second.
const (
	BackShould = 30 * time.Second
	BackMust   = 120 * time.Second
)

// LongestSilence is the longest time between two requests of a client whose user
// is signed in and whom nothing disturbs.
const LongestSilence = 30 * time.Second

// Who has the answer to its OUT should be gone after FarewellShould, and must be after
// FarewellMust.
const (
	FarewellShould = 30 * time.Second
	FarewellMust   = time.Minute
)

// LongestRest is for how long a client should stay away when it is told to.
const LongestRest = 20 * time.Second

// LongestWait is how long a client may wait for an answer, by right.
const LongestWait = time.Minute

// ShortestRest is how long an idle client must wait before it polls again; between
// QuickestPoll and SlowestPoll is what it should.
const (
	ShortestRest = 400 * time.Millisecond
	QuickestPoll = time.Second
	SlowestPoll  = 10 * time.Second
)

// After FreeErrors in a row a client should try once in OncePer, and must try no
// more than StormTries times in StormFor.
const (
	FreeErrors = 3
	OncePer    = time.Second
	StormTries = 50
	StormFor   = 5 * time.Second
)

// EnoughOpens are so many opens, lost one after the other, that a client may leave it
// to its user to try again.
const EnoughOpens = 2

// A client that a proxy turns away (407) should ask no more than ManyChallenges times
// in a minute, and must ask no more than MostChallenges times.
const (
	ManyChallenges = 20
	MostChallenges = 60
)

// What only its user can help, such as a challenge or a lost proxy auto-configuration, a
// client should have told within ToldBy, and must have told by ToldMust.
const (
	ToldBy   = 30 * time.Second
	ToldMust = time.Minute
)

// EndsBy is by when a program must have ended that is asked to (SIGTERM).
const EndsBy = 30 * time.Second

// After a refusal a client must not open more than FreeOpens sessions in OpensFor, and
// should not open more than ManyOpens in a minute.
const (
	FreeOpens = 5
	OpensFor  = 5 * time.Second
	ManyOpens = 10
)

// LongestHold is how long a message may wait for nothing.
const LongestHold = time.Second

// Chances is how often a client polls that was challenged before it is certain
// that it has no answer.
const Chances = 2

// StaleShown is how often a client may use a nonce that the proxy calls stale.
const StaleShown = 2

var (
	backShould = Number{
		Should, fmt.Sprintf("%s after the loss", seconds(BackShould)),
		"ours: three times the slowest pause between two polls that is known of a client, and half of the 60 s after which gateways forget a session",
	}
	backMust = Number{
		Must, fmt.Sprintf("%s after the loss", seconds(BackMust)),
		"ours: twice the 60 s after which gateways forget a session, so that by then it is dead, and beyond the time-outs of all clients that are known",
	}
	wait = Number{
		Must, fmt.Sprintf("an answer may be waited for up to %s", seconds(LongestWait)),
		"ours, in the client's favour: HTTP libraries and browsers wait for a minute and more, and the gateway keeps what it owes for 60 s",
	}
)

// seconds prints a duration as people say it.
func seconds(d time.Duration) string { return fmt.Sprintf("%g s", d.Seconds()) }
