// Package session is the brain of the reference client: one gateway session,
// NS or SB, as a state machine without I/O. Time is an argument, connections
// are words. It knows the SessionID, the order of requests and what to do when
// an answer does not come; it knows nothing of sockets, HTTP heads or MSNP.
// harness/msn/client drives it; each Machine belongs to one goroutine. What can
// happen, and what it does then, is the table in table.go and nothing else.
//
// # Theory of operation
//
// A session is a conversation in which only the client may begin. At any time
// at most one request is out (S14). It carries the SessionID of the newest
// answer that arrived whole (S45). What the user submits waits in a queue;
// when nothing waits for PollEvery, the machine polls (S12, S42).
//
// When a connection is lost nobody can tell whether the gateway saw the
// request. The machine therefore repeats it, byte for byte, with the same id,
// before it sends anything else (S17): a gateway that had processed it answers
// again from its log. A lost open is different: there is no id yet. An NS open is
// repeated as well, for what the first may have begun nobody uses, and it ends by
// the gateway's time-out; an SB open, lost or refused, ends the session, for the
// ticket in it is spent and its owner has to ask for another.
//
// A 400 to a repeat can mean that the gateway forgets ids at once. If the cut
// answer had shown a newer id, the machine tries that one, once: with the request
// again, or with a poll if that said what may be said once only. Any other 400
// means that the session is gone: the machine ends, and whether to open another
// is its owner's decision.
//
// Every other answer that is not the gateway's (a proxy's error, a captive
// portal's page) says nothing about the session: it counts as a lost one. If it says
// when to come back, the machine waits for that, before it ends, too.
package session

import (
	"time"

	"gauntlet/harness/msn/msnhttp"
)

// Config is what a session has to know. The zero durations take defaults.
type Config struct {
	Server    string                    // NS or SB
	Authority string                    // where the open is addressed to
	IP        string                    // the IP argument of the open
	PollEvery time.Duration             // 2 s
	Patience  time.Duration             // how long trouble may last before the session is given up; 10 min
	Once      func(command []byte) bool // reports whether a command would be one too many if it were processed twice; nil: none is
	BackOff   []time.Duration           // waits before the first, second, … repeat, the last one before all further; by default growing to 5 s
}

func (c Config) withDefaults() Config {
	if c.PollEvery == 0 {
		c.PollEvery = 2 * time.Second
	}
	if c.Patience == 0 {
		c.Patience = 10 * time.Minute // of a laptop that sleeps, or a train in a tunnel
	}
	if len(c.BackOff) == 0 {
		c.BackOff = []time.Duration{ // from the third on it is at most one try a second
			100 * time.Millisecond, 500 * time.Millisecond,
			time.Second, 2 * time.Second, 4 * time.Second, 5 * time.Second,
		}
	}
	return c
}

// longestRest is for how long we stay away when we are told to: a third of the time
// after which the gateway forgets the session.
const longestRest = 20 * time.Second

// actionCommand is the Action of a request that names none in its query.
const actionCommand = "command"

// Request is one POST to make. A repeated request is equal to the first.
type Request struct {
	Action    string // open, poll or command
	Authority string // host to address, from GW-IP once known (S44)
	Query     msnhttp.Query
	Body      []byte
}

// Answer is a whole answer. Header is nil if it had no X-MSN-Messenger field
// or one without a SessionID: then it did not come from the gateway.
type Answer struct {
	Status     int
	Header     *msnhttp.SessionHeader
	Body       []byte
	RetryAfter time.Duration // for how long it tells us to stay away; 0: it says nothing
}

// Loss says how a request went without a whole answer.
type Loss struct {
	Unsent bool   // certain that no byte of it left
	Shown  string // SessionID in the head of a cut answer, if it got that far
}

// Step is what the owner has to do next.
type Step struct {
	Send  *Request  // make this request, then report Answered or Lost
	Until time.Time // otherwise: ask again at this time, or after the next input; zero: only after an input
	Over  Cause     // why the session is over; empty: it goes on
}

// Cause says why a session is over.
type Cause string

// The causes.
const (
	Left        Cause = "left"        // we sent our last command and got the answer
	ByServer    Cause = "by server"   // Session=close (S46)
	Forgotten   Cause = "forgotten"   // 400: the gateway does not know the session any more
	OpenLost    Cause = "open lost"   // the answer to a switchboard's open never came
	Unreachable Cause = "unreachable" // trouble outlasted the patience
)
