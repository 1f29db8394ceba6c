package oracle_test

import (
	"fmt"
	"slices"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/msn/msnp"
)

func pollsThatAreWrong() map[string]broken {
	return map[string]broken{
		"never":           {"poll.keeps-going", "no request of the NS session between", start().wait(40 * time.Second).step("sign out")},
		"then no more":    {"poll.keeps-going", "no request of the NS session between", start().idle(3).wait(31*time.Second).rig(history.RunEnded, "")},
		"too often":       {"poll.not-too-often", "polls 300ms after", start().idle(1).wait(300 * time.Millisecond).poll("")},
		"faster than so":  {"poll.pace", "polls 600ms after", start().idle(1).wait(600 * time.Millisecond).poll("")},
		"slower than so":  {"poll.pace", "polls 11s after", start().idle(1).wait(11 * time.Second).poll("")},
		"one connection?": {"connection.kept", "left connection 1, which nothing had disturbed", start().connect("h:80").poll("")},
	}
}

func endsThatAreWrong() map[string]broken {
	again := start().closing("OUT\r\n")
	again.ask("Action=poll&SessionID="+again.on.id, "").answer(400, "", "")
	dead := forgotten()
	dead.ask("Action=poll&SessionID="+dead.on.id, "").answer(400, "", "")
	dead.ask("Action=poll&SessionID="+dead.on.id, "").answer(400, "", "")
	return map[string]broken{
		"no OUT":                 {"close.says-out", "NS session 1 got no OUT", start().step("sign out").wait(time.Second)},
		"after Session=close":    {"close.honoured", "came after the answer to request 3 had said Session=close", again},
		"asks the dead":          {"close.reopens-once", "sent 2 more with that session's ids", dead},
		"does not open again":    {"close.reopens-once", "opened no new session", forgotten().wait(time.Minute).rig(history.RunEnded, "")},
		"opens two":              {"close.reopens-once", "opens one more NS session", forgotten().open("NS").says(history.Reopened, "").idle(2).open("NS")},
		"though it is needed":    {"close.reopens-once", "opened no new session", forgotten().rig(history.StepFailed, "open chat: no").wait(time.Second).step("sign out").rig(history.RunEnded, "")},
		"a chat and no word":     {"close.reopens-once", "opened no other chat, and did not tell its user", forgottenChat().wait(time.Minute).rig(history.RunEnded, "")},
		"asks the dead chat":     {"close.reopens-once", "sent 2 more with that chat's ids", deadChat()},
		"none came about":        {"close.reopens-once", "and was refused, and the client did not tell its user", refusedOpens(1, time.Second).wait(time.Minute).rig(history.RunEnded, "")},
		"nothing the 2nd time":   {"close.reopens-once", "opened no new session", anotherForgotten().wait(time.Minute).rig(history.RunEnded, "")},
		"one after the other":    {"close.reopening-bounded", "the client opened 6 others", refusedOpens(7, 500*time.Millisecond)},
		"signs in again":         {"close.stays-away", "it signs in again", kickedOut().says(history.Quit, "").wait(time.Second).open("NS")},
		"signs in after a word":  {"close.stays-away", "it signs in again", thrownOut("OUT OTH\r\n").says(history.Quit, "").wait(time.Second).open("NS")},
		"says nothing of a word": {"close.stays-away", "did not tell its user", thrownOut("FLN bob@example.com\r\nOUT OTH\r\n").idle(20).over(0)},
		"is out, says nothing":   {"close.stays-away", "did not tell its user", kickedOut().wait(time.Minute).rig(history.RunEnded, "")},
		"does not tell anyone":   {"close.reopens-once", "did not tell its user", forgotten().open("NS")},
	}
}

