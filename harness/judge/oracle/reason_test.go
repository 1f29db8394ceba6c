package oracle

import (
	"testing"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/requirement"
)

// Who is told why nothing could be concluded is told what was seen.
func TestReasonsOfNoConclusion(t *testing.T) {
	mute := func() *tale { return newTale().direct().connect(gatewayNamed + ":80").open("NS") }
	for name, c := range map[string]struct {
		id   requirement.ID
		tale *tale
		want string
	}{
		"challenged too late": {
			"answer.delivered", mute().add(history.Event{From: history.AtMessenger, Kind: history.Challenged, User: user}),
			"the client does not say what it shows, and the run ended before it had answered a challenge (CHL)",
		},
		"not challenged": {"answer.delivered", mute(), "the client does not say what it shows, and was not challenged"},
		"never seen": {
			"route.without-proxy", newTale().direct().step("sign in").wait(3*time.Minute).rig(history.StepFailed, "sign in: not done after 3m0s"),
			"nothing was seen of the client",
		},
		"short": {
			"route.without-proxy", newTale().direct().dial(firstHost+":80", "refused"),
			"no request was answered, but the run was short",
		},
	} {
		if v := verdictOn(c.id, c.tale); v.Status != Inconclusive || v.Reason != c.want {
			t.Errorf("%s: %+v", name, v)
		}
	}
}
