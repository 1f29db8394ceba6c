package oracle_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"testing"
	"time"

	"gauntlet/harness/judge/history"
	. "gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/judge/trace"
)

// edge is a history close to where a verdict turns.
type edge struct {
	id   requirement.ID
	want Status
	tale *tale
}

func TestEdges(t *testing.T) {
	tryEdges(t, leavingEdges(), pollingEdges(), disturbedEdges(), kickedEdges(), falsifiedEdges(), credentialEdges(), transactionEdges(), challengeEdges())
}

// calling is a user who asks for a switchboard, and whose open is out.
func calling() *tale {
	t := start().step("open chat").sent("XFR 3 SB " + board + ":1863 CKI 1.1\r\n").connect(board + ":80")
	return t.ask("Action=open&Server=SB&IP="+board, "USR 1 a 1\r\n").opened("SB")
}

// answered ends the open of the session that t is on.
func (t *tale) answered() *tale { return t.answer(200, t.header(), "") }

// leaves says OUT on the first session, which ends.
func (t *tale) leaves() *tale {
	t.on, t.conn = t.told[0], 1
	return t.closing("OUT\r\n")
}

// stalled is an OUT that gets no answer.
func stalled() *tale {
	t := start().step("sign out")
	return t.ask("SessionID="+t.on.id, "OUT\r\n")
}

func leavingEdges() map[string]edge {
	early, late := calling().answered(), calling()
	late.step("sign out").leaves()
	late.on, late.conn, late.last = late.told[1], 2, 3
	unheard := calling().step("sign out")
	half := start().step("sign out").hop(history.Event{Kind: history.RequestBegan})
	return map[string]edge{
		"a chat that was opened":              {"close.says-out", Fail, early.step("sign out").leaves()},
		"one that opens when the client left": {"close.says-out", Pass, late.wait(time.Second).answered()},
		"one that never opened":               {"close.says-out", Pass, unheard.leaves()},
		"OUT that stalls":                     {"close.says-out", Pass, stalled().wait(20*time.Second).closed("peer", "FIN")},
		"OUT that stalls to the end":          {"close.says-out", Pass, stalled().wait(time.Minute)},
		"OUT that is cut off":                 {"close.says-out", Fail, stalled().wait(time.Second).closed("fault", "RST")},
		"OUT that the box hangs up on":        {"close.says-out", Fail, stalled().wait(time.Second).closed("box", "FIN")},
		"OUT that is not sent whole":          {"close.says-out", Fail, half.wait(time.Minute)},
	}
}

// held is a poll whose answer is held back for so long.
func held(d time.Duration) *tale {
	t := start().idle(1).wait(2 * time.Second)
	t.ask("Action=poll&SessionID="+t.on.id, "").processed("").wait(d)
	return t.answer(200, t.header(), "")
}

// timed polls by a timer of its own, with a command between two polls; the
// second comes so long after the command's answer.
func timed(answer string, pause time.Duration) *tale {
	t := start().idle(1).wait(1700 * time.Millisecond)
	return t.exchange("SessionID="+t.on.id, "CHG 4 BSY\r\n", answer).wait(pause).poll("")
}

