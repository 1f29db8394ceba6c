package oracle_test

import (
	"slices"
	"testing"
	"time"

	"gauntlet/harness/judge/history"
	. "gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/judge/trace"
	msn "gauntlet/harness/msn/oracle"
)

// usual is a chat in which nothing goes wrong.
func usual(t *tale) *tale {
	t.step("sign in").connect(address(t)).open("NS")
	t.withProfile().signedIn()
	t.rig(history.StepDone, "sign in").idle(2)
	t.step("open chat").sent("XFR 3 SB " + board + ":1863 CKI 1.1\r\n").connect(address(t)).open("SB")
	t.rig(history.StepDone, "open chat").step("send 2 messages")
	for _, text := range []string{"one", "two"} {
		t.says(history.Submitted, text).send("MSG 4 A 3\r\n"+text).relayed(user, text)
	}
	t.step("hear 1 message").relayed(peer, "three").wait(2*time.Second).poll("MSG").says(history.Delivered, "three")
	t.step("leave chat").send("OUT\r\n")
	t.conn, t.on = 1, t.told[0]
	t.idle(1).step("sign out").closing("OUT\r\n")
	return t.rig(history.StepDone, "sign out")
}

// withProfile sends the ticket and gets the profile.
func (t *tale) withProfile() *tale {
	const profile = "MSG Hotmail Hotmail 9\r\nClientIP: 1\r\nClientPort: 0\r\n\r\n"
	return t.exchange("SessionID="+t.on.id, "USR 2 TWN S t=1\r\n", profile).sent(profile)
}

// address is where a client connects that is told what t tells.
func address(t *tale) string {
	if (trace.Route{How: t.events[0].How}).Proxied() {
		return proxyAddress
	}
	return gatewayNamed + ":80"
}

// closing sends the last command, and is told that the session is over.
func (t *tale) closing(body string) *tale {
	t.ask("SessionID="+t.on.id, body).processed(body)
	return t.answer(200, t.header()+"; Session=close", "")
}

// idleInUsual is what an undisturbed run says nothing of.
var idleInUsual = []requirement.ID{
	"session-id.escaped", "gateway-ip.reconnected", "close.reopens-once", "connection.session-survives",
	"connection.backs-off", "connection.recovers", "route.switch", "route.intercepted", "route.proxy-port", "route.no-socks", "route.credentials",
	"connection.waits-as-told", "route.no-redirect", "exchange.lengths", "exchange.final-answer", "route.challenge-told", "route.certificate",
	"route.file-read", "route.file-next", "route.file-told",
	"client.leaves-nothing", "close.reopening-bounded", "close.stays-away", "command.doubt-founded",
}

func TestUsual(t *testing.T) {
	for _, v := range msn.Oracles().Judge(trace.New(usual(newTale().direct()).events, usual(newTale().direct()).facts)) {
		want := Pass
		for _, id := range idleInUsual {
			if id == v.Requirement {
				want = Inconclusive
			}
		}
		if v.Status != want || (v.Checked > 0) != (v.Status == Pass) {
			t.Errorf("%s: %+v", v.Requirement, v)
		}
	}
}

// What is asked of nobody in such a world gets no verdict, and does where it was asked.
func TestMoot(t *testing.T) {
	of := func(tale *tale, id requirement.ID) bool {
		all := msn.Oracles().Judge(trace.New(tale.events, tale.facts))
		return slices.ContainsFunc(all, func(v Verdict) bool { return v.Requirement == id })
	}
	for id, asked := range map[requirement.ID]*tale{
		"route.no-redirect": movedTo(307, "http://portal.example/login").keepsTo(), "connection.waits-as-told": comesBack(503, "Retry-After: 17\r\n", 17*time.Second),
		"route.credentials": asked("http proxy").shows("alice:se:cret"),
	} {
		if of(usual(newTale().direct()), id) || !of(asked, id) {
			t.Errorf("%s: usual %t, asked %t", id, of(usual(newTale().direct()), id), of(asked, id))
		}
	}
}

func TestUsualByProxy(t *testing.T) {
	for id, want := range map[requirement.ID]Status{
		"route.proxy-port": Pass, "route.no-socks": Pass, "route.switch": Pass, "route.no-direct-attempt": Pass,
		"route.without-proxy": Inconclusive, "gateway-ip.reconnected": Inconclusive,
	} {
		if v := verdictOn(id, usual(newTale().proxied())); v.Status != want {
			t.Errorf("%s: %+v", id, v)
		}
	}
}

