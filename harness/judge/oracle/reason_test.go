package oracle_test

import (
	"strings"
	"testing"
	"time"

	"gauntlet/harness/judge/history"
	. "gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/judge/trace"
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
		"asked for nothing": {
			"answer.delivered", calling().answered().unheard().wait(time.Minute).rig(history.RunEnded, ""),
			`1 of 2 messages to the user were never shown: "two"; it asked for none of them, which is another defect`,
		},
		"not in a row": {
			"command.at-once", start().step("send 1 message").says(history.Submitted, "one").step("send 1 message").says(history.Submitted, "two"), "the user sent no two messages in a row",
		},
		"nothing said to it":                {"route.no-socks", newTale().begin("socks5 proxy", proxyAddress).connect(proxyAddress), "nothing was sent to the proxy"},
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

// What is missing is said in the words of the requirement that misses it.
func TestWhatIsMissing(t *testing.T) {
	missing := map[requirement.ID]string{
		"answer.delivered":            "nothing was sent to the user",
		"client.leaves-nothing":       "no client was closed that had made connections",
		"close.honoured":              "no answer said Session=close",
		"close.reopening-bounded":     "no session was opened after the gateway had forgotten one",
		"close.reopens-once":          "the gateway forgot no session",
		"close.says-out":              "the user did not sign out",
		"close.stays-away":            "the run was over before it could be seen whether the client stays away",
		"command.at-once":             "the user sent no two messages in a row",
		"command.carried-out":         "the user asked for nothing",
		"command.doubt-founded":       "no message was confirmed",
		"command.in-order":            "no message of the user's arrived",
		"command.no-png":              "no command was seen",
		"command.not-doubled":         "no message of the user's arrived, and nothing that was asked of a server was sent again",
		"command.not-lost":            "the user sent no message, and nothing that was asked of a server was lost on the way",
		"command.one-per-request":     "no command was seen",
		"connection.backs-off":        "fewer than three errors in a row were seen",
		"connection.kept":             "no two requests of one session were seen",
		"connection.recovers":         "no fault fired",
		"connection.session-survives": "nothing was lost",
		"connection.waits-as-told":    "nobody told the client when to come back, or it did not come back",
		"exchange.final-answer":       "no interim answer came, and nothing behind an answer's end; or the client asked for nothing more",
		"exchange.form":               "no whole request was seen",
		"exchange.habits":             "no request was seen",
		"exchange.lengths":            "nothing was sent but ASCII",
		"exchange.one-in-flight":      "fewer than two requests of one session were seen",
		"gateway-ip.followed":         "no request after an answer with GW-IP was seen",
		"gateway-ip.reconnected":      "the client connected once for each session",
		"open.begins":                 "no session was opened",
		"open.carries-command":        "no session was opened",
		"open.dispatch-host":          "no NS session was opened",
		"open.switchboard":            "no SB session was opened",
		"poll.keeps-going":            "the user never signed in",
		"poll.not-too-often":          "no idle poll was seen",
		"poll.pace":                   "no idle poll was seen",
		"profile.accepted":            "the user was sent no profile with ClientPort 0",
		"route.certificate":           "the client never came to see the certificate",
		"route.challenge-told":        "no proxy turned the client away, or not for long enough to tell",
		"route.credentials":           "no HTTP proxy asks the client for a name and a password",
		"route.file-next":             "no file named two proxies, or it was not read",
		"route.file-read":             "the client was told of no file that says its proxy, or did nothing",
		"route.file-told":             "no file was missing",
		"route.intercepted":           "no request was answered by way of an intercepting proxy",
		"route.no-direct-attempt":     "no attempt to connect was seen",
		"route.no-redirect":           "no redirect was answered, or the client had nothing to send after it",
		"route.no-socks":              "the client was not told of a proxy",
		"route.proxy-port":            "the client was not told of a proxy",
		"route.switch":                "no proxy was given",
		"route.without-proxy":         "the client was told to use a proxy",
		"session-id.escaped":          "no SessionID needed escaping",
		"session-id.newest":           "no request with a SessionID was seen",
	}
	for id, tale := range openTales() {
		if v := verdictOn(id, tale); v.Reason != missing[id] {
			t.Errorf("%s: %q, want %q", id, v.Reason, missing[id])
		}
	}
}

// Why there is no verdict is said in the words of what is asked of nobody, and a connection
// that had to be left is not called the only request of its session.
func TestReasonsThatAreTrue(t *testing.T) {
	digest := asked("http proxy").shows("").page(407, "Proxy-Authenticate: Digest realm=\"x\"\r\n").shows("").answer(200, "", "")
	if got := General()["route.credentials"].Unsaid(trace.New(digest.events, digest.facts)); got != "no proxy called a nonce stale that the client used" {
		t.Errorf("of a client that knows no digests: %q", got)
	}
	moved := newTale().direct().connect(gatewayNamed + ":80").open("NS").connect("h:80").poll("")
	if v := verdictOn("connection.kept", moved); v.Status != Inconclusive || !strings.HasPrefix(v.Reason, "each connection had ended, was disturbed or had to be left") {
		t.Errorf("of a gateway that is at another address: %+v", v)
	}
}
