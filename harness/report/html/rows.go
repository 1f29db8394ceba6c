package html

import (
	"fmt"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/report/inert"
	"gauntlet/harness/run/rig"
)

// row is one line of the diagram.
type row struct {
	At         int64  `json:"at"`
	Kind       string `json:"kind"`
	Lane       int    `json:"lane"` // where it stands, or begins
	To         int    `json:"to"`   // where it ends
	Connection int    `json:"connection"`
	Exchange   int    `json:"exchange"`
	Text       string `json:"text"`
	Cut        bool   `json:"cut,omitempty"` // it did not come through whole
	Bad        bool   `json:"bad,omitempty"` // something went wrong
	Quiet      bool   `json:"quiet,omitempty"`
	seq        int
}

// The kinds of rows; each is drawn in its own way.
const (
	requestRow = "request" // an arrow upstream
	answerRow  = "answer"  // an arrow downstream
	faultRow   = "fault"   // where a fault struck
	openedRow  = "opened"  // a connection begins
	closedRow  = "closed"  // a connection ends
	strayRow   = "stray"   // bytes that are no HTTP
	noteRow    = "note"    // something that happened at a lane
	stepRow    = "step"    // what the user does
	gapRow     = "gap"     // what is left out
)

// row adds what an event looks like; nothing for those that others tell of.
func (b *builder) row(e *history.Event) {
	var r row
	var ok bool
	switch e.From {
	case history.AtHop:
		r, ok = b.atHop(e)
	case history.AtGateway:
		r, ok = b.atGateway(e)
	case history.AtMessenger:
		r, ok = b.atMessenger(e)
	default:
		r, ok = b.atClient(e)
	}
	if ok {
		r.At, r.seq = micro(e.At), e.Seq
		b.d.Rows = append(b.d.Rows, r)
	}
}

// note is a row at one lane.
func note(lane int, format string, args ...any) row {
	return row{Kind: noteRow, Lane: lane, To: lane, Connection: -1, Exchange: -1, Text: fmt.Sprintf(format, args...)}
}

func (b *builder) atHop(e *history.Event) (row, bool) {
	switch e.Kind {
	case history.RequestBegan, history.RequestHead, history.AnswerHead:
		return b.arrow(e)
	}
	r := b.between(e)
	switch e.Kind {
	case history.Accepted:
		r.Kind, r.Text = openedRow, fmt.Sprintf("connection %d", e.Conn)
		if e.How != "" {
			r.Text += ", a " + inert.Line(e.How)
		}
	case history.Refused:
		r.Kind, r.Text, r.Bad = closedRow, "connection refused", true
	case history.Interim:
		r.Kind, r.Text, r.Lane, r.To = answerRow, fmt.Sprintf("%d, interim", e.Status), r.To, r.Lane
	case history.Fired:
		r.Kind, r.Text = faultRow, inert.Line(e.Fault)
	case history.Opaque:
		r.Kind, r.Text = strayRow, fmt.Sprintf("not HTTP: % x", e.Data[:min(12, len(e.Data))])
	case history.Closed:
		r.Kind, r.Text = closedRow, fmt.Sprintf("connection %d %s", e.Conn, b.closedBy(e.Hop, e.By, e.How))
		r.Bad = e.How == "RST"
	}
	return r, r.Kind != ""
}

// between is a row between the two lanes of a hop.
func (b *builder) between(e *history.Event) row {
	r := row{Lane: e.Hop, To: e.Hop + 1, Connection: -1, Exchange: -1}
	if place, ok := b.connections[[2]int{e.Hop, e.Conn}]; ok {
		r.Connection = place
	}
	if place, ok := b.exchanges[[2]int{e.Hop, e.Exchange}]; ok {
		r.Exchange = place
	}
	return r
}