// Through a tunnel the requests are the gateway's alone, and what asks for the
// tunnel is none of them.
func TestUsualThroughTunnels(t *testing.T) {
	connect := newTale().begin(trace.Connect, proxyAddress).connect(proxyAddress)
	connect.raw("CONNECT "+gatewayNamed+":80 HTTP/1.1\r\nHost: "+gatewayNamed+":80\r\n\r\n", "").answer(200, "", "")
	socks := newTale().begin(trace.Socks4a, proxyAddress).connect(proxyAddress)
	socks.hop(history.Event{Kind: history.Opaque, By: "peer", Data: []byte{4, 1, 0, 80}})
	for name, tale := range map[string]*tale{"connect": connect, "socks4a": socks} {
		tale.wait(time.Millisecond).open("NS").idle(2)
		for _, id := range []requirement.ID{
			"route.proxy-port", "route.no-socks", "route.switch", "route.no-direct-attempt", "exchange.form", "open.dispatch-host", "open.begins",
		} {
			if v := verdictOn(id, tale); v.Status != Pass {
				t.Errorf("%s, %s: %+v", name, id, v)
			}
		}
	}
	told := newTale().proxied().connect(proxyAddress)
	told.raw("CONNECT "+gatewayNamed+":80 HTTP/1.1\r\nHost: "+gatewayNamed+":80\r\n\r\n", "")
	if v := verdictOn("exchange.form", told); v.Status != Fail {
		t.Errorf("a tunnel that nobody asked for: %+v", v)
	}
}

// A login by TLS goes through the same proxy, and is no request to the gateway.
func TestUsualWithLogin(t *testing.T) {
	tale := newTale().proxied().connect(proxyAddress).open("NS").idle(1).connect(proxyAddress)
	tale.raw("CONNECT login.live.com:443 HTTP/1.1\r\nHost: login.live.com:443\r\n\r\n", "").answer(200, "", "")
	tale.hop(history.Event{Kind: history.Opaque, By: "peer", Data: []byte{0x16, 3, 1}})
	for _, id := range []requirement.ID{"exchange.form", "open.dispatch-host", "open.begins", "route.no-socks"} {
		if v := verdictOn(id, tale); v.Status != Pass {
			t.Errorf("%s: %+v", id, v)
		}
	}
}

// Tunnels in which a login service has answered are no errors; those in which it
// has not are.
func TestLoginsAreNoErrors(t *testing.T) {
	for name, c := range map[string]struct {
		answer []byte
		want   Status
	}{"answered": {[]byte{0x16, 3, 3, 0}, Inconclusive}, "refused": {[]byte{0x15, 3, 3, 0}, Fail}, "closed": {nil, Fail}} {
		socks := newTale().begin(trace.Socks4a, proxyAddress)
		for range 5 {
			socks.connect(proxyAddress).hop(history.Event{Kind: history.Opaque, By: "peer", Data: []byte{4, 1, 1, 187}})
			socks.hop(history.Event{Kind: history.OpaqueRest, By: "box", Data: []byte{0, 0x5a}})
			socks.hop(history.Event{Kind: history.OpaqueRest, By: "peer", Data: []byte{0x16, 3, 1}})
			if c.answer != nil {
				socks.hop(history.Event{Kind: history.OpaqueRest, By: "box", Data: c.answer})
			}
			socks.closed("peer", "FIN").wait(50 * time.Millisecond)
		}
		if v := verdictOn("connection.backs-off", socks); v.Status != c.want {
			t.Errorf("%s: %+v", name, v)
		}
	}
}

// Who types what they like may say a thing twice.
func TestTypedTwice(t *testing.T) {
	for step, want := range map[string]Status{"free 1h": Inconclusive, "send 2 messages": Fail} {
		tale := newTale().proxied().step(step)
		for range 2 {
			tale.add(history.Event{From: history.AtMessenger, Kind: history.Relayed, User: user, Text: "hi"})
		}
		if v := verdictOn("command.not-doubled", tale); v.Status != want {
			t.Errorf("%s: %+v", step, v)
		}
	}
}

// sound is a tale in which a requirement is kept.
type sound struct {
	id   requirement.ID
	tale *tale
}

