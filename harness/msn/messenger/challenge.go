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
	code     string        // the latest challenge, "" before the first
	pending  bool          // it is unanswered
	answered chan struct{} // holds a token when it was answered
}

func newTrial() trial { return trial{answered: make(chan struct{}, 1)} }

// challengeKeys are the keys of the client ids known here. With any other id
// the hash can't be judged: that the client answered is all that is asked.
var challengeKeys = map[string]string{msnp.ChallengeID: msnp.ChallengeKey}

// beginChallenges starts the goroutine; the mutex is held.
func (n *notification) beginChallenges() {
	if n.m.closed || n.m.options.ChallengeAfter < 0 {
		return
	}
	n.m.running.Go(n.challenges)
}

func (n *notification) challenges() {
	o := n.m.options
	for wait := o.ChallengeAfter; wait > 0; wait = o.ChallengeEvery {
		if !n.pause(wait, nil) {
			return
		}
		n.m.do(n.challenge)
		if !n.pause(o.ChallengeWithin, n.trial.answered) {
			return
		}
		n.m.do(n.overdue)
	}
}

// pause waits for d or until early has a token; false means that the client is
// gone or the messenger closes.
func (n *notification) pause(d time.Duration, early <-chan struct{}) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-early:
	case <-n.gone:
		return false
	case <-n.m.done:
		return false
	}
	return true
}

func (n *notification) challenge() {
	if n.over {
		return
	}
	n.trial.code = fmt.Sprintf("%010d%010d", n.m.random.Uint64N(1e10), n.m.random.Uint64N(1e10))
	n.trial.pending = true
	n.trial.forget()
	n.observe(history.Event{Kind: history.Challenged})
	n.send(msnp.New("CHL", "0", n.trial.code))
}

// overdue disconnects a client that let the deadline pass.
func (n *notification) overdue() {
	if n.trial.pending && !n.over {
		n.failed(fmt.Sprintf("no answer within %v", n.m.options.ChallengeWithin))
	}
}

// QRY n client-id 32, and 32 hexadecimal digits. The same answer given again
// is confirmed again: it does no harm, and a repeated request may bring it.
func (n *notification) query(c msnp.Command) {
	if why := n.trial.judge(c); why != "" {
		n.refuse(c, msnp.ChallengeWrong)
		n.failed(why)
		return
	}
	if n.trial.pending {
		n.trial.pending = false
		n.trial.answered <- struct{}{}
		n.observe(history.Event{Kind: history.ChallengeAnswered, Text: n.trial.remark(c)})
	}
	n.send(msnp.New("QRY", c.Arg(0)))
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

func (n *notification) failed(why string) {
	n.log.Warn("challenge failed", "user", n.user, "why", why)
	n.observe(history.Event{Kind: history.ChallengeFailed, Text: why})
	n.leave("challenge")
}
