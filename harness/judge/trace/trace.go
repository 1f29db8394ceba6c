// Package trace reads a history once: as requests with their meaning, the
// sessions that they belong to, connections, dials, losses, and the way of each
// request from hop to hop. Oracles, fates and figures read the trace, so that
// they cannot disagree on what was lost, or on which request is which. A Reader
// knows the protocol; the trace knows sessions, tokens, polls and commands, and
// passes no judgement.
package trace

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/run/workload"
)

// Facts are what has to be known of the case besides its history.
type Facts struct {
	Reader   Reader          // of what the client speaks
	User     string          // who was under test
	Contact  string          // who was played by the harness
	Script   workload.Script // what the user was asked to do
	Attended bool            // a person uses the client, if anybody came
	Ties     time.Duration   // up to this an overlap is put down to the clock; 0 in virtual time
	// Credentials are the user:password that the client was given for its proxy,
	// which asks for them; "" if it was given none.
	Credentials string
	Boxes       int // how many stood between the client and the gateway, seen or not
	// Distrusted says what is wrong with the certificate that the gateway showed, as in
	// "has expired"; "" if it was to be trusted, or there was none.
	Distrusted string
}

// Trace is the history of one run, read.
type Trace struct {
	Facts
	Words  Words // the protocol's
	Events []history.Event
	// Connections are those at hop 0.
	Connections    []*history.Connection
	Requests       []*Request // at hop 0, in the order in which they began
	Sessions       []*Session // as the gateway numbered them
	Route          Route      // that the client was told to take
	Dials          []Dial     // in the order in which they were seen
	FailedAttempts []time.Duration
	Tickets        []Ticket      // for chats, that the user was sent
	Arrived        []Arrival     // at the servers behind the gateway, from the user's client
	Asleep         []Span        // while the client was suspended, in order
	ComeBack       time.Duration // how long the client should take after a loss, at most
	byToken        map[string]*Session
	fired          strikes // of any fault
	firedOnRoad    strikes
	connections    map[int]*history.Connection     // by their numbers
	steps          map[workload.Verb]time.Duration // when the last of each began
	leaves         []time.Duration                 // when the user took leave
	opens          map[string][]*Request           // by the server that they ask for, in order
	speaks         bool                            // an event is the client's own word
	way            func() *way
}

// Span is a time from one moment to another.
type Span struct{ From, To time.Duration }

// New reads a history.
func New(events []history.Event, facts Facts) *Trace {
	t := &Trace{Facts: facts, Words: facts.Reader.Words(), Events: events, ComeBack: requirement.BackShould, byToken: map[string]*Session{},
		steps: map[workload.Verb]time.Duration{}, opens: map[string][]*Request{}}
	t.readEvents()
	t.fired, t.firedOnRoad = strikesOf(events)
	t.Sessions = slices.DeleteFunc(t.Sessions, func(s *Session) bool { return s.User != "" && s.User != facts.User })
	t.Connections, t.connections = history.Connections(events, 0), map[int]*history.Connection{}
	for _, c := range t.Connections {
		t.connections[c.Number] = c
	}
	for _, x := range history.InOrder(t.Connections) {
		if !t.Route.asksForTunnel(x) {
			t.Requests = append(t.Requests, newRequest(t, x))
		}
	}
	for _, r := range t.Requests {
		if r.IsOpen() {
			t.opens[r.Asked.Server] = append(t.opens[r.Asked.Server], r)
		}
	}
	t.FailedAttempts = t.failedAttempts()
	t.way = sync.OnceValue(func() *way { return follow(t) })
	return t
}

func (t *Trace) readEvents() {
	numbers := map[int]*Session{}
	configured := false
	for i := range t.Events {
		ev := &t.Events[i]
		t.speaks = t.speaks || ev.From == history.AtClient && ev.Kind != history.Submitted
		if ev.Kind == history.SignedOut && ev.User == t.User && ev.Text == t.Words.Leave {
			t.leaves = append(t.leaves, ev.At)
		}
		switch {
		case ev.From == history.AtGateway:
			t.readSession(numbers, ev)
		case ev.Kind == history.Configured && !configured:
			t.Route, configured = Route{How: ev.How, Proxy: ev.ID, Gateway: Bare(ev.Text), File: ev.By, Named: ev.Labels, Told: true}, true
		case ev.Kind == history.StepBegan:
			verb := stepVerb(ev.Text)
			t.steps[verb] = ev.At
			if verb == workload.Suspend {
				t.Asleep = append(t.Asleep, Span{ev.At, math.MaxInt64})
			}
		case len(t.Asleep) > 0 && t.Asleep[len(t.Asleep)-1].To == math.MaxInt64 && (ev.Kind == history.StepDone || ev.Kind == history.StepFailed):
			t.Asleep[len(t.Asleep)-1].To = ev.At
		case ev.Kind == history.Calibrated:
			t.calibrate(ev.Text)
		case ev.Kind == history.Dialled:
			t.Dials = append(t.Dials, dialOf(ev))
		case ev.Kind == history.Sent && strings.EqualFold(ev.User, t.User):
			t.Tickets = append(t.Tickets, t.Reader.Tickets(ev)...)
		case ev.Kind == history.Command && (ev.User == "" || strings.EqualFold(ev.User, t.User)): // nobody before the sign-in
			for _, c := range t.Reader.Transactions(ev.Data) {
				t.Arrived = append(t.Arrived, Arrival{c, ev.At, ev.Server, ev.Conn})
			}
		}
	}
	slices.Sort(t.leaves)
}

