package messenger

import (
	"fmt"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/msn/msnp"
)

// trial is a client's challenges. Its goroutine sleeps, asks, and waits for
// the answer or the deadline; the answer comes in on the reader's goroutine.
type trial struct {
	*visitor
	code     string        // the latest challenge, "" before the first
	pending  bool          // it is unanswered
	answered chan struct{} // holds a token when it was answered
}

func newTrial(v *visitor) *trial { return &trial{visitor: v, answered: make(chan struct{}, 1)} }

// challengeKeys are the keys of the client ids known here. With any other id
// the hash can't be judged: that the client answered is all that is asked.
var challengeKeys = map[string]string{msnp.ChallengeID: msnp.ChallengeKey}

// begin starts the goroutine; the mutex is held.
func (t *trial) begin() {
	if t.m.closed || t.m.options.ChallengeAfter < 0 {
		return
	}
	t.m.running.Go(t.challenges)
}

func (t *trial) challenges() {
	o := t.m.options
	for wait := o.ChallengeAfter; wait > 0; wait = o.ChallengeEvery {
		if !t.pause(wait, nil) {
			return
		}
		t.m.do(t.challenge)
		if !t.pause(o.ChallengeWithin, t.answered) {
			return
		}
		t.m.do(t.overdue)
	}
}

// pause waits for d or until early has a token; false means that the client is
// gone or the messenger closes.
func (t *trial) pause(d time.Duration, early <-chan struct{}) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-early:
	case <-t.gone:
		return false
	case <-t.m.done:
		return false
	}
	return true
}

func (t *trial) challenge() {
	if t.over {
		return
	}
	t.code = fmt.Sprintf("%010d%010d", t.m.random.Uint64N(1e10), t.m.random.Uint64N(1e10))
	t.pending = true
	t.forget()
	t.observe(history.Event{Kind: history.Challenged})
	t.send(msnp.New("CHL", "0", t.code))
}

// overdue disconnects a client that let the deadline pass.
func (t *trial) overdue() {
	if t.pending && !t.over {
		t.failed(fmt.Sprintf("no answer within %v", t.m.options.ChallengeWithin))
	}
}

// QRY n client-id 32, and 32 hexadecimal digits. The same answer given again
// is confirmed again: it does no harm, and a repeated request may bring it.
func (t *trial) query(c msnp.Command) {
	if why := t.judge(c); why != "" {
		t.refuse(c, msnp.ChallengeWrong)
		t.failed(why)
		return
	}
	if t.pending {
		t.pending = false
		t.answered <- struct{}{}
		t.observe(history.Event{Kind: history.ChallengeAnswered, Text: t.remark(c)})
	}
	t.send(msnp.New("QRY", c.Arg(0)))
}

// judge says what is wrong with an answer, "" if nothing.
func (t *trial) judge(c msnp.Command) string {
	id := c.Arg(1)
	key, known := challengeKeys[id]
	switch {
	case t.code == "":
		return "an answer without a challenge"
	case id == "" || len(c.Payload) != 32:
		return "an answer without a client id or 32 digits"
	case known && string(c.Payload) != msnp.Challenge(t.code, key):
		return "wrong answer"
	}
	return ""
}

// forget takes away the token of an answer that came just as time ran out.
func (t *trial) forget() {
	select {
	case <-t.answered:
	default:
	}
}

// remark tells when an answer could not be judged.
func (t *trial) remark(c msnp.Command) string {
	if _, known := challengeKeys[c.Arg(1)]; !known {
		return "client id unknown, hash not judged"
	}
	return ""
}

func (t *trial) failed(why string) {
	t.log.Warn("challenge failed", "user", t.user, "why", why)
	t.observe(history.Event{Kind: history.ChallengeFailed, Text: why})
	t.leave("challenge")
}
