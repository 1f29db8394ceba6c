package lab

import (
	"bytes"
	"fmt"
	"strings"

	"gauntlet/harness/greeting"
	"gauntlet/harness/history"
)

// Note is one line that the page shows as it happens. Kind is exchange, behind
// (an exchange behind the first box), fault, session, user, connection or
// state; the last only asks to look again.
type Note struct {
	Kind string `json:"kind"`
	At   string `json:"at,omitempty"` // since the run began
	Text string `json:"text,omitempty"`
}

// noteOf makes a line of an event, if it is worth one. What a client says of
// itself or sends is text here and nothing else; the page must not take it for
// markup.
func noteOf(e history.Event) (Note, bool) {
	n := Note{At: fmt.Sprintf("%.3f s", e.At.Seconds())}
	switch e.Kind {
	case history.RequestHead:
		n.Kind, n.Text = exchange(e), fmt.Sprintf("hop %d, connection %d: request %d: %s", e.Hop, e.Conn, e.Exchange, firstLine(e))
		return n, len(e.Labels) == 0 // the others are told when they are whole
	case history.RequestDone:
		n.Kind, n.Text = exchange(e), fmt.Sprintf("hop %d, connection %d: request %d: %s", e.Hop, e.Conn, e.Exchange, spoken(e))
		return n, len(e.Labels) > 0
	case history.AnswerDone:
		n.Kind, n.Text = exchange(e), fmt.Sprintf("hop %d, connection %d: answer %d: %d bytes", e.Hop, e.Conn, e.Exchange, len(e.Data))
	case history.Fired:
		n.Kind, n.Text = "fault", fmt.Sprintf("fired on connection %d: %s", e.Conn, e.Fault)
	case history.SessionOpened:
		n.Kind, n.Text = "session", fmt.Sprintf("session %d (%s) opened", e.Session, e.Server)
	case history.SessionIdentified:
		n.Kind, n.Text = "session", fmt.Sprintf("session %d (%s) is %s's", e.Session, e.Server, e.User)
	case history.SessionEnded:
		n.Kind, n.Text = "session", fmt.Sprintf("session %d (%s) ended: %s", e.Session, e.Server, e.Text)
	case history.Rejected:
		n.Kind, n.Text = "session", fmt.Sprintf("refused with %d: %s", e.Status, e.Text)
	case history.SignedIn:
		n.Kind, n.Text = "user", e.User+" signed in"
	case history.SignedOut:
		n.Kind, n.Text = "user", e.User+" signed out: "+e.Text
	case history.Relayed:
		n.Kind, n.Text = "user", fmt.Sprintf("%s to %s: %s", e.User, e.ID, e.Text)
	case history.Closed:
		n.Kind, n.Text = "connection", fmt.Sprintf("hop %d, connection %d: closed by %s, %s", e.Hop, e.Conn, e.By, e.How)
	case history.Opaque:
		n.Kind, n.Text = "connection", fmt.Sprintf("hop %d, connection %d: not HTTP but %s", e.Hop, e.Conn, looksLike(e.Data))
	default:
		return n, false
	}
	return n, true
}

// exchange is the kind of an exchange's note.
func exchange(e history.Event) string {
	if e.Hop > 0 {
		return "behind"
	}
	return "exchange"
}

// spoken are a request's labels and the first line of its body.
func spoken(e history.Event) string {
	text := strings.Join(e.Labels, " ")
	if len(e.Data) > 0 {
		text += ": " + firstLine(e)
	}
	return text
}

func firstLine(e history.Event) string {
	line, _, _ := bytes.Cut(e.Data, []byte("\r\n"))
	return fmt.Sprintf("%q", line[:min(len(line), 80)])
}

// looksLike says what bytes are that are not HTTP.
func looksLike(first []byte) greeting.Kind {
	kind, _ := greeting.Of(first)
	return kind
}