func (t *Trace) readSession(numbers map[int]*Session, ev *history.Event) {
	s := numbers[ev.Session]
	if ev.Kind == history.SessionOpened {
		s = &Session{Number: ev.Session, Server: ev.Server, Opened: ev.At, Ended: -1, served: -1, trace: t}
		numbers[ev.Session] = s
		t.Sessions = append(t.Sessions, s)
	}
	if s == nil {
		return
	}
	if ev.NewID != "" && t.byToken[ev.NewID] != s {
		s.Tokens = append(s.Tokens, ev.NewID)
		t.byToken[ev.NewID] = s
	}
	s.read(ev)
}

// StepTime is when a step of that verb began, the last one if there were
// several.
func (t *Trace) StepTime(verb workload.Verb) (at time.Duration, found bool) {
	at, found = t.steps[verb]
	return at, found
}

// Opens are the requests for a session with that server that began at that time or
// later, in order.
func (t *Trace) Opens(server string, since time.Duration) []*Request {
	all := t.opens[server]
	from, _ := slices.BinarySearchFunc(all, since, func(r *Request, at time.Duration) int { return cmp.Compare(r.Began, at) })
	return all[from:]
}

// Leaves is when the user, at that time or later, first took leave.
func (t *Trace) Leaves(since time.Duration) (at time.Duration, leaves bool) {
	i, _ := slices.BinarySearch(t.leaves, since)
	if i == len(t.leaves) {
		return 0, false
	}
	return t.leaves[i], true
}

func stepVerb(text string) workload.Verb {
	step, err := workload.ParseStep(text)
	if err != nil {
		return ""
	}
	return step.Verb
}

// EndedByHand reports whether a step of that verb, or any for "", was not done
// because a person ended it.
func (t *Trace) EndedByHand(verb workload.Verb) bool {
	return slices.ContainsFunc(t.Events, func(ev history.Event) bool {
		return ev.Kind == history.StepEnded && (verb == "" || stepVerb(ev.Text) == verb)
	})
}

// UserGone reports whether the user had signed out by the time by which a client
// that was disturbed at that time should be back.
func (t *Trace) UserGone(at time.Duration) bool {
	asked, signedOut := t.StepTime(workload.SignOut)
	left, leaves := t.Leaves(at)
	return signedOut && asked <= at+t.ComeBack || leaves && left <= at+t.ComeBack
}

// End is the time of the last event.
func (t *Trace) End() time.Duration {
	if len(t.Events) == 0 {
		return 0
	}
	return t.Events[len(t.Events)-1].At
}

// Says reports whether the client said of itself that something of that kind
// happened.
func (t *Trace) Says(kind history.Kind) bool {
	return slices.ContainsFunc(t.Events, func(ev history.Event) bool { return ev.From == history.AtClient && ev.Kind == kind })
}

// Speaks reports whether the client says anything of itself.
func (t *Trace) Speaks() bool { return t.speaks }

// Texts are those of the events that are wanted, in order.
func (t *Trace) Texts(wanted func(*history.Event) bool) []string {
	var list []string
	for i := range t.Events {
		if wanted(&t.Events[i]) {
			list = append(list, t.Events[i].Text)
		}
	}
	return list
}

// Garbled is the first answer of which a part was lost since it was falsified on
// the way; nil if none was.
func (t *Trace) Garbled() *Request {
	i := slices.IndexFunc(t.Requests, func(r *Request) bool { f := r.Falsified(); return f != nil && f.Missing })
	if i < 0 {
		return nil
	}
	return t.Requests[i]
}

// FiredOn is the request at hop 0 on which a fault fired, there or further on; nil
// if that is not known.
func (t *Trace) FiredOn(fired *history.Event) *Request { return t.way().firedOn(fired) }

// LastFault is the last time that a fault fired; nil if none did.
func (t *Trace) LastFault() *history.Event {
	for i := range slices.Backward(t.Events) {
		if t.Events[i].Kind == history.Fired {
			return &t.Events[i]
		}
	}
	return nil
}