func pollingEdges() map[string]edge {
	stormy := start().idle(1).wait(100 * time.Millisecond)
	stormy.exchange("SessionID="+stormy.on.id, "CHG 4 BSY\r\n", "").wait(100 * time.Millisecond).poll("")
	typing := start().idle(1)
	for range 6 {
		typing.wait(4 * time.Second).send("CHG 4 BSY\r\n")
	}
	over := time.Minute
	return map[string]edge{
		"a poll right after a command":     {"poll.not-too-often", Pass, timed("", 200*time.Millisecond)},
		"at a pace all the same":           {"poll.pace", Pass, timed("", 200*time.Millisecond)},
		"a command does not excuse it":     {"poll.not-too-often", Fail, stormy},
		"a command that brought something": {"poll.not-too-often", Inconclusive, timed("CHG 4 BSY\r\n", 10*time.Millisecond)},
		"399 ms":                           {"poll.not-too-often", Fail, start().idle(1).wait(399 * time.Millisecond).poll("")},
		"400 ms":                           {"poll.not-too-often", Pass, start().idle(1).wait(400 * time.Millisecond).poll("")},
		"commands in the place of polls":   {"poll.pace", Pass, typing.wait(4 * time.Second).poll("")},
		"nothing in the place of polls":    {"poll.pace", Fail, start().idle(1).wait(11 * time.Second).poll("")},
		"400 ms, kept from the wire":       {"poll.not-too-often", Inconclusive, start().idle(1).wait(100*time.Millisecond).dial(firstHost+":80", "refused").wait(100 * time.Millisecond).poll("")},
		"kept from it before":              {"poll.not-too-often", Fail, start().dial(firstHost+":80", "refused").idle(1).wait(200 * time.Millisecond).poll("")},
		"kept from it after that":          {"poll.not-too-often", Fail, start().idle(1).wait(200*time.Millisecond).poll("").wait(time.Second).dial(firstHost+":80", "refused")},
		"others in its place, and silent":  {"poll.keeps-going", Pass, replacedBy("signed in elsewhere")},
		"itself again, and silent":         {"poll.keeps-going", Fail, replacedBy("stay 3s")},
		"an answer held for 40 s":          {"poll.keeps-going", Pass, held(40 * time.Second).idle(1)},
		"silent after it":                  {"poll.keeps-going", Fail, held(20*time.Second).wait(31*time.Second).rig(history.RunEnded, "")},
		"as long as one may be silent":     {"poll.keeps-going", Pass, held(20*time.Second).wait(30*time.Second).rig(history.RunEnded, "")},
		"an answer that never comes":       {"poll.keeps-going", Fail, asks().wait(over).rig(history.RunEnded, "")},
	}
}

// replacedBy is a sign-in in the place of the one before, in that step, and silence.
func replacedBy(step string) *tale {
	t := start().idle(2).step(step).messenger(history.Event{Kind: history.SignedOut, User: user, Text: "replaced"})
	return t.messenger(history.Event{Kind: history.SignedIn, User: user}).wait(10*time.Minute).rig(history.RunEnded, "")
}

// asks is a poll that is out.
func asks() *tale {
	t := start().wait(2 * time.Second)
	return t.ask("Action=poll&SessionID="+t.on.id, "")
}

// strikes is a fault on the newest connection.
func (t *tale) strikes(text string) *tale {
	return t.hop(history.Event{Kind: history.Fired, Fault: text})
}

// abandons leaves the newest connection for another after a while.
func (t *tale) abandons(after time.Duration) *tale {
	return t.wait(after).closed("peer", "FIN").connect(firstHost + ":80").poll("")
}

// surplus is bytes behind the newest answer.
func (t *tale) surplus() *tale { return t.surplusOf(t.requests) }

func (t *tale) surplusOf(request int) *tale {
	return t.hop(history.Event{Kind: history.Surplus, Exchange: request})
}

func disturbedEdges() map[string]edge {
	const idle, lost, slow = "hop 0: on NS poll 1, idle 500ms: reject flow", "hop 0: on NS poll 1, answer: lose flow to box", "hop 0: on request 1, head: delay 300ms"
	quiet := func() *tale { return start().idle(2).wait(500 * time.Millisecond) }
	during := func(text string) *tale {
		t := asks().strikes(text).processed("")
		return t.answer(200, t.header(), "").wait(100 * time.Millisecond)
	}
	elsewhere := quiet()
	elsewhere.add(history.Event{From: history.AtHop, Kind: history.Fired, Conn: 7, Fault: idle})
	earlier := start().idle(1).strikes(idle).idle(2)
	return map[string]edge{
		"a road that is closed":             {"connection.kept", Pass, quiet().strikes(idle).abandons(20 * time.Second)},
		"at no pace":                        {"poll.pace", Pass, quiet().strikes(idle).abandons(20 * time.Second)},
		"another connection's road":         {"connection.kept", Fail, elsewhere.abandons(20 * time.Second)},
		"its pace":                          {"poll.pace", Fail, elsewhere},
		"a road that was closed for before": {"connection.kept", Fail, earlier.abandons(20 * time.Second)},
		"a road during the answer":          {"connection.kept", Pass, during(lost).abandons(20 * time.Second)},
		"bytes behind the answer":           {"connection.kept", Pass, quiet().surplus().abandons(2 * time.Second)},
		"another fault during the answer":   {"connection.kept", Fail, during(slow).abandons(20 * time.Second)},
	}
}

