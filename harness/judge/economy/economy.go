// Package economy counts what a client's session cost on the wire, and how soon
// it worked again after the last fault: a pure function of the history. It does
// not know what would have been cheap. The rig imports it, and reports compare
// its figures.
package economy

import (
	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/trace"
)

// Figures are the costs of one run, at hop 0, with all repeats and refusals.
type Figures struct {
	Requests    int   `json:"requests"`
	Polls       int   `json:"polls"`        // of them
	Connections int   `json:"connections"`  // that carried anything
	Sent        int   `json:"sent_bytes"`   // of requests that came whole or in part: heads and bodies
	Received    int   `json:"got_bytes"`    // of answers, as far as they are recorded
	Messages    int   `json:"messages"`     // that arrived, in both directions, each once
	Recovered   int64 `json:"recovered_ms"` // from the last fault to the next whole answer to what it disturbed; -1: no fault, or none came
}

// Of reads the figures from a run.
func Of(t *trace.Trace) Figures {
	f := Figures{Requests: len(t.Requests), Messages: messages(t), Recovered: recovered(t)}
	for _, r := range t.Requests {
		if r.Asked.Action == trace.Poll {
			f.Polls++
		}
		f.Sent += len(r.Head) + len(r.Body)
		f.Received += len(r.AnswerHead) + len(r.AnswerBody)
	}
	for _, c := range t.Connections {
		if c.Carried() {
			f.Connections++
		}
	}
	return f
}

// messages counts those that the user's client got to the switchboard, and
// those that it showed.
func messages(t *trace.Trace) int {
	seen := map[[2]string]bool{}
	for i := range t.Events {
		ev := &t.Events[i]
		sent := ev.Kind == history.Relayed && ev.User == t.User
		if sent || ev.Kind == history.Delivered {
			seen[[2]string{string(ev.Kind), ev.Text}] = true
		}
	}
	return len(seen)
}

// recovered is the time in milliseconds from the last fault to the next answer
// of the gateway's that came whole to a request made after it, of the session
// that it disturbed or of one in its place.
func recovered(t *trace.Trace) int64 {
	last := t.LastFault()
	if last == nil {
		return -1
	}
	disturbed := disturbedBy(t, last)
	for _, r := range t.Requests {
		if r.Served() && r.Began >= last.At && resumes(r, disturbed) {
			return (r.Ended - last.At).Milliseconds()
		}
	}
	return -1
}

// disturbedBy is the request that a fault disturbed, or the last one on the
// connection that it disturbed; nil if that is not known.
func disturbedBy(t *trace.Trace, fired *history.Event) *trace.Request {
	last := t.FiredOn(fired)
	if last != nil || fired.Hop > 0 {
		return last
	}
	for _, r := range t.Requests {
		if r.Conn == fired.Conn && r.Began <= fired.At {
			last = r
		}
	}
	return last
}

// resumes reports whether r is of the session that was disturbed, or opens another
// in its place. Where it is not known what was disturbed, any request will do.
func resumes(r, disturbed *trace.Request) bool {
	switch {
	case disturbed == nil, disturbed.Session == nil && !disturbed.IsOpen():
		return true
	case disturbed.Session != nil && r.IsOpen():
		return r.Asked.Server == disturbed.Session.Server
	}
	return r.Continues(disturbed)
}

// Total adds up what several runs cost; Recovered is the longest.
func Total(list []Figures) Figures {
	t := Figures{Recovered: -1}
	for _, f := range list {
		t.Requests, t.Polls, t.Connections = t.Requests+f.Requests, t.Polls+f.Polls, t.Connections+f.Connections
		t.Sent, t.Received, t.Messages = t.Sent+f.Sent, t.Received+f.Received, t.Messages+f.Messages
		t.Recovered = max(t.Recovered, f.Recovered)
	}
	return t
}

// Per is n for each message that arrived; ok is false if none did.
func (f Figures) Per(n int) (each float64, ok bool) {
	if f.Messages == 0 {
		return 0, false
	}
	return float64(n) / float64(f.Messages), true
}
