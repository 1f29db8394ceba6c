package sweep

import (
	"slices"
	"strings"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/run/workload"
	"gauntlet/proxies/fault"
	"gauntlet/proxies/http1"
)

// Record is what an undisturbed run shows of one hop: the exchanges in order, and
// how many connections carried them.
type Record struct {
	Exchanges   []Exchange
	Connections int
}

// Exchange is one that a fault can strike.
type Exchange struct {
	Trigger fault.Trigger // that means this one
	Early   fault.Trigger // that does while no more than its head is known
	Kind    string        // the server, and what is asked of it: "NS poll"
	State   string        // the kind, and of a command for which step of the user's it is
	Request Message
	Answer  Message
	Began   time.Duration
	Rest    time.Duration // until the connection's next request; 0 if there is none
}

// Message is how much there is of one, in bytes, and which fields its head has.
type Message struct {
	Head, Body int
	Fields     []string
	// Foreign is a field of the protocol as the message has it, with digits that it has
	// not; empty if it has none.
	Foreign string
}

// readRecords reads the history of an undisturbed run: a record for each hop.
func readRecords(events []history.Event, v fault.Vocabulary) []Record {
	steps := stepsOf(events)
	var list []Record
	for hop := range history.Hops(events) {
		connections := history.Connections(events, hop)
		r := Record{Connections: len(connections)}
		met := map[string]int{} // exchanges so far, by what a trigger would call them
		rests := restsOf(connections)
		for _, x := range history.InOrder(connections) {
			if x.Ordinal == 0 {
				continue
			}
			e := Exchange{Request: messageOf(x.Head, x.Body), Answer: messageOf(x.AnswerHead, x.AnswerBody), Began: x.Began, Rest: rests[x]}
			e.Early, e.Trigger = triggersOf(x.Labels, v)
			e.Kind = nameless(e.Early)
			if e.State = e.Kind; e.Trigger.InBody {
				e.State += " to " + stepAt(steps, x.Began)
			}
			for _, t := range []*fault.Trigger{&e.Early, &e.Trigger} {
				if t == &e.Early || e.Trigger.InBody {
					met[nameless(*t)]++
				}
				t.Ordinal = met[nameless(*t)]
			}
			r.Exchanges = append(r.Exchanges, e)
		}
		list = append(list, r)
	}
	return list
}

// triggersOf are what names an exchange with those labels, but for the ordinals: by
// its head, and most closely. What only its body tells is used where its head says
// no more than that there is something in it.
func triggersOf(labels []string, v fault.Vocabulary) (early, closest fault.Trigger) {
	early = fault.Trigger{On: fault.Exchange, Word: fault.AnyExchange}
	for _, label := range labels {
		switch {
		case slices.Contains(v.Qualifiers, label):
			early.Qualifiers = append(early.Qualifiers, label)
		case slices.Contains(v.Head, label):
			early.Word = label
		}
	}
	closest = early
	body := slices.IndexFunc(labels, func(label string) bool { return slices.Contains(v.Body, label) })
	if early.Word == general && body >= 0 {
		closest.Word, closest.InBody = labels[body], true
	}
	return early, closest
}

// general is the head's word for a request of which only the body tells more.
const general = "command"

// nameless is the trigger without its ordinal.
func nameless(t fault.Trigger) string {
	return strings.Join(append(slices.Clone(t.Qualifiers), t.Word), " ")
}

func messageOf(head, body []byte) Message {
	m := Message{Head: len(head), Body: len(body)}
	h := http1.Parse(head)
	for _, f := range h.Fields {
		if !slices.Contains(m.Fields, f.Name) {
			m.Fields = append(m.Fields, f.Name)
		}
		if extension(f.Name) {
			m.Foreign = f.Name + ": " + strings.Map(otherDigit, f.Value)
		}
	}
	return m
}

// otherDigit is r, if it is no digit, or else one that it is not.
func otherDigit(r rune) rune {
	if r < '0' || r > '9' {
		return r
	}
	return '0' + (r-'0'+1)%10
}

// restsOf are the pauses behind the exchanges.
func restsOf(connections []*history.Connection) map[*history.Exchange]time.Duration {
	rests := map[*history.Exchange]time.Duration{}
	for _, c := range connections {
		for i := 1; i < len(c.Exchanges); i++ {
			rests[c.Exchanges[i-1]] = c.Exchanges[i].Began - c.Exchanges[i-1].Ended
		}
	}
	return rests
}

// step is when the user began what.
type step struct {
	at   time.Duration
	verb workload.Verb
}

func stepsOf(events []history.Event) (list []step) {
	for _, e := range events {
		if e.Kind != history.StepBegan {
			continue
		}
		if s, err := workload.ParseStep(e.Text); err == nil {
			list = append(list, step{e.At, s.Verb})
		}
	}
	return list
}

// stepAt is the last step that had begun by then.
func stepAt(steps []step, at time.Duration) (verb string) {
	for _, s := range steps {
		if s.at <= at {
			verb = string(s.verb)
		}
	}
	return verb
}
