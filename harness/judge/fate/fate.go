// Package fate tells how far each disturbed exchange came, and what the client
// made of it: a pure function of the history, beside the verdicts and not one
// of them. It knows hops, requests and ids; it does not know what would have
// been right. The rig imports it.
package fate

import (
	"fmt"
	"strings"

	"gauntlet/harness/judge/trace"
)

// Conclusion is what the client did about it.
type Conclusion string

// What a client can make of a disturbance, as far as it shows.
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
	Faults     []string     `json:"faults"`            // that fired on it, at any hop; none: the box or the gateway was in trouble
	Stage      trace.Stage  `json:"stage"`
	Falsified  string       `json:"falsified,omitempty"` // what is not true of the answer, and by whom
	Concluded  []Conclusion `json:"concluded"`
	Next       int          `json:"next,omitempty"`     // the exchange by which it went on
	After      int64        `json:"after_ms,omitempty"` // how long that took
}

// String tells the fate on one line.
func (f Fate) String() string {
	stage := reached(f.Stage)
	what := "a request that was not seen"
	if f.Exchange > 0 {
		what = fmt.Sprintf("request %d (%s)", f.Exchange, f.Request)
	}
	words := make([]string, len(f.Concluded))
	for i, c := range f.Concluded {
		words[i] = string(c)
	}
	if f.Falsified != "" {
		stage += ", falsified (" + f.Falsified + ")"
	}
	line := fmt.Sprintf("%s %s; the client %s", what, stage, strings.Join(words, ", "))
	if f.Next > 0 {
		line += fmt.Sprintf(": request %d, after %.3fs", f.Next, float64(f.After)/1000)
	}
	return line
}

// reached puts a stage behind the name of a request.
func reached(s trace.Stage) string {
	switch s {
	case trace.Processed:
		return "was processed, nothing of the answer left"
	case trace.AnswerLeft:
		return "was processed, and its answer did not arrive whole"
	case trace.AnswerArrived:
		return "was answered, and the answer arrived"
	}
	return string(s)
}

// most is how many fates are told of one run; a line that is bad all day has
// thousands, and they resemble each other.
const most = 50

// Of lists the fates of the disturbed exchanges, in order of time, the first
// fifty.
func Of(t *trace.Trace) []Fate {
	list := []Fate{}
	for _, d := range disturbances(t) {
		if len(list) == most {
			break
		}
		list = append(list, tell(t, d))
	}
	return list
}

func tell(t *trace.Trace, d *disturbance) Fate {
	f := Fate{At: d.at.Milliseconds(), Connection: d.conn, Faults: d.faults, Stage: trace.NeverLeft}
	if d.request != nil {
		f.Exchange, f.Request, f.Stage = d.request.Ordinal, d.request.Name(), d.request.Stage()
	}
	if d.request != nil && d.request.Falsified() != nil {
		f.Falsified = d.request.Falsified().String()
	}
	if next := conclude(t, d, &f); next != nil {
		f.Next, f.After = next.Ordinal, (next.Began - d.at).Milliseconds()
	}
	return f
}