// kicked is told that it signed in elsewhere, and goes on with a request that is
// refused.
func kicked(closing string) *tale {
	t := start().wait(2 * time.Second)
	t.ask("Action=poll&SessionID="+t.on.id, "").processed("")
	return t.answer(200, t.header()+closing, "OUT OTH\r\n").wait(time.Second)
}

// refused sends a request and gets a 400.
func (t *tale) refused(query, body string) *tale {
	return t.ask(query+"SessionID="+t.on.id, body).answer(400, "", "").wait(time.Minute).rig(history.RunEnded, "")
}

func kickedEdges() map[string]edge {
	const closed = "; Session=close"
	return map[string]edge{
		"OUT after a kick":             {"close.reopens-once", Inconclusive, kicked(closed).refused("", "OUT\r\n")},
		"it is a request all the same": {"close.honoured", Fail, kicked(closed).refused("", "OUT\r\n")},
		"polls after a kick":           {"close.reopens-once", Inconclusive, kicked(closed).refused("Action=poll&", "")},
		"OUT to who has forgotten":     {"close.reopens-once", Inconclusive, kicked("").refused("", "OUT\r\n")},
		"polls who has forgotten":      {"close.reopens-once", Fail, kicked("").refused("Action=poll&", "")},
	}
}

func credentialEdges() map[string]edge {
	const right, http = "alice:se:cret", "http proxy"
	tunnel := asked(trace.Connect).raw("CONNECT h:80 HTTP/1.1\r\n\r\n", "")
	return map[string]edge{
		"shown each time":              {"route.credentials", Pass, asked(http).shows(right).shows(right).connect(proxyAddress).shows(right)},
		"shown once":                   {"route.credentials", Fail, asked(http).shows(right).shows("")},
		"shown when asked":             {"route.credentials", Pass, asked(http).shows("").answer(407, "", "").shows(right).shows(right)},
		"not shown when asked":         {"route.credentials", Fail, asked(http).shows("").answer(407, "", "").shows("")},
		"nor on another connection":    {"route.credentials", Fail, asked(http).shows("").connect(proxyAddress).shows("")},
		"cut at the second colon":      {"route.credentials", Fail, asked(http).shows("alice:se")},
		"for a tunnel":                 {"route.credentials", Pass, asked(trace.Connect).raw("CONNECT h:80 HTTP/1.1\r\nProxy-Authorization: Basic YWxpY2U6c2U6Y3JldA==\r\n\r\n", "").answer(200, "", "").shows("")},
		"within a tunnel to https":     {"route.credentials", Pass, asked(http).raw("CONNECT h:443 HTTP/1.1\r\nProxy-Authorization: Basic YWxpY2U6c2U6Y3JldA==\r\n\r\n", "").answer(200, "", "").shows("").shows("")},
		"where no tunnel was made":     {"route.credentials", Fail, asked(http).raw("CONNECT h:443 HTTP/1.1\r\nProxy-Authorization: Basic YWxpY2U6c2U6Y3JldA==\r\n\r\n", "").answer(503, "", "").shows("")},
		"not for a tunnel, when asked": {"route.credentials", Fail, tunnel.connect(proxyAddress).raw("CONNECT h:80 HTTP/1.1\r\n\r\n", "")},
		"a SOCKS proxy":                {"route.credentials", Inconclusive, asked("socks5 proxy").shows("")},
		"asked on each connection":     {"route.credentials", Pass, asked(http).shows("").answer(407, "", "").shows(right).connect(proxyAddress).shows("").answer(407, "", "").shows(right)},
		"a SOCKS proxy, not at all":    {"route.credentials", Inconclusive, asked("socks5 proxy").shows("").shows("")},
		"asked once more, elsewhere":   {"route.credentials", Pass, asked(http).shows(right).connect(proxyAddress).shows("").answer(407, "", "").shows(right)},
		"after one that broke off":     {"route.credentials", Pass, asked(http).hop(history.Event{Kind: history.RequestBegan}).closed("peer", "FIN").connect(proxyAddress).shows("").answer(407, "", "").shows(right)},
		"not after a first answer":     {"route.credentials", Fail, asked(http).shows(right).answer(200, "", "").shows("")},
		"nobody asks":                  {"route.credentials", Inconclusive, newTale().proxied().connect(proxyAddress).shows("")},
	}
}