// rightTales are those of losses, and of gateways that do something out of the
// ordinary.
func rightTales() map[string]sound {
	return map[string]sound{
		"a repeat on a new connection": {"connection.session-survives", lossAndRepeat()},
		"half closed while idle":       {"connection.session-survives", halfClosed()},
		"lost, and left":               {"connection.session-survives", lostAndLeft()},
		"it is one request":            {"exchange.one-in-flight", lossAndRepeat()},
		"it carries the same id":       {"session-id.newest", lossAndRepeat()},
		"it is soon answered":          {"connection.recovers", lossAndRepeat()},
		"a loss excuses a connection":  {"connection.kept", lossAndRepeat()},
		"the GW-IP is connected to":    {"gateway-ip.reconnected", lossAndRepeat()},
		"slower after three errors":    {"connection.backs-off", refusals(100*time.Millisecond, 200*time.Millisecond, 400*time.Millisecond, 800*time.Millisecond, time.Second)},
		"forgotten and reopened":       {"close.reopens-once", forgotten().open("NS").says(history.Reopened, "")},
		"that is one more open":        {"connection.session-survives", lossAndForgotten()},
		"an id is escaped":             {"session-id.escaped", reserved("a%26b")},
		"a file is read":               {"route.file-read", readFile(proxyAddress).connect(proxyAddress)},
		"the next proxy":               {"route.file-next", readFile(deadProxy, proxyAddress).dial(deadProxy, "refused").connect(proxyAddress)},
		"no file, and a word of it":    {"route.file-told", tellsOfNoFile()},
		"a proxy is left alone":        {"route.switch", newTale().switchedOff().connect(gatewayNamed + ":80").open("NS")},
		"without a proxy, too":         {"route.without-proxy", newTale().switchedOff().connect(gatewayNamed + ":80").open("NS")},
		"not to a portal":              {"route.no-redirect", movedTo(307, "http://portal.example/login").keepsTo()},
		"when it is time":              {"connection.waits-as-told", comesBack(503, "Retry-After: 17\r\n", 17*time.Second)},
		"the answer behind a hint":     {"exchange.final-answer", hinted("").poll("")},
		"turns away":                   {"route.certificate", shownTo("has expired").distrusts()},
		"turned away":                  {"route.challenge-told", atTheDoor(10, 5*time.Second).over(0)},
		"a length in bytes":            {"exchange.lengths", utters("MSG 4 A 5\r\nna\u00efv", "")},
		"with a password":              {"route.credentials", asked("http proxy").shows("alice:se:cret")},
		"intercepted":                  {"route.intercepted", interceptedTale().open("NS")},
		"two calls, both answered":     {"connection.session-survives", lossAndRepeat().step("invited").sent("RNG 1 10.9.0.2:1863 CKI 1 a b\r\n").sent("RNG 2 10.9.0.2:1863 CKI 1 a b\r\n").open("SB").open("SB")},
		"a call that is not answered":  {"connection.session-survives", lossAndRepeat().step("invited").connect(board+":80").sent("RNG 1 10.9.0.2:1863 CKI 1 a b\r\n").ask("Action=open&Server=SB&IP=10.9.0.2", "ANS 1 alice@example.com 1 1\r\n").lost().wait(time.Minute).rig(history.RunEnded, "")},
		"a lost answer to the open":    {"connection.session-survives", lostOpen().connect(address(start())).open("NS")},
		"told of the doubt":            {"command.not-lost", start().says(history.Submitted, "one").says(history.Uncertain, "one")},
		"either id after a reset":      {"session-id.newest", unsure()},
		"either host after a reset":    {"gateway-ip.followed", unsure()},
		"a message each second":        {"command.at-once", inARow(900 * time.Millisecond)},
		"typed after a while":          {"command.at-once", start().step("send 1 message").says(history.Submitted, "one").send("MSG 3 A 3\r\none").wait(time.Minute).step("send 2 messages").says(history.Submitted, "two").says(history.Submitted, "three").send("MSG 4 A 3\r\ntwo").send("MSG 5 A 5\r\nthree")},
		"a poll before the next":       {"command.at-once", start().step("send 3 messages").says(history.Submitted, "one").says(history.Submitted, "two").says(history.Submitted, "three").send("MSG 3 A 3\r\none").wait(2 * time.Second).poll("").send("MSG 4 A 3\r\ntwo").send("MSG 5 A 5\r\nthree")},
		"a doubt before the ACK":       {"command.doubt-founded", start().says(history.Submitted, "one").says(history.Uncertain, "one").exchange("SessionID=1.2", text(3, "one"), "ACK 3\r\n")},
		"no doubt":                     {"command.doubt-founded", confirmedLater(true)},
		"a complaint of another":       {"command.doubt-founded", confirmedLater(true).says(history.Submitted, "two").wait(time.Second).says(history.Failed, "not delivered: two")},
		"a complaint of the second":    {"command.doubt-founded", confirmedLater(true).says(history.Submitted, "one").wait(time.Second).says(history.Failed, "not delivered: one")},
		"stays away":                   {"close.stays-away", kickedOut().says(history.Quit, "").wait(time.Minute).rig(history.RunEnded, "")},
		"stays away at a word":         {"close.stays-away", thrownOut("OUT OTH\r\n").says(history.Failed, "out").idle(20).over(0)},
		"comes when the user wants":    {"close.stays-away", kickedOut().says(history.Quit, "").wait(time.Minute).step("sign in").open("NS").wait(time.Minute).rig(history.RunEnded, "")},
		"opens with pauses":            {"close.reopening-bounded", refusedOpens(7, 1100*time.Millisecond)},
		"a chat is called again":       {"close.reopens-once", forgottenChat().open("SB").wait(time.Minute).rig(history.RunEnded, "")},
		"told of a chat that is gone":  {"close.reopens-once", forgottenChat().says(history.Failed, "gone").wait(time.Minute).rig(history.RunEnded, "")},
		"told that none came about":    {"close.reopens-once", refusedOpens(1, time.Second).says(history.Failed, "no").wait(time.Minute).rig(history.RunEnded, "")},
		"told the second time":         {"close.reopens-once", anotherForgotten().says(history.Quit, "over").wait(time.Minute).rig(history.RunEnded, "")},
		"ends the second time":         {"close.reopens-once", anotherForgotten().rig(history.ClientGone, "ended by itself, status 0").wait(time.Minute).rig(history.RunEnded, "")},
		"refused, and told by name":    {"command.not-lost", start().says(history.Submitted, "one").says(history.Failed, "not delivered: one")},
		"an address in capitals":       {"answer.delivered", start().relayed(peer, "one").received("BOB@example.com", "one")},
		"a nickname":                   {"answer.delivered", start().relayed(peer, "one").received("Bob", "one")},
		"all was closed":               {"client.leaves-nothing", start().rig(history.ClientClosed, "").connections(2)},
	}
}