// arrow is a request or its answer. A request stands where its head came or,
// if that never came, where it began.
func (b *builder) arrow(e *history.Event) (row, bool) {
	r := b.between(e)
	if e.Kind == history.RequestBegan {
		place, ok := b.nameless[[2]int{e.Hop, e.Conn}]
		if !ok || b.d.Exchanges[place].From != micro(e.At) {
			return r, false
		}
		r.Exchange = place
	}
	if r.Exchange < 0 {
		return r, false
	}
	x, raw := b.d.Exchanges[r.Exchange], b.raw[r.Exchange]
	r.Quiet = x.Quiet
	if e.Kind == history.AnswerHead {
		r.Kind, r.Text, r.Cut, r.Bad = answerRow, answerOf(raw, x.Beyond), !x.Answered && !x.Beyond, x.Status != 200
		r.Lane, r.To = r.To, r.Lane
	} else {
		r.Kind, r.Text, r.Cut = requestRow, x.Name, !x.Received && !x.Beyond
	}
	return r, true
}

func (b *builder) atGateway(e *history.Event) (row, bool) {
	lane := len(b.d.Lanes) - 2
	var r row
	switch e.Kind {
	case history.SessionOpened:
		r = note(lane, "session %d opened (%s)", e.Session, e.Server)
	case history.Processed:
		r = note(lane, "processed; the next id is …%s", tail(e.NewID))
		r.Quiet = e.Action == "poll"
	case history.Repeated:
		r = note(lane, "the same again: answered from the log, not processed")
	case history.Rejected:
		r = note(lane, "rejected with %d: %s", e.Status, inert.Short(e.Text, longestLine))
		r.Bad = true
	case history.SessionEnded:
		r = note(lane, "session %d ended: %s", e.Session, inert.Short(e.Text, longestLine))
	}
	return r, r.Kind != ""
}

// tail is the end of an id, which is what changes.
func tail(id string) string {
	return inert.Line(id[max(0, len(id)-6):])
}

func (b *builder) atMessenger(e *history.Event) (row, bool) {
	lane := len(b.d.Lanes) - 1
	whose := ""
	if e.User == rig.ContactEmail {
		whose = "contact: "
	}
	switch e.Kind {
	case history.Command:
		return row{Kind: requestRow, Lane: lane - 1, To: lane, Connection: -1, Exchange: -1, Text: whose + firstLine(e.Data)}, true
	case history.Sent:
		return row{Kind: answerRow, Lane: lane, To: lane - 1, Connection: -1, Exchange: -1, Text: whose + firstLine(e.Data)}, true
	case history.SignedIn, history.SignedOut:
		return note(lane, "%s %s", inert.Short(e.User, longestLine), e.Kind), true
	case history.ChallengeFailed:
		return note(lane, "challenge failed: %s", inert.Short(e.Text, longestLine)), true
	}
	return row{}, false
}

// atClient is what the client, its user and the rig do.
func (b *builder) atClient(e *history.Event) (row, bool) {
	text := inert.Short(e.Text, longestLine)
	r := note(0, "%s", text)
	switch e.Kind {
	case history.StepBegan:
		r.Kind = stepRow
	case history.Delivered:
		r.Text = "shows: " + text
	case history.Reopened:
		r.Text, r.Bad = "tells its user that the session was lost and begun anew", true
	case history.StepFailed:
		r.Text, r.Bad = "not done: "+text, true
	case history.StepEnded:
		r.Text = "ended by hand: " + text
	case history.Uncertain:
		r.Text, r.Bad = "does not know what became of: "+text, true
	case history.Stalled:
		r.Text, r.Bad = fmt.Sprintf("the machine stood still for %d ms", e.Given), true
	case history.Failed, history.Crashed, history.ClientGone, history.OverBudget:
		r.Text, r.Bad = fmt.Sprintf("%s: %s", e.Kind, text), true
	case history.Dialled:
		if e.How == "connected" {
			return r, false // the connection tells
		}
		r.Text, r.Bad = "connects to "+inert.Short(e.ID, longestLine)+": "+inert.Short(e.How, longestLine), true
	default:
		return r, false
	}
	return r, true
}
