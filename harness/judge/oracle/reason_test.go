package oracle_test

import (
	"testing"
	"time"

	"gauntlet/harness/judge/history"
	. "gauntlet/harness/judge/oracle"
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
		"lost in the end": {
			"connection.session-survives", struckLast().rig(history.ClientGone, "ended by itself, status 1").rig(history.RunEnded, ""),
			"the run was over before it could be seen whether the client goes on",
		},
		"nothing but a call": {
			"connection.session-survives", start().step("invited").connect(board+":80").sent("RNG 1 10.9.0.2:1863 CKI 1 a b\r\n").ask("Action=open&Server=SB&IP=10.9.0.2", "ANS 1 alice@example.com 1 1\r\n").lost().wait(time.Minute).rig(history.RunEnded, ""),
			"nothing was lost but an open that answers a call: its ticket is good once, and the client cannot get another",
		},
		"not back yet": {
			"connection.recovers", struckLast().rig(history.RunEnded, ""), "the run was over before it could be seen",
		},
		"left at once": {
			"connection.recovers", struckLast().step("sign out").rig(history.RunEnded, ""), "the user left before it could be seen",
		},
		"at another proxy":                  {"route.proxy-port", newTale().proxied().connect("10.1.1.9:8080"), "the client never connected to its proxy"},
		"nowhere, with a proxy that is off": {"route.switch", newTale().switchedOff().step("sign in"), "the client never connected"},
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

// struckLast is a client whose last request is lost.
func struckLast() *tale {
	t := start()
	return t.ask("Action=poll&SessionID="+t.on.id, "").lost().wait(time.Second)
}