// lossAndRepeat is a poll whose answer is lost and that is asked again.
func lossAndRepeat() *tale {
	t := start()
	query := "Action=poll&SessionID=" + t.on.id
	t.ask(query, "").processed("").lost()
	t.wait(100*time.Millisecond).connect(firstHost+":80").ask(query, "")
	return t.answer(200, t.header(), "").idle(1).wait(time.Minute).rig(history.RunEnded, "")
}

// lostAndLeft is a poll that is lost, and the end of its session behind it.
func lostAndLeft() *tale {
	t := start()
	t.ask("Action=poll&SessionID="+t.on.id, "").lost().wait(100 * time.Millisecond).connect(firstHost + ":80").step("sign out")
	return t.closing("OUT\r\n").gateway(history.Event{Kind: history.SessionEnded, Text: "OUT"}).rig(history.RunEnded, "")
}

// halfClosed is an idle connection that a fault strikes, and that the client
// closes before it goes on.
func halfClosed() *tale {
	t := start()
	t.wait(500 * time.Millisecond).add(history.Event{From: history.AtHop, Kind: history.Fired, Conn: t.conn, Fault: "half-close"})
	t.closed("peer", "FIN").wait(time.Second).connect(firstHost + ":80")
	return t.idle(1).wait(time.Minute).rig(history.RunEnded, "")
}

// refusals are a lost connection and tries to connect with these pauses.
func refusals(pauses ...time.Duration) *tale {
	t := start()
	t.ask("Action=poll&SessionID="+t.on.id, "").lost()
	for _, p := range pauses {
		t.wait(p).dial(firstHost+":80", "refused")
	}
	return t
}

// forgotten is a poll that is answered with 400.
func forgotten() *tale {
	t := start()
	return t.ask("Action=poll&SessionID="+t.on.id, "").answer(400, "", "").wait(time.Second)
}

func lossAndForgotten() *tale {
	t := lossAndRepeat()
	t.ask("Action=poll&SessionID="+t.on.id, "").answer(400, "", "")
	return t.wait(time.Second).open("NS")
}

// reserved is a session whose id needs escaping, and how the client writes it.
func reserved(written string) *tale {
	t := newTale().direct().connect(address(start()))
	t.ask("Action=open&Server=NS&IP=h", "VER 1 MSNP8 CVR0\r\n").opened("NS")
	t.on.id = "a&b"
	t.gateway(history.Event{Kind: history.Processed, NewID: t.on.id})
	t.answer(200, t.header(), "").wait(2 * time.Second)
	return t.ask("Action=poll&SessionID="+written, "").answer(200, "SessionID=1.9; GW-IP="+firstHost, "")
}

// interceptedTale is a connection that the network took elsewhere.
func interceptedTale() *tale {
	t := newTale().direct()
	t.dial(gatewayNamed+":80", "connected")
	t.events[len(t.events)-1].ID = gatewayNamed + ":80"
	return t
}

// lostOpen is an open whose answer never came.
func lostOpen() *tale {
	t := newTale().direct().step("sign in").connect(gatewayNamed + ":80")
	return t.ask("Action=open&Server=NS&IP=h", "VER 1 MSNP8 CVR0\r\n").lost().wait(time.Second)
}

// unsure is an answer that a reset may have overtaken; the client goes on with
// the id of the one before.
func unsure() *tale {
	t := start()
	query := "Action=poll&SessionID=" + t.on.id
	t.ask(query, "").processed("").answer(200, t.header(), "").closed("fault", "RST")
	return t.connect(firstHost+":80").ask(query, "").answer(200, t.header(), "")
}
