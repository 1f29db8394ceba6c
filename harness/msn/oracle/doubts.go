package oracle

import (
	"bytes"
	"fmt"
	"slices"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/trace"
	"gauntlet/harness/msn/msnp"
)

// doubtFounded holds that a client calls no message uncertain of which an ACK has
// come, in an answer that arrived for certain (S36).
func doubtFounded(t *trace.Trace) (f oracle.Assessment) {
	if !t.Speaks() {
		f.Missing("the client says nothing of itself")
		return f
	}
	confirmed, doubts := confirmations(t), doubted(t)
	for i := range t.Events {
		if ev := &t.Events[i]; ev.Kind == history.Submitted {
			judgeDoubt(&f, ev.Text, confirmed(ev.Text), doubts[ev.Text])
		}
	}
	f.Missing("no message was confirmed")
	return f
}

// judgeDoubt looks whether a message was confirmed, and called uncertain after
// that: zero if it never was.
func judgeDoubt(f *oracle.Assessment, text string, answer *trace.Request, doubt time.Duration) {
	if answer == nil {
		return
	}
	if doubt > answer.Ended {
		f.Fail([]int{answer.Ordinal}, "%q was called uncertain at %s; that it was delivered had come with the answer to request %d at %s",
			text, oracle.Clock(doubt), answer.Ordinal, oracle.Clock(answer.Ended))
		return
	}
	f.OK()
}

// doubted is when the client last called each message uncertain, of those that it
// did.
func doubted(t *trace.Trace) map[string]time.Duration {
	at := map[string]time.Duration{}
	for i := range t.Events {
		if ev := &t.Events[i]; ev.Kind == history.Uncertain && ev.From == history.AtClient {
			at[ev.Text] = ev.At
		}
	}
	return at
}

// anyConfirmed reports whether a message was confirmed to a client that says of itself.
func anyConfirmed(t *trace.Trace) bool {
	confirmed := confirmations(t)
	return t.Speaks() && slices.ContainsFunc(t.Events, func(ev history.Event) bool {
		return ev.Kind == history.Submitted && confirmed(ev.Text) != nil
	})
}

// confirmations finds the confirmation of each message once, however often that was
// submitted.
func confirmations(t *trace.Trace) func(text string) *trace.Request {
	known := map[string]*trace.Request{}
	return func(text string) *trace.Request {
		answer, is := known[text]
		if !is {
			answer = confirmation(t, text)
			known[text] = answer
		}
		return answer
	}
}

// confirmation is the request whose answer brought the message's ACK for certain;
// nil if there is none.
func confirmation(t *trace.Trace, text string) *trace.Request {
	said := []byte(text)
	for _, r := range t.Requests {
		if r.Session == nil || !bytes.Contains(r.Body, said) {
			continue
		}
		ack := confirms(r, text)
		if ack == nil {
			continue
		}
		for _, x := range r.Session.Requests {
			if f := x.Falsified(); f != nil && f.Missing {
				break // what comes behind a lost part belongs to half a command
			}
			if x.Began >= r.Began && x.Served() && !x.Unsure() && hasLine(x.AnswerBody, ack) {
				return x
			}
		}
	}
	return nil
}

// confirms is the line by which the server confirms a message that r carries, with
// the end of the line before it; nil if r does not carry it.
func confirms(r *trace.Request, text string) []byte {
	commands, _ := msnp.Decode(msnp.Client, r.Body) // what precedes an error was decoded
	for _, c := range commands {
		message, err := msnp.ParseMessage(c.Payload)
		if trid, has := c.TrID(); c.Name == "MSG" && has && err == nil && message.Text == text {
			return fmt.Appendf(nil, "\nACK %d\r\n", trid)
		}
	}
	return nil
}

// hasLine reports whether a body has a line, which a payload may quote but not at
// its start. With line comes the end of the one before it.
func hasLine(body, line []byte) bool {
	return bytes.HasPrefix(body, line[1:]) || bytes.Contains(body, line)
}
