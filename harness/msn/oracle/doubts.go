package oracle

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
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
		f.Fail([]int{answer.Ordinal}, "%q was called uncertain, or not delivered, at %s; that it was delivered had come with the answer to request %d at %s",
			text, oracle.Clock(doubt), answer.Ordinal, oracle.Clock(answer.Ended))
		return
	}
	f.OK()
}

// doubted is when the client last called each message uncertain, of those that it
// did, or complained of it: "not delivered: TEXT". Of what was said twice a complaint may
// mean the other.
func doubted(t *trace.Trace) map[string]time.Duration {
	at, said := map[string]time.Duration{}, map[string]int{}
	for i := range t.Events {
		ev := &t.Events[i]
		_, named, _ := strings.Cut(ev.Text, ": ")
		switch {
		case ev.Kind == history.Submitted:
			said[ev.Text]++
		case ev.From != history.AtClient:
		case ev.Kind == history.Uncertain:
			at[ev.Text] = ev.At
		case ev.Kind == history.Failed && said[named] == 1:
			at[named] = ev.At
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

// confirmations finds for a message that was submitted the request whose answer brought
// its ACK for certain; nil if there is none. Bodies and answers are read once, however
// many messages there are.
func confirmations(t *trace.Trace) func(text string) *trace.Request {
	read := sync.OnceValue(func() map[string]*trace.Request { return readConfirmations(t) })
	return func(text string) *trace.Request { return read()[text] }
}

func readConfirmations(t *trace.Trace) map[string]*trace.Request {
	submitted, found := map[string]bool{}, map[string]*trace.Request{}
	for i := range t.Events {
		if ev := &t.Events[i]; ev.Kind == history.Submitted {
			submitted[ev.Text] = true
		}
	}
	acks := map[*trace.Session]acknowledged{}
	for _, r := range t.Requests {
		if r.Session == nil || !bytes.Contains(r.Body, []byte("MSG ")) {
			continue
		}
		for text, trid := range messagesIn(r.Body) {
			if !submitted[text] || found[text] != nil || !bytes.Contains(r.Body, []byte(text)) {
				continue
			}
			if acks[r.Session] == nil {
				acks[r.Session] = acknowledgedIn(r.Session)
			}
			if x := acks[r.Session].since(trid, r); x != nil {
				found[text] = x
			}
		}
	}
	return found
}

// messagesIn are the texts of the messages in a client's body, each with the TrID of the
// first that has it.
func messagesIn(body []byte) map[string]string {
	messages := map[string]string{}
	commands, _ := msnp.Decode(msnp.Client, body) // what precedes an error was decoded
	for _, c := range commands {
		message, err := msnp.ParseMessage(c.Payload)
		if trid, has := c.TrID(); c.Name == "MSG" && has && err == nil {
			if _, twice := messages[message.Text]; !twice {
				messages[message.Text] = fmt.Sprint(trid)
			}
		}
	}
	return messages
}

// acknowledged are the requests of a session, in order, whose answers brought a line
// ACK for certain, by its number as it is written.
type acknowledged map[string][]*trace.Request

func acknowledgedIn(s *trace.Session) acknowledged {
	acks := acknowledged{}
	for _, x := range s.Requests {
		if f := x.Falsified(); f != nil && f.Missing {
			break // what comes behind a lost part belongs to half a command
		}
		if !x.Served() || x.Unsure() {
			continue
		}
		for line := range bytes.Lines(x.AnswerBody) {
			number, is := bytes.CutPrefix(line, []byte("ACK "))
			number, whole := bytes.CutSuffix(number, []byte("\r\n"))
			if list := acks[string(number)]; is && whole && (len(list) == 0 || list[len(list)-1] != x) {
				acks[string(number)] = append(list, x)
			}
		}
	}
	return acks
}

// since is the first of them that was not asked before r; nil if there is none.
func (a acknowledged) since(trid string, r *trace.Request) *trace.Request {
	list := a[trid]
	i, _ := slices.BinarySearchFunc(list, r.Began, func(x *trace.Request, at time.Duration) int { return cmp.Compare(x.Began, at) })
	if i == len(list) {
		return nil
	}
	return list[i]
}
