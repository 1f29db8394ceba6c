// Package fate tells how far each disturbed exchange came, and what the client
// made of it: a pure function of the history, beside the verdicts and not one
// of them. It knows hops, requests and ids; it does not know what would have
// been right. The rig imports it.
package fate

import (
	"fmt"
	"strings"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/oracle"
)

// Stage is how far an exchange came before it was over.
type Stage string

// The stages, in the order of the way.
const (
	NeverLeft      Stage = "never left the client" // its connection was turned away, or was gone before a byte of it
	LeftClient     Stage = "left the client"       // not whole, or withheld from whom it was for
	ReachedBox     Stage = "reached the box"       // whole; nothing of it was seen beyond
	ReachedGateway Stage = "reached the gateway"   // at least in part; not processed
	Processed      Stage = "processed"             // taken, repeated from the log or refused; nothing of the answer was seen
	AnswerLeft     Stage = "answer left"           // the gateway's answer began and did not arrive whole
	AnswerArrived  Stage = "answer arrived"        // the gateway's own, whole
)

// Conclusion is what the client did about it.
type Conclusion string

// The conclusions.
const (
	RepeatedIt        Conclusion = "repeated it"            // byte for byte
	WentOn            Conclusion = "went on"                // with another request of the session
	ReportedUncertain Conclusion = "reported uncertainty"   // to its user
	OpenedAnew        Conclusion = "opened anew"            // another session of the same kind
	ReportedFailure   Conclusion = "reported failure"       // to its user
	HadDone           Conclusion = "had nothing more to do" // its user left, or the run ended soon after
	WasGone           Conclusion = "was gone"               // its program had ended, or broken off, of its own accord
	FellSilent        Conclusion = "fell silent"            // and gave the session up without a word
)

// Fate is what became of one disturbed exchange. Exchange and Connection are
// ordinals at hop 0; Exchange is 0 for a request whose head never came whole.
type Fate struct {
	Exchange   int          `json:"exchange"`
	Connection int          `json:"connection"`
	Request    string       `json:"request,omitempty"` // such as "NS poll"
	At         int64        `json:"at_ms"`             // when it was disturbed
	Faults     []string     `json:"faults"`            // that struck it, at any hop; none: the box or the gateway was in trouble
	Stage      Stage        `json:"stage"`
	Concluded  []Conclusion `json:"concluded"`
	Next       int          `json:"next,omitempty"`     // the exchange by which it went on
	After      int64        `json:"after_ms,omitempty"` // how long that took
}

// String tells the fate on one line.
func (f Fate) String() string {
	what := "a request that was not seen"
	if f.Exchange > 0 {
		what = fmt.Sprintf("request %d (%s)", f.Exchange, f.Request)
	}
	words := make([]string, len(f.Concluded))
	for i, c := range f.Concluded {
		words[i] = string(c)
	}
	line := fmt.Sprintf("%s %s; the client %s", what, f.Stage.said(), strings.Join(words, ", "))
	if f.Next > 0 {
		line += fmt.Sprintf(": request %d, after %.3fs", f.Next, float64(f.After)/1000)
	}
	return line
}

// said puts a stage behind the name of a request.
func (s Stage) said() string {
	switch s {
	case Processed:
		return "was processed, nothing of the answer left"
	case AnswerLeft:
		return "was processed, and its answer did not arrive whole"
	case AnswerArrived:
		return "was answered, and the answer arrived"
	}
	return string(s)
}

// most is how many fates are told of one run; a line that is bad all day has
// thousands, and they resemble each other.
const most = 50

// Of lists the fates of the disturbed exchanges, in order of time, the first
// fifty; boxes is how many stood between the client and the gateway.
func Of(e *oracle.Evidence, boxes int) []Fate {
	list := []Fate{}
	struck := strikes(e.Events)
	if len(struck) == 0 && !anyLost(e) {
		return list
	}
	way := traced(e, boxes)
	for _, d := range disturbances(e, way, struck) {
		if len(list) == most {
			break
		}
		list = append(list, tell(e, way, d))
	}
	return list
}

func tell(e *oracle.Evidence, w *way, d disturbance) Fate {
	f := Fate{At: d.at.Milliseconds(), Connection: d.conn, Faults: d.faults, Stage: NeverLeft}
	if d.request != nil {
		f.Exchange, f.Request, f.Stage = d.request.Ordinal, d.request.Name(), w.stage(d.request)
	}
	next := conclude(e, d, &f)
	if next != nil {
		f.Next, f.After = next.Ordinal, (next.Began - d.at).Milliseconds()
	}
	return f
}

func anyLost(e *oracle.Evidence) bool {
	for _, r := range e.Requests {
		if lost(r) {
			return true
		}
	}
	return false
}

// lost tells whether a request is over without the gateway's whole answer. A
// refusal of the gateway's is an answer.
func lost(r *oracle.Request) bool {
	return r.Ended >= 0 && !r.Served() && r.Status != 400
}

// strike is a fault that acted on an exchange at some hop, or on a connection.
type strike struct {
	hop, conn, exchange int
	at                  time.Duration
	fault               string
}

func strikes(events []history.Event) []strike {
	var list []strike
	for i := range events {
		if ev := &events[i]; ev.Kind == history.Fired {
			list = append(list, strike{ev.Hop, ev.Conn, ev.Exchange, ev.At, ev.Fault})
		}
	}
	return list
}
