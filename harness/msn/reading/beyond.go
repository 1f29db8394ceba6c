package reading

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/trace"
	"gauntlet/harness/msn/msnp"
	"gauntlet/proxies/http1"
)

// Beyond adds to a history of hop 0 alone what follows from it for certain: which
// sessions the gateway has opened, served and ended, and what it sent on behalf of
// the servers. An answer that never came says nothing of what the gateway did. With
// the last event the user is taken to have left. The user is who signed in; "" if
// nobody was seen to.
func Beyond(events []history.Event) (all []history.Event, user string) {
	b := beyond{sessions: map[string]int{}}
	for _, x := range history.Exchanges(events, 0) {
		b.exchange(x)
	}
	if n := len(events); n > 0 && !b.gone { // what nobody sees any more may be that the user left
		b.events = append(b.events, history.Event{At: events[n-1].At, From: history.AtMessenger, Kind: history.SignedOut, Text: MSN{}.Words().Leave})
	}
	all = append(slices.Clone(events), b.events...)
	slices.SortStableFunc(all, func(a, b history.Event) int { return cmp.Compare(a.At, b.At) })
	for i := range all {
		all[i].Seq = i + 1
		if e := &all[i]; e.From == history.AtMessenger || e.Kind == history.SessionIdentified {
			e.User = b.user
		}
	}
	return all, b.user
}

// beyond gathers what the exchanges say.
type beyond struct {
	events   []history.Event
	sessions map[string]int // by the tokens that were given
	servers  []string       // of the sessions, in order
	user     string
	gone     bool // who leaves and signs in again leaves a second time
}

// exchange reads one, with its answer if that was the gateway's own.
func (b *beyond) exchange(x *history.Exchange) {
	asked, err := MSN{}.Request(http1.Target(x.Head))
	if err != nil || x.Ordinal == 0 {
		return
	}
	head := http1.Parse(x.AnswerHead)
	given := MSN{}.Answer(&head)
	session := b.sessions[asked.Token]
	switch {
	case given == nil:
		b.unserved(x, session, asked)
		return
	case asked.Action == trace.Open:
		b.servers = append(b.servers, asked.Server)
		b.gone = b.gone && asked.Server != MSN{}.Words().Home
		session = len(b.servers)
		b.add(x, history.Event{Kind: history.SessionOpened, Session: session, NewID: given.Token})
	case session == 0:
		return // it was opened before anybody watched
	}
	b.sessions[given.Token] = session
	b.add(x, history.Event{Kind: history.Processed, Session: session, ID: asked.Token, NewID: given.Token, Action: action(asked), Data: x.Body})
	if x.Answered {
		b.heard(x, session)
	}
	if (MSN{}).Leaves(x.Body) {
		b.leaves(x, session)
	}
	if given.Close {
		b.add(x, history.Event{Kind: history.SessionEnded, Session: session, Text: why(x)})
	}
}

// unserved reads an exchange that the gateway refused, or of which no answer of its
// own came. Nobody waits for the answer to who leaves.
func (b *beyond) unserved(x *history.Exchange, session int, asked trace.Asked) {
	switch {
	case x.Answered && x.Status == http.StatusBadRequest:
		b.add(x, history.Event{Kind: history.Rejected, Session: session, ID: asked.Token, Action: action(asked), Status: x.Status, Data: x.Body})
	case x.Received && session > 0 && (MSN{}).Leaves(x.Body):
		b.add(x, history.Event{Kind: history.Processed, Session: session, ID: asked.Token, Action: action(asked), Data: x.Body})
		b.leaves(x, session)
	}
}

// heard reads what the servers sent in an answer.
func (b *beyond) heard(x *history.Exchange, session int) {
	commands, _ := msnp.Decode(msnp.Server, x.AnswerBody) // what precedes an error was decoded
	for _, c := range commands {
		b.events = append(b.events, history.Event{At: x.Ended, From: history.AtMessenger, Kind: history.Sent, Server: b.servers[session-1], Data: c.Bytes()})
		name, _, _ := strings.Cut(c.Arg(2), ";") // of a place, in later versions
		if c.Name == "USR" && c.Arg(1) == "OK" && strings.Contains(name, "@") {
			b.user = cmp.Or(b.user, name)
			b.add(x, history.Event{Kind: history.SessionIdentified, Session: session})
			b.events = append(b.events, history.Event{At: x.Ended, From: history.AtMessenger, Kind: history.SignedIn})
		}
	}
}

// leaves notes that a user who leaves the home session signs out.
func (b *beyond) leaves(x *history.Exchange, session int) {
	if words := (MSN{}).Words(); b.servers[session-1] == words.Home && !b.gone {
		b.gone = true
		b.events = append(b.events, history.Event{At: max(x.Ended, x.Began), From: history.AtMessenger, Kind: history.SignedOut, Text: words.Leave})
	}
}

// why the session of an exchange ended with it, in the gateway's words.
func why(x *history.Exchange) string {
	if (MSN{}).Leaves(x.Body) {
		return MSN{}.Words().Leave
	}
	return "closed by the gateway"
}

// action is what a request asked for, in the gateway's word.
func action(asked trace.Asked) string { return cmp.Or(asked.Action, "command") }

func (b *beyond) add(x *history.Exchange, e history.Event) {
	if e.Session > 0 {
		e.Server = b.servers[e.Session-1]
	}
	e.From, e.At = history.AtGateway, max(x.Ended, x.Began)
	b.events = append(b.events, e)
}
