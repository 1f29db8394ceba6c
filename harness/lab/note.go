package lab

import (
	"fmt"
	"strings"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/msn/greeting"
	"gauntlet/proxies/http1"
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
	kind, text := onTheWire(e)
	if kind == "" {
		kind, text = atTheServers(e)
	}
	return Note{Kind: kind, At: fmt.Sprintf("%.3f s", e.At.Seconds()), Text: text}, kind != ""
}

func onTheWire(e history.Event) (kind, text string) {
	where := fmt.Sprintf("hop %d, connection %d", e.Hop, e.Conn)
	switch {
	case e.Kind == history.RequestHead && len(e.Labels) == 0: // the others are told when they are whole
		return exchange(e), fmt.Sprintf("%s: request %d: %s", where, e.Exchange, firstLine(e))
	case e.Kind == history.RequestDone && len(e.Labels) > 0:
		return exchange(e), fmt.Sprintf("%s: request %d: %s", where, e.Exchange, spoken(e))
	case e.Kind == history.AnswerDone:
		return exchange(e), fmt.Sprintf("%s: answer %d: %d bytes", where, e.Exchange, len(e.Data))
	case e.Kind == history.Fired:
		return "fault", fmt.Sprintf("fired on connection %d: %s", e.Conn, e.Fault)
	case e.Kind == history.Closed:
		return "connection", fmt.Sprintf("%s: closed by %s, %s", where, e.By, e.How)
	case e.Kind == history.Opaque:
		return "connection", fmt.Sprintf("%s: not HTTP but %s", where, looksLike(e.Data))
	}
	return "", ""
}

func atTheServers(e history.Event) (kind, text string) {
	if r, is := history.RefusalOf(e); is {
		return "user", "refused: " + r.String()
	}
	switch e.Kind {
	case history.SessionOpened:
		return "session", fmt.Sprintf("session %d (%s) opened", e.Session, e.Server)
	case history.SessionIdentified:
		return "session", fmt.Sprintf("session %d (%s) is %s's", e.Session, e.Server, e.User)
	case history.SessionEnded:
		return "session", fmt.Sprintf("session %d (%s) ended: %s", e.Session, e.Server, e.Text)
	case history.Rejected:
		return "session", fmt.Sprintf("refused with %d: %s", e.Status, e.Text)
	case history.SignedIn:
		return "user", e.User + " signed in"
	case history.SignedOut:
		return "user", e.User + " signed out: " + e.Text
	case history.Relayed:
		return "user", fmt.Sprintf("%s to %s: %s", e.User, e.ID, e.Text)
	}
	return "", ""
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
	line := http1.StartLine(e.Data)
	return fmt.Sprintf("%q", line[:min(len(line), 80)])
}

// looksLike says what bytes are that are not HTTP.
func looksLike(first []byte) greeting.Kind {
	kind, _ := greeting.Of(first)
	return kind
}
