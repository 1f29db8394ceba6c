package oracle_test

import (
	"slices"
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

// away is a client that loses a request and takes that long to go on with it.
func away(absent time.Duration) *tale {
	t := start()
	query := "Action=poll&SessionID=" + t.on.id
	t.ask(query, "").lost().wait(absent).connect(firstHost+":80").ask(query, "")
	return t.answer(200, t.header(), "").rig(history.RunEnded, "")
}

func TestNumbersOfOurs(t *testing.T) {
	const ms = time.Millisecond
	for name, c := range map[string]struct {
		id     requirement.ID
		tale   *tale
		status Status
		level  requirement.Level
	}{
		"a second between tries":        {"connection.backs-off", refusals(200*ms, 400*ms, 800*ms, time.Second, time.Second), Pass, requirement.Must},
		"doubled pauses":                {"connection.backs-off", refusals(200*ms, 400*ms, 800*ms, 1600*ms), Pass, requirement.Must},
		"pauses that are short":         {"connection.backs-off", refusals(200*ms, 400*ms, 800*ms, 800*ms, 800*ms), Fail, requirement.Should},
		"999 ms":                        {"connection.backs-off", refusals(200*ms, 400*ms, 800*ms, time.Second, 999*ms), Fail, requirement.Should},
		"as fast as it can, five times": {"connection.backs-off", refusals(slices.Repeat([]time.Duration{ms}, 5)...), Fail, requirement.Should},
		"fifty times":                   {"connection.backs-off", refusals(slices.Repeat([]time.Duration{ms}, 50)...), Fail, requirement.Should},
		"fifty-one times":               {"connection.backs-off", refusals(slices.Repeat([]time.Duration{ms}, 51)...), Fail, requirement.Must},
		"ten a second":                  {"connection.backs-off", refusals(slices.Repeat([]time.Duration{100 * ms}, 80)...), Fail, requirement.Should},
		"a little more":                 {"connection.backs-off", refusals(slices.Repeat([]time.Duration{99 * ms}, 80)...), Fail, requirement.Must},
		"more than that, after a slip":  {"connection.backs-off", refusals(append([]time.Duration{800 * ms, 800 * ms, 800 * ms, 800 * ms}, slices.Repeat([]time.Duration{90 * ms}, 51)...)...), Fail, requirement.Must},
		"an answer is waited for":       {"connection.recovers", patient(40 * time.Second), Pass, requirement.Must},
		"for a minute":                  {"poll.keeps-going", patient(time.Minute), Pass, requirement.Must},
		"for longer":                    {"poll.keeps-going", patient(61 * time.Second), Fail, requirement.Should},
		"beyond what one may":           {"connection.recovers", patient(61 * time.Second), Fail, requirement.Should},
		"for two minutes":               {"connection.recovers", patient(requirement.BackMust - 50*ms), Fail, requirement.Should},
		"without end":                   {"connection.recovers", patient(requirement.BackMust + ms), Fail, requirement.Must},
		"back in half a minute":         {"connection.session-survives", away(30 * time.Second), Pass, requirement.Must},
		"a little later":                {"connection.session-survives", away(30*time.Second + ms), Fail, requirement.Should},
		"back in two minutes":           {"connection.session-survives", away(requirement.BackMust), Fail, requirement.Should},
		"back too late":                 {"connection.session-survives", away(requirement.BackMust + ms), Fail, requirement.Must},
		"silent until then":             {"poll.keeps-going", away(requirement.BackMust), Fail, requirement.Should},
		"silent for longer":             {"poll.keeps-going", away(requirement.BackMust + ms), Fail, requirement.Must},
		"silent in peace":               {"poll.keeps-going", start().idle(1).wait(30*time.Second + ms).poll(""), Fail, requirement.Must},
		"not watched for so long":       {"connection.session-survives", struckLast().wait(40*time.Second).rig(history.RunEnded, ""), Fail, requirement.Should},
		"still waiting at the end":      {"poll.keeps-going", asks().wait(time.Minute).rig(history.RunEnded, ""), Fail, requirement.Should},
	} {
		if v := verdictOn(c.id, c.tale); v.Status != c.status || v.Level != c.level {
			t.Errorf("%s: %+v", name, v)
		}
	}
}
