package mutants

import (
	"bytes"
	"strings"
	"sync/atomic"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/msn/msnp"
	"gauntlet/harness/msn/session"
	"gauntlet/harness/run/adapter"
)

// doubles sends the command whose answer was lost again, as a new one.
var doubles = Mutant{
	Name:     "doubles",
	Defect:   "repeats a lost command under a new number",
	Violates: "command.not-doubled",
	Seen:     "MSNPSharp: resends on a soft failure, by its source",
	Needs:    NeedsFault,
	Cases:    []string{"cut-message-answer-*"},
	Also:     []Collateral{{sentAgain, []requirement.ID{"command.carried-out", "command.not-lost", "command.in-order", "profile.accepted", "connection.session-survives"}}, {uncurbed, []requirement.ID{"connection.backs-off"}}},
	New:      minded(anew),
}

// halves reads each body for itself.
var halves = Mutant{
	Name:     "halves",
	Defect:   "forgets a command that goes on in the next body",
	Violates: "command.carried-out",
	Seen:     "libpurple, Gaim, papyon, pymsn, emesene",
	Needs:    NeedsSetting,
	Cases:    []string{"split-*"},
	Also:     []Collateral{{misread, []requirement.ID{"answer.delivered"}}},
	New:      onAnswers(wholeCommands),
}

// wholeCommands cuts off what is not complete.
func wholeCommands(a *answer) {
	d := msnp.Decoder{From: msnp.Server}
	d.Feed(a.body)
	for {
		if _, ok, err := d.Next(); !ok || err != nil {
			break
		}
	}
	if n := d.Buffered(); n > 0 && a.whole {
		a.cutTo(len(a.body) - n)
	}
}

// loses forgets the request whose answer did not come, and says nothing of it.
var loses = Mutant{
	Name:     "loses",
	Defect:   "drops the command whose answer was lost, and does not tell its user",
	Violates: "command.not-lost",
	Seen:     "emesene 2: tries once more, then the command is lost",
	Needs:    NeedsFault,
	Cases:    []string{"cut-message-forward-*", "dialect-strict-message-answer-*"},
	Also:     []Collateral{{fallsSilent, []requirement.ID{"close.says-out", "command.carried-out", "connection.session-survives"}}},
	New:      newLoses,
}

// minds takes care of messages alone.
var minds = Mutant{
	Name:     "minds-messages",
	Defect:   "repeats a lost message, and drops any other command that was lost",
	Violates: "command.not-lost",
	Needs:    NeedsFault,
	Cases:    []string{"cut-command-*"},
	Also:     []Collateral{{fallsSilent, []requirement.ID{"close.says-out", "command.carried-out", "connection.session-survives", "answer.delivered", "poll.keeps-going"}}},
	New:      minded(afterLoss(mindMessages)),
}

func mindMessages(w *watched, now time.Time, l session.Loss) {
	if len(w.out.Body) == 0 || bytes.HasPrefix(w.out.Body, []byte("MSG ")) {
		w.Machine.Lost(now, l)
		return
	}
	forgetIt(w, now, l)
}

func newLoses(s adapter.Setup) (adapter.Client, error) {
	report := s.Report
	s.Report = func(e history.Event) {
		if e.Kind != history.Uncertain {
			report(e)
		}
	}
	return minded(afterLoss(forgetIt))(s)
}

// pings keeps its session alive as on port 1863.
var pings = Mutant{
	Name:     "pings",
	Defect:   "sends PNG now and then",
	Violates: "command.no-png",
	Seen:     "aMSN: about every minute; MSNPSharp",
	Also:     []Collateral{{thrownOut, []requirement.ID{"answer.delivered", "poll.keeps-going", "close.reopens-once", "command.carried-out", "command.not-lost"}}},
	New:      tampered(pingAtTimes),
}

// pingAtTimes makes a PNG of each fifth poll.
func pingAtTimes(adapter.Setup) tamper {
	polls := &atomic.Int32{}
	return tamper{request: func(request []byte) []byte {
		if query(request).Action != "poll" || polls.Add(1)%5 != 0 {
			return request
		}
		request = requery(request, func(q string) string { return strings.TrimPrefix(q, "Action=poll&") })
		return withBody(request, "PNG\r\n")
	}}
}

// reorders puts a command that was lost behind those that wait.
var reorders = Mutant{
	Name:     "reorders",
	Defect:   "sends a lost command again after the ones that were to follow it",
	Violates: "command.in-order",
	Needs:    NeedsFault,
	Cases:    []string{"cut-message-forward-*", "dialect-strict-message-answer-*"},
	Also:     []Collateral{{sentAgain, []requirement.ID{"command.not-doubled"}}, {uncurbed, []requirement.ID{"connection.backs-off", "command.carried-out"}}},
	New:      minded(afterLoss(sendLast)),
}

// saysAgain knows that the gateway has had the message, and sends it once more.
var saysAgain = Mutant{
	Name:     "says-again",
	Defect:   "sends a message again under the id that the broken answer to it had shown",
	Violates: "command.not-doubled",
	Needs:    NeedsFault,
	Cases:    []string{"dialect-strict-shown-at-message"},
	New:      once(nil),
}