func lossesThatAreWrong() map[string]broken {
	another := start()
	another.ask("Action=poll&SessionID="+another.on.id, "").lost().wait(time.Second).connect("h:80").open("NS")
	gone := start()
	gone.ask("Action=poll&SessionID="+gone.on.id, "").lost().wait(requirement.BackMust+time.Second).rig(history.RunEnded, "")
	hasty := refusals(slices.Repeat([]time.Duration{10 * time.Millisecond}, 51)...)
	return map[string]broken{
		"another session":       {"connection.session-survives", "opens another NS session; session 1 was alive", another},
		"a chat for nothing":    {"connection.session-survives", "opens another SB session; nothing asked for it", start().open("SB")},
		"gives a chat up":       {"connection.session-survives", "did not go on with it", start().step("open chat").sent("XFR 1 SB 10.9.0.2:1863 CKI 1\r\n").connect(board+":80").ask("Action=open&Server=SB&IP=10.9.0.2", "USR 1 a 1\r\n").lost().wait(requirement.BackMust+time.Second).rig(history.RunEnded, "")},
		"counts backwards":      {"route.credentials", "has the nonce count 1; that of an earlier request on this connection was 2", digests("1 number 2", "1 number 1")},
		"does not go on":        {"connection.session-survives", "did not go on with it", gone},
		"is not answered again": {"connection.recovers", "the client was not back by 120.100s", gone},
		"for half a minute":     {"connection.recovers", "the last fault fired at 0.100s, and the client was not back by 30.100s", struckLast().wait(40*time.Second).rig(history.RunEnded, "")},
		"after it had left":     {"connection.session-survives", "opens another NS session; nothing asked for it", start().closing("OUT\r\n").gateway(history.Event{Kind: history.SessionEnded, Text: "OUT"}).wait(time.Second).open("NS")},
		"dials without a pause": {"connection.backs-off", "in 500ms the client tried 51 times", hasty},
		"asks without a pause":  {"connection.backs-off", "in 500ms the client tried 51 times", insistent()},
		"greets without one":    {"connection.backs-off", "in 500ms the client tried 51 times", greetsOn(10 * time.Millisecond)},
	}
}

// insistent asks and is cut off, again and again.
func insistent() *tale {
	t := start()
	query := "Action=poll&SessionID=" + t.on.id
	for range 51 {
		t.ask(query, "").lost().wait(10 * time.Millisecond).connect(firstHost + ":80")
	}
	return t
}

// greetsOn asks for a tunnel and is cut off, again and again.
func greetsOn(pause time.Duration) *tale {
	t := newTale().begin("socks5 proxy", proxyAddress)
	for range 51 {
		t.connect(proxyAddress).hop(history.Event{Kind: history.Opaque, By: "peer", Data: []byte{5, 1, 0}})
		t.closed("box", "FIN").wait(pause)
	}
	return t
}

func routesThatAreWrong() map[string]broken {
	proxied := func() *tale { return newTale().proxied() }
	greeting := proxied().connect(proxyAddress).hop(history.Event{Kind: history.Opaque, By: "peer", Data: []byte{5, 1, 0}})
	socks := func() *tale { return newTale().begin("socks5 proxy", proxyAddress) }
	older := socks().connect(proxyAddress).hop(history.Event{Kind: history.Opaque, By: "peer", Data: []byte{4, 1, 0}})
	two := interceptedTale().raw("POST http://a/gateway/gateway.dll?Action=open&Server=NS HTTP/1.1\r\nHost: b\r\n\r\n", "")
	none := interceptedTale().raw("POST /gateway/gateway.dll?Action=open&Server=NS HTTP/1.1\r\n\r\n", "")
	return map[string]broken{
		"another port":         {"route.proxy-port", "connected to 10.1.1.1:80; its proxy is 10.1.1.1:8080", proxied().connect("10.1.1.1:80")},
		"a file, posted":       {"route.file-read", "with POST; a file is got by GET", byFile("http proxy", proxyAddress).asksFile("POST", 405)},
		"too soon for a file":  {"route.file-read", "before it had http://10.1.98.1/proxy.pac", byFile("http proxy", proxyAddress).connect(proxyAddress).wait(time.Second).asksFile("GET", 200)},
		"the second first":     {"route.file-next", "never tried 10.1.96.1:3128", readFile(deadProxy, proxyAddress).connect(proxyAddress)},
		"never the second":     {"route.file-next", "had not gone on to 10.1.1.1:8080", readFile(deadProxy, proxyAddress).dial(deadProxy, "refused").rig(history.StepFailed, "sign in: no")},
		"no word of no file":   {"route.file-told", "its user was told nothing of it by", noFile().wait(2*time.Minute).rig(history.RunEnded, "")},
		"a proxy that is off":  {"route.switch", "which is switched off", newTale().switchedOff().connect(proxyAddress)},
		"past the proxy":       {"route.no-direct-attempt", "past its proxy", proxied().dial("h:80", "refused")},
		"port 1863":            {"route.no-direct-attempt", "MSNP's own port", newTale().direct().dial("h:1863", "refused")},
		"SOCKS":                {"route.no-socks", "begins with a SOCKS5 greeting (05 01 00); the client was told of an http proxy", greeting},
		"SOCKS 4 for 5":        {"route.no-socks", "begins with a SOCKS4 greeting (04 01 00); the client was told of a socks5 proxy", older},
		"HTTP to SOCKS":        {"route.no-socks", "begins with HTTP; the client was told of a socks5 proxy", socks().connect(proxyAddress).open("NS")},
		"past a SOCKS proxy":   {"route.no-direct-attempt", "past its proxy", socks().dial("h:80", "refused")},
		"its other port":       {"route.proxy-port", "its proxy is 10.1.1.1:8080", socks().connect("10.1.1.1:1080")},
		"to a portal":          {"route.no-redirect", "takes 11 bytes of commands there", movedTo(307, "http://portal.example/login").at("portal.example", "/login", "CHG 4 BSY\r\n")},
		"an interim answer":    {"exchange.final-answer", "which only an interim answer (103) to request 3 had given", again(hinted("X-MSN-Messenger: SessionID=9.9; GW-IP=10.9.0.80\r\n"), "9.9")},
		"told nobody of a 407": {"route.challenge-told", "the user was told nothing of it by", newTale().proxied().says(history.Quit, "").connect(proxyAddress).turnedAway(10, 5*time.Second).over(0)},
		"goes on all the same": {"route.certificate", "request 1 went to a server whose certificate has expired", shownTo("has expired").open("NS")},
		"and within a tunnel":  {"route.certificate", "request 2 went to a server whose certificate is of another host", shownTo("is of another host").raw("CONNECT h:443 HTTP/1.1\r\n\r\n", "").answer(200, "", "").open("NS")},
		"before it is time":    {"connection.waits-as-told", "request 4 came 1s later", comesBack(503, "Retry-After: 17\r\n", time.Second)},
		"characters":           {"exchange.lengths", "these are its characters, it has 5 bytes", utters("MSG 4 A 4\r\nna\u00efv", "")},
		"a body's characters":  {"exchange.lengths", "these are the characters of its body", utters("MSG 4 A 5\r\nna\u00ef", "v")},
		"without a password":   {"route.credentials", "request 2 has no Proxy-Authorization", asked("http proxy").shows("alice:se:cret").shows("")},
		"two hosts":            {"route.intercepted", `names two hosts: "a" in its target, "b" in Host`, two},
		"no host":              {"route.intercepted", "names no host", none},
		"nothing without it":   {"route.without-proxy", "no request was answered", newTale().direct().dial(firstHost+":80", "refused").wait(requirement.BackMust+time.Second).rig(history.RunEnded, "")},
	}
}

