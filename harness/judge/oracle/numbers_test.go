package oracle_test

import (
	"testing"
	"time"

	"gauntlet/harness/judge/history"
	. "gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
)

// patient is a client that waits for an answer that a fault holds back, gives up
// and asks again.
func patient(wait time.Duration) *tale {
	t := start()
	query := "Action=poll&SessionID=" + t.on.id
	t.ask(query, "").hop(history.Event{Kind: history.Fired, Fault: "stall"}).wait(wait).closed("peer", "FIN")
	return t.connect(firstHost+":80").ask(query, "").answer(200, t.header(), "").idle(2)
}

func TestNumbersOfOurs(t *testing.T) {
	const ms = time.Millisecond
	for name, c := range map[string]struct {
		id     requirement.ID
		tale   *tale
		status Status
		level  requirement.Level
	}{
		"a second between tries":       {"connection.backs-off", refusals(200*ms, 400*ms, time.Second, time.Second), Pass, requirement.Must},
		"pauses that are short":        {"connection.backs-off", refusals(200*ms, 400*ms, 800*ms, 800*ms), Fail, requirement.Should},
		"ten tries a second":           {"connection.backs-off", refusals(100*ms, 100*ms, 100*ms, 100*ms), Fail, requirement.Should},
		"more than that":               {"connection.backs-off", refusals(100*ms, 100*ms, 100*ms, 90*ms), Fail, requirement.Must},
		"more than that, after a slip": {"connection.backs-off", refusals(100*ms, 100*ms, 800*ms, 800*ms, 90*ms), Fail, requirement.Must},
		"an answer is waited for":      {"connection.recovers", patient(40 * time.Second), Pass, requirement.Must},
		"for a minute":                 {"poll.keeps-going", patient(time.Minute), Pass, requirement.Must},
		"for longer":                   {"poll.keeps-going", patient(61 * time.Second), Fail, requirement.Must},
		"without end":                  {"connection.recovers", patient(61 * time.Second), Fail, requirement.Must},
	} {
		if v := verdictOn(c.id, c.tale); v.Status != c.status || v.Level != c.level {
			t.Errorf("%s: %+v", name, v)
		}
	}
}
