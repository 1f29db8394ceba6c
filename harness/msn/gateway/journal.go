package gateway

import "gauntlet/harness/judge/history"

// journal is what has happened and was not yet observed. What it says of a
// session is what was known of it when it happened.
type journal struct {
	issuer issuer
	events []history.Event
}

// collect hands over the events since the last call.
func (j *journal) collect() []history.Event {
	events := j.events
	j.events = nil
	return events
}

// add records an event of the session that info names.
func (j *journal) add(info Info, e history.Event) {
	e.From, e.Session, e.Server, e.User = history.AtGateway, info.Session, info.Server, info.User
	j.events = append(j.events, e)
}

// opened records that a session has begun.
func (j *journal) opened(info Info, body []byte) {
	j.add(info, history.Event{Kind: history.SessionOpened, NewID: j.issuer.id(info.Session, 1), Data: body})
}

// identified records that a session's user is known.
func (j *journal) identified(info Info) {
	j.add(info, history.Event{Kind: history.SessionIdentified})
}

// ended records that a session is over.
func (j *journal) ended(info Info, why string) {
	j.add(info, history.Event{Kind: history.SessionEnded, Text: why})
}

// taken records a request that is answered, or will be, with the id of answer
// seq: processed, or repeated.
func (j *journal) taken(kind history.Kind, info Info, r *request, seq uint64) {
	j.add(info, history.Event{
		Kind: kind, ID: r.id, NewID: j.issuer.id(info.Session, seq), Action: r.action, Data: r.body,
	})
}

// rejected records a refusal; info holds what is known of the session meant.
func (j *journal) rejected(no *refusal, r *request, info Info) {
	j.add(info, history.Event{
		Kind: history.Rejected, Status: no.status, Text: no.reason, ID: r.id, Action: r.action, Data: r.body,
	})
}