func whatTheUserMisses() map[string]broken {
	says := func(texts ...string) *tale {
		t := start()
		for _, text := range texts {
			t.says(history.Submitted, text)
		}
		return t
	}
	hears := func() *tale { return start().relayed(peer, "one").relayed(peer, "two") }
	port := start().withProfile().wait(time.Minute)
	return map[string]broken{
		"a step that failed":   {"command.carried-out", "send: not done", start().rig(history.StepFailed, "send: not done")},
		"a crash":              {"command.carried-out", "the client crashed: no", start().rig(history.Crashed, "no\nstack")},
		"an end by itself":     {"command.carried-out", "the client ended by itself, status 2; no", start().rig(history.ClientGone, "ended by itself, status 2; no\nmore")},
		"too much":             {"command.carried-out", "storms", start().rig(history.OverBudget, "the client storms")},
		"a message lost":       {"command.not-lost", `1 of 2 messages never arrived and the user was not told: "two"`, says("one", "two").relayed(user, "one")},
		"a message twice":      {"command.not-doubled", `arrived more than once: "one"`, says("one").relayed(user, "one").relayed(user, "one")},
		"the other way round":  {"command.in-order", `"one" arrived after "two"`, says("one", "two").relayed(user, "two").relayed(user, "one")},
		"stops at the profile": {"profile.accepted", "made no request after it", port},
		"nobody said it":       {"answer.delivered", `and nobody said it: "ooo"`, hears().says(history.Delivered, "one").says(history.Delivered, "two").says(history.Delivered, "ooo")},
		"of somebody else":     {"answer.delivered", `as from "eve@example.com"`, start().relayed(peer, "one").received("eve@example.com", "one")},
		"waits for its turn":   {"command.at-once", `"two" waited 2s`, inARow(2 * time.Second)},
		"cries wolf":           {"command.doubt-founded", `"one" was called uncertain`, confirmedLater(true).wait(time.Second).says(history.Uncertain, "one")},
		"cries wolf aloud":     {"command.doubt-founded", `"one" was called uncertain`, confirmedLater(true).wait(time.Second).says(history.Failed, "not delivered: one")},
		"not shown":            {"answer.delivered", `1 of 2 messages to the user were never shown: "two"`, hears().says(history.Delivered, "one")},
		"challenges":           {"answer.delivered", "was never answered", start().add(history.Event{From: history.AtMessenger, Kind: history.Challenged, User: user}).poll("CHL 0 1\r\n").idle(2)},
		"shown twice":          {"answer.delivered", "shown to the user more than once", hears().says(history.Delivered, "one").says(history.Delivered, "one").says(history.Delivered, "two")},
		"left open":            {"client.leaves-nothing", "left connection 2 of its own, to h:80, open", start().leftOpen().rig(history.ClientClosed, "").connections(2)},
		"shown out of order":   {"answer.delivered", `"one" was shown after "two"`, hears().says(history.Delivered, "two").says(history.Delivered, "one")},
	}
}