// encoded is an answer to a poll that claims to be compressed.
func encoded(body string) *tale {
	t := asks().strikes("hop 0: on NS poll 1, answer: add header Content-Encoding gzip").processed("")
	return t.answer(200, t.header()+"\r\nContent-Encoding: gzip", body).rig(history.StepDone, "stay 3s")
}

// gzipped is a text as the claim has it.
func gzipped(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(text))
	_ = w.Close()
	return b.String()
}

// asksAgain repeats the newest poll with the id that it carried.
func (t *tale) asksAgain() *tale {
	return t.wait(time.Second).ask(fmt.Sprintf("Action=poll&SessionID=%d.%d", t.on.number, t.on.ids-1), "").answer(200, t.header(), "")
}

// unheard is a message that was sent to the user, and never shown.
func (t *tale) unheard() *tale {
	return t.relayed(peer, "one").relayed(peer, "two").says(history.Delivered, "one").rig(history.StepFailed, "hear 2 messages: not done")
}

// A client can neither trust an answer that was falsified on the way nor be sure
// that it is lost, and cannot show what it could not read.
func falsifiedEdges() map[string]edge {
	early := start().rig(history.StepDone, "sign in").unheard().idle(1)
	early.ask("Action=poll&SessionID="+early.on.id, "").processed("")
	return map[string]edge{
		"a lie, asked again":             {"session-id.newest", Pass, encoded("MSG").asksAgain()},
		"a lie, believed":                {"session-id.newest", Pass, encoded("MSG").poll("")},
		"no lie, asked again":            {"session-id.newest", Fail, encoded(gzipped("MSG")).asksAgain()},
		"nothing at all, asked again":    {"session-id.newest", Fail, encoded("").asksAgain()},
		"a lie, and its connection left": {"connection.kept", Pass, encoded("MSG").abandons(time.Second)},
		"no lie, and it is left":         {"connection.kept", Fail, encoded(gzipped("MSG")).abandons(time.Second)},
		"what it cannot show":            {"answer.delivered", Inconclusive, encoded("MSG").unheard()},
		"what it could":                  {"answer.delivered", Fail, encoded(gzipped("MSG")).unheard()},
		"what was to be heard":           {"command.carried-out", Inconclusive, encoded("MSG").unheard()},
		"what could be heard":            {"command.carried-out", Fail, encoded(gzipped("MSG")).unheard()},
		"what was to be heard before":    {"command.carried-out", Fail, early.answer(200, early.header()+"\r\nContent-Encoding: gzip", "MSG")},
		"what it never asked for":        {"answer.delivered", Inconclusive, calling().answered().unheard().wait(time.Minute).rig(history.RunEnded, "")},
		"what it had no time to ask for": {"answer.delivered", Fail, calling().answered().unheard().wait(5*time.Second).rig(history.RunEnded, "")},
		"in a chat that was over soon":   {"answer.delivered", Fail, calling().answered().unheard().wait(5*time.Second).gateway(history.Event{Kind: history.SessionEnded, Text: "idle"}).wait(time.Minute).rig(history.RunEnded, "")},
		"what a chat was asked for":      {"answer.delivered", Fail, calling().answered().unheard().poll("").wait(time.Minute).rig(history.RunEnded, "")},
		"after something else was not":   {"command.carried-out", Fail, encoded("MSG").rig(history.StepFailed, "stay 3s: no").unheard()},
		"after what is only a should":    {"command.carried-out", Inconclusive, encoded("MSG").rig(history.StepFailed, history.Quitting+"status 3").unheard()},
		"and then was not done":          {"command.carried-out", Fail, encoded("MSG").unheard().rig(history.StepFailed, "sign out: not done")},
		"what was to be done":            {"command.carried-out", Fail, encoded("MSG").rig(history.StepFailed, "send 1 message: not done")},
		"Session=close in a lie":         {"close.honoured", Inconclusive, asks().processed("").answer(200, "SessionID=1.3; GW-IP="+firstHost+"; Session=close\r\nContent-Encoding: gzip", "OUT").asksAgain()},
	}
}