// leftOpen is the second of the client's connections, which it did not close.
func (t *tale) leftOpen() *tale {
	return t.add(history.Event{From: history.AtDial, Kind: history.LeftOpen, User: user, ID: "h:80"}).connections(2)
}

// connections says how many the newest event speaks of.
func (t *tale) connections(n int) *tale {
	t.events[len(t.events)-1].Given = n
	return t
}

// kickedOut is a client that hears that somebody has signed in elsewhere.
func kickedOut() *tale {
	t := start().step("signed in elsewhere")
	t.ask("Action=poll&SessionID="+t.on.id, "").processed("")
	return t.answer(200, t.header()+"; Session=close", "OUT OTH\r\n")
}

// thrownOut is a client whose server says so in an answer that closes nothing.
func thrownOut(said string) *tale {
	return start().step("signed in elsewhere").poll(said)
}

// forgottenChat is a chat's poll that is answered with 400.
func forgottenChat() *tale {
	t := start().step("open chat").sent("XFR 1 SB 10.9.0.2:1863 CKI 1\r\n").open("SB")
	return t.ask("Action=poll&SessionID="+t.on.id, "").answer(400, "", "").wait(time.Second)
}

// deadChat is asked on.
func deadChat() *tale {
	t := forgottenChat()
	for range 2 {
		t.ask("Action=poll&SessionID="+t.on.id, "").answer(400, "", "")
	}
	return t
}

// anotherForgotten is a second session that is forgotten like the first.
func anotherForgotten() *tale {
	t := forgotten().says(history.Reopened, "").open("NS").idle(2)
	return t.ask("Action=poll&SessionID="+t.on.id, "").answer(400, "", "").wait(time.Second)
}

// refusedOpens are so many opens in place of a forgotten session, each of which
// the gateway refuses.
func refusedOpens(n int, pause time.Duration) *tale {
	t := forgotten().says(history.Reopened, "")
	t.on = &told{host: gatewayNamed}
	for range n {
		t.ask("Action=open&Server=NS&IP=h", "VER 1 MSNP8 CVR0\r\n").answer(400, "", "").wait(pause)
	}
	return t
}

// text is a message as the client sends it.
func text(trid int, said string) string {
	payload := msnp.PlainMessage(said).Payload()
	return fmt.Sprintf("MSG %d A %d\r\n%s", trid, len(payload), payload)
}

// confirmedLater is a message whose ACK comes with the next poll, whole or not.
func confirmedLater(whole bool) *tale {
	t := start().step("send 1 message").says(history.Submitted, "one").send(text(3, "one"))
	if t.wait(2 * time.Second); whole {
		return t.poll("ACK 3\r\n")
	}
	return t.ask("Action=poll&SessionID="+t.on.id, "").processed("").lost()
}

// inARow are messages that go out with a pause after the answer to the one before.
func inARow(pause time.Duration) *tale {
	t := start().step("send 2 messages").says(history.Submitted, "one").says(history.Submitted, "two")
	return t.send("MSG 3 A 3\r\none").wait(pause).send("MSG 4 A 3\r\ntwo")
}

// inARowBehind are two messages with a fault on the connection between them.
func inARowBehind(fault string) *tale {
	t := start().step("send 2 messages").says(history.Submitted, "one").says(history.Submitted, "two")
	return t.send("MSG 3 A 3\r\none").strikes(fault).wait(2 * time.Second).send("MSG 4 A 3\r\ntwo")
}

// apart is a client that polls at that pace and sends its user's messages when a poll is
// due, each said so long after the answer before.
func apart(pace time.Duration, said ...time.Duration) *tale {
	t := start()
	for _, after := range said {
		for range 2 {
			t.wait(pace).poll("")
		}
		t.typed(after, pace-after)
	}
	return t
}

// typed is a message of the user's that is said after a while, and sent after another.
func (t *tale) typed(after, waits time.Duration) *tale {
	text := fmt.Sprintf("message %d", t.requests)
	t.wait(after).step("send 1 message").says(history.Submitted, text)
	return t.wait(waits).send("MSG 9 A 9\r\n" + text)
}

// received is what the client shows as from somebody.
func (t *tale) received(from, text string) *tale {
	return t.add(history.Event{From: history.AtClient, Kind: history.Delivered, User: user, ID: from, Text: text})
}
