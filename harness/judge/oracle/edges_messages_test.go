package oracle_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"gauntlet/harness/judge/history"
	. "gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
)

// challenged is a challenge for somebody, and what became of it.
func (t *tale) challenged(who string, fate ...history.Kind) *tale {
	for _, kind := range append([]history.Kind{history.Challenged}, fate...) {
		t.messenger(history.Event{Kind: kind, User: who, Text: "wrong digest"})
	}
	return t.wait(time.Millisecond)
}

// carriedOn is the newest request at the next hop, and its answer there.
func (t *tale) carriedOn(query, body, answer string) *tale {
	for _, e := range []history.Event{
		{Kind: history.RequestBegan},
		{Kind: history.RequestHead, Data: []byte("POST /gateway/gateway.dll?" + query + " HTTP/1.1\r\nHost: h\r\n\r\n")},
		{Kind: history.RequestDone, Data: []byte(body)},
		{Kind: history.AnswerHead, Status: 200, Data: []byte("HTTP/1.1 200 OK\r\nX-MSN-Messenger: " + t.header() + "\r\n\r\n")},
		{Kind: history.AnswerDone, Status: 200, Data: []byte(answer)},
	} {
		e.From, e.Hop, e.Conn, e.Exchange = history.AtHop, 1, 1, 1
		t.add(e)
	}
	return t
}

// mute is a client that says nothing of itself.
func mute() *tale { return newTale().direct().connect(gatewayNamed + ":80").open("NS") }

func messageEdges() map[string]edge {
	says := func(texts ...string) *tale {
		t := start()
		for _, text := range texts {
			t.says(history.Submitted, text)
		}
		return t
	}
	lied := encoded("MSG").unheard()
	asked := func(step, reply string, status int, failed ...string) *tale {
		t := start()
		for _, text := range failed {
			t.rig(history.StepFailed, text)
		}
		t.step(step).send("XFR 3 SB\r\n").wait(time.Second)
		poll := "Action=poll&SessionID=" + t.on.id
		t.ask(poll, "").strikes("hop 0: on NS poll 1, answer: add header Content-Encoding gzip").processed("")
		t.answer(200, t.header()+"\r\nContent-Encoding: gzip", reply).wait(time.Second).ask(poll, "").answer(status, "", "")
		return t.wait(time.Minute).rig(history.StepFailed, step+": no reply")
	}
	const one, other = "MSG 3 A 3\r\none", "MSG 3 A 3\r\nonf"
	taken := func(t *tale, body string) *tale { return t.ask("SessionID="+t.on.id, one).processed(body) }
	changed := func(texts ...string) *tale {
		t := taken(says(texts...), other)
		return t.answer(200, t.header(), "").relayed(user, "onf")
	}
	unanswered := taken(says("one"), other).relayed(user, "onf")
	underOneToken := says("other", "one")
	token := "SessionID=" + underOneToken.on.id
	underOneToken.ask(token, other).processed(other).relayed(user, "other").ask(token, one).answer(200, underOneToken.header(), "")
	called := func(reply string, status int) *tale {
		return asked("open chat", reply, status).rig(history.StepFailed, "send 1 message: no chat")
	}
	cut := start().step("open chat").send("XFR 3 SB\r\n").wait(time.Second)
	poll := "Action=poll&SessionID=" + cut.on.id
	cut.ask(poll, "").processed("").carriedOn(poll, "", "XFR 3 SB h:1863 CKI 1\r\n").hop(history.Event{Kind: history.Fired, Exchange: cut.last, Fault: "hop 0: on NS poll 1, answer: reset"})
	cut.closed("fault", "RST").wait(time.Second).connect(firstHost+":80").ask(poll, "").answer(400, "", "").wait(time.Minute).rig(history.StepFailed, "open chat: no reply")
	went := func(on func(*tale) *tale) *tale { // on, after the reply to a command was cut, and its repeat refused
		t := start().step("open chat")
		xfr := "SessionID=" + t.on.id
		t.ask(xfr, "XFR 3 SB\r\n").processed("XFR 3 SB\r\n").carriedOn(xfr, "XFR 3 SB\r\n", "XFR 3 SB h:1863 CKI 1\r\n").hop(history.Event{Kind: history.Fired, Exchange: t.last, Fault: "hop 0: on XFR 1, answer: reset"})
		t.closed("fault", "RST").wait(time.Second).connect(firstHost+":80").ask(xfr, "XFR 3 SB\r\n").answer(400, "", "").wait(time.Second)
		return on(t).wait(time.Minute).rig(history.StepFailed, "open chat: no reply")
	}
	onward := start().step("open chat").send("XFR 3 SB\r\n").wait(time.Second)
	unasked := "Action=poll&SessionID=" + onward.on.id
	onward.ask(unasked, "").processed("").carriedOn(unasked, "", "XFR 3 SB h:1863 CKI 1\r\n").hop(history.Event{Kind: history.Fired, Exchange: onward.last, Fault: "hop 0: on NS poll 1, answer: reset"})
	onward.closed("fault", "RST").wait(time.Second).connect(firstHost+":80").ask(unasked, "").answer(400, "", "").idle(2).wait(time.Minute).rig(history.StepFailed, "open chat: no reply")
	garbled := func(effect, body string) *tale { // a challenge in an answer that an effect changed, and others behind it
		t := asks().strikes("hop 0: on NS poll 1, answer: " + effect).challenged(user).processed("")
		return t.answer(200, t.header()+"\r\nContent-Encoding: gzip", body).poll("").idle(2)
	}
	cutPoll := func(brought ...string) *tale { // a challenge comes while an answer is cut off
		t := start().challenged(user)
		poll := "Action=poll&SessionID=" + t.on.id
		t.ask(poll, "").processed("")
		for _, answer := range brought {
			t.carriedOn(poll, "", answer)
		}
		t.hop(history.Event{Kind: history.Fired, Exchange: t.last, Fault: "hop 0: on NS poll 1, answer: reset"})
		return t.closed("fault", "RST").wait(time.Second).connect(firstHost + ":80")
	}
	const lie, chl = "add header Content-Encoding gzip", "CHL 0 1\r\n"
	fails := func(t *tale) *tale {
		return t.messenger(history.Event{Kind: history.ChallengeFailed, User: user, Text: "no answer"})
	}
	return map[string]edge{
		"a challenge that was garbled":          {"answer.delivered", Inconclusive, fails(garbled(lie, chl))},
		"one in an answer that was lost":        {"answer.delivered", Inconclusive, fails(cutPoll().idle(2))},
		"one that was seen in it":               {"answer.delivered", Inconclusive, fails(cutPoll(chl).idle(2))},
		"one that was not":                      {"answer.delivered", Fail, fails(cutPoll("MSG\r\n").idle(2))},
		"which then came again":                 {"answer.delivered", Fail, fails(cutPoll().poll(chl).idle(2))},
		"and then came again":                   {"answer.delivered", Fail, fails(garbled(lie, chl).poll(chl).idle(2))},
		"and was answered badly":                {"answer.delivered", Fail, fails(garbled(lie, chl).send("QRY 9 p 32\r\n" + strings.Repeat("x", 32)))},
		"one that was not garbled":              {"answer.delivered", Fail, fails(garbled(lie, gzipped(chl)))},
		"what was garbled brought something":    {"answer.delivered", Fail, fails(garbled(lie, "MSG"))},
		"what a poll had brought":               {"command.carried-out", Inconclusive, onward},
		"a reply that nobody asks for again":    {"command.carried-out", Fail, went(func(t *tale) *tale { return t.poll("") })},
		"and something else is asked":           {"command.carried-out", Fail, went(func(t *tale) *tale { return t.send("CHG 4 BSY\r\n") })},
		"one that is asked for again, in vain":  {"command.carried-out", Inconclusive, went(func(t *tale) *tale { return t.send("XFR 3 SB\r\n").poll("") })},
		"one whose session is refused":          {"command.carried-out", Inconclusive, went(func(t *tale) *tale { return t.ask("Action=poll&SessionID="+t.on.id, "").answer(400, "", "") })},
		"one that a new session is opened for":  {"command.carried-out", Inconclusive, went(func(t *tale) *tale { return t.open("NS").poll("") })},
		"one that is asked for too late":        {"command.carried-out", Fail, went(func(t *tale) *tale { return t.poll("") }).wait(time.Second).send("XFR 4 SB\r\n")},
		"a reply that was cut, given once":      {"command.carried-out", Inconclusive, cut},
		"a challenge that was answered":         {"answer.delivered", Inconclusive, start().challenged(user, history.ChallengeAnswered).idle(6)},
		"somebody else's":                       {"answer.delivered", Inconclusive, start().challenged(peer).idle(6)},
		"who is mute and answers":               {"answer.delivered", Pass, mute().challenged(user, history.ChallengeAnswered)},
		"who is mute and answers badly":         {"answer.delivered", Fail, mute().challenged(user, history.ChallengeFailed)},
		"who is mute, and another answers":      {"answer.delivered", Inconclusive, mute().challenged(peer, history.ChallengeAnswered)},
		"a message of somebody else's":          {"command.in-order", Pass, says("one", "two").relayed(user, "one").relayed(user, "other").relayed(user, "two")},
		"the first once more":                   {"command.in-order", Pass, says("one", "two").relayed(user, "one").relayed(user, "two").relayed(user, "one")},
		"told of the doubt of another":          {"command.not-lost", Fail, says("one", "two").says(history.Uncertain, "one")},
		"requests without a command":            {"command.one-per-request", Inconclusive, newTale().direct().connect("h:80").odd("Action=poll&SessionID=1", "")},
		"one command a request":                 {"command.one-per-request", Pass, start().send("CHG 3 NLN\r\n")},
		"nobody asked for it, and it was shown": {"answer.delivered", Fail, start().relayed(peer, "one").says(history.Delivered, "zero").says(history.Delivered, "one")},
		"shown as from nobody":                  {"answer.delivered", Fail, start().relayed(peer, "one").received("", "one")},
		"who is not told of":                    {"answer.delivered", Pass, start().relayed(peer, "one").received("(not told)", "one")},
		"in two pieces":                         {"command.not-lost", Pass, says("one and two").relayed(user, "one and").relayed(user, " two")},
		"in pieces that are not all":            {"command.not-lost", Fail, says("one and two").relayed(user, "one and")},
		"in pieces with another between":        {"command.not-lost", Fail, says("one and two", "x").relayed(user, "one and").relayed(user, "x").relayed(user, " two")},
		"within another's text":                 {"command.not-lost", Fail, says("one", "one and two").relayed(user, "one and two")},
		"changed on its way":                    {"command.not-lost", Inconclusive, changed("one")},
		"changed, and another was not":          {"command.not-lost", Pass, changed("one", "onf")},
		"changed, and another lost":             {"command.not-lost", Fail, changed("one", "two")},
		"changed, and nobody answered":          {"command.not-lost", Fail, unanswered},
		"a second one under its token":          {"command.not-lost", Fail, underOneToken},
		"nothing, and refused":                  {"command.not-lost", Pass, says("").says(history.Failed, "no: ")},
		"nothing, and another trouble":          {"command.not-lost", Fail, says("").says(history.Failed, "the proxy answers 502")},
		"short texts, one at a time":            {"command.at-once", Pass, start().step("send 2 messages").says(history.Submitted, "hi").says(history.Submitted, "ho").send("MSG 3 A 2\r\nhi").send("MSG 4 A 2\r\nho")},
		"messages apart, when a poll is due":    {"command.at-once", Fail, apart(2*time.Second, 500*time.Millisecond, 1700*time.Millisecond, 200*time.Millisecond)},
		"one of them at once":                   {"command.at-once", Pass, apart(2*time.Second, 500*time.Millisecond, 1700*time.Millisecond, 200*time.Millisecond).typed(0, 300*time.Millisecond)},
		"late by no more than a clock":          {"command.at-once", Inconclusive, tied(apart(2*time.Second, 960*time.Millisecond, 1700*time.Millisecond, 1500*time.Millisecond))},
		"late by more than a clock":             {"command.at-once", Fail, tied(apart(2*time.Second, 940*time.Millisecond, 1700*time.Millisecond, 1500*time.Millisecond))},
		"in a row, and the road was closed":     {"command.at-once", Inconclusive, inARowBehind("hop 0: on NS poll 1, idle 500ms: reject flow")},
		"in a row, and something else struck":   {"command.at-once", Fail, inARowBehind("hop 0: on request 1, head: delay 300ms")},
		"in a row, a second later":              {"command.at-once", Pass, inARow(time.Second)},
		"in a row, and a little later":          {"command.at-once", Fail, inARow(time.Second + time.Millisecond)},
		"but two":                               {"command.at-once", Inconclusive, apart(2*time.Second, 500*time.Millisecond, 1700*time.Millisecond)},
		"none of them late":                     {"command.at-once", Inconclusive, apart(time.Second, 100*time.Millisecond, 900*time.Millisecond, 500*time.Millisecond)},
		"typed as fast each time":               {"command.at-once", Inconclusive, apart(2*time.Second, 500*time.Millisecond, 600*time.Millisecond, 550*time.Millisecond)},
		"shown as from another":                 {"answer.delivered", Fail, start().relayed(peer, "one").received(user, "one")},
		"shown by the name that he goes by":     {"answer.delivered", Pass, start().relayed(peer, "one").received("Bob", "one")},
		"a length too large, once":              {"exchange.form", Inconclusive, waiting(1)},
		"a length too large, and a fault":       {"exchange.form", Inconclusive, waiting(2).lost()},
		"cut twice, and then whole":             {"exchange.form", Pass, waiting(2).connect("h:80").open("NS")},
		"cut twice by the way":                  {"exchange.form", Inconclusive, newTale().direct().connect("h:80").cutBody(19, "VER").closed("box", "FIN").connect("h:80").cutBody(19, "VER").closed("box", "FIN")},
		"a head without an end":                 {"exchange.form", Fail, endless(2)},
		"a head without an end, once":           {"exchange.form", Inconclusive, endless(1)},
		"a head without an end, and a fault":    {"exchange.form", Inconclusive, endless(2).lost()},
		"a head that the box hangs up on":       {"exchange.form", Inconclusive, endless(1).connect("h:80").cutHead().closed("box", "FIN")},
		"one, and then whole ones":              {"exchange.form", Pass, endless(2).connect("h:80").open("NS")},
		"a line that is folded":                 {"exchange.form", Pass, newTale().direct().connect("h:80").raw("POST /gateway/gateway.dll?Action=poll&SessionID=1.1 HTTP/1.1\r\nHost: h\r\nX-A: b\r\n c\r\nContent-Length: 0\r\n\r\n", "")},
		"a poll that does not say so":           {"exchange.form", Fail, start().exchange("SessionID=1.1", "", "")},
		"nothing yet but a ticket":              {"exchange.form", Pass, shownTicket("NTLM T1", 407, "NTLM T2")},
		"nothing yet, and Kerberos":             {"exchange.form", Pass, shownTicket("Negotiate T1", 407, "Negotiate T2")},
		"nothing, and let in":                   {"exchange.form", Fail, shownTicket("NTLM T1", 200, "NTLM T2")},
		"nothing, and no ticket":                {"exchange.form", Fail, shownTicket("NTLM", 407, "NTLM T2")},
		"nothing, and turned away":              {"exchange.form", Fail, shownTicket("NTLM T1", 407, "NTLM")},
		"nothing, and asked for another":        {"exchange.form", Fail, shownTicket("NTLM T1", 407, "Negotiate T2")},
		"nothing, and a password":               {"exchange.form", Fail, shownTicket("Basic T1", 407, "Basic realm")},
		"a command without an action":           {"exchange.form", Pass, start().exchange("SessionID=1.1", "CHG 7 NLN\r\n", "")},
		"a lie, and more that is not done":      {"command.carried-out", Fail, lied.rig(history.StepFailed, "hear 1 message: not done").rig(history.Crashed, "no")},
		"a reply that is given once":            {"command.carried-out", Inconclusive, called("XFR 3 SB h:1863 CKI 1\r\n", 400)},
		"and something else before it":          {"command.carried-out", Fail, asked("open chat", "XFR 3 SB h:1863 CKI 1\r\n", 400, "send 1 message: no")},
		"and more that is no consequence":       {"command.carried-out", Fail, called("XFR 3 SB h:1863 CKI 1\r\n", 400).rig(history.StepFailed, "stay 3s: no")},
		"a reply to who signs in, given once":   {"command.carried-out", Inconclusive, asked("sign in", "SYN 3 1\r\n", 400)},
		"one that may be had again":             {"command.carried-out", Fail, asked("sign in", "SYN 3 1\r\n", 200)},
		"a reply that may be had again":         {"command.carried-out", Fail, called("XFR 3 SB h:1863 CKI 1\r\n", 200)},
		"no reply was lost":                     {"command.carried-out", Fail, called("", 400)},
		"nobody came, attended or not":          {"command.carried-out", Fail, newTale().proxied().step("sign in").rig(history.StepFailed, "sign in: no")},
	}
}

// What is told of a message that arrived twice is which requests carried it, and
// of a long list of messages how many more there are.
func TestEvidenceOfMessages(t *testing.T) {
	twice := start().says(history.Submitted, "one").send("MSG 4 A 3\r\none").send("MSG 5 A 3\r\ntwo").send("MSG 4 A 3\r\none").relayed(user, "one").relayed(user, "one")
	if v := verdictOn("command.not-doubled", twice); !slices.Equal(v.Exchanges, []int{3, 5}) {
		t.Errorf("%+v", v)
	}
	for count, want := range map[int]string{5: `5 of 5 messages never arrived and the user was not told: "1", "1", "1", "1", "1"`, 7: `"1", "1", "1", "1", "1", and 2 more`} {
		lost := start()
		for range count {
			lost.says(history.Submitted, "1")
		}
		if v := verdictOn("command.not-lost", lost); !strings.HasSuffix(v.Reason, want) {
			t.Errorf("%+v, want %s", v, want)
		}
	}
}

// The reasons name who is to blame.
func TestReasonsOfMessages(t *testing.T) {
	typed := start().step("free 1h").relayed(user, "hi").relayed(user, "hi")
	for id, c := range map[requirement.ID]struct {
		tale *tale
		want string
	}{
		"answer.delivered":    {encoded("MSG").unheard(), "the answer to request 3 was falsified: its Content-Encoding gzip is a lie, by the gateway"},
		"command.not-doubled": {typed, "what was sent twice cannot be told from what was typed twice"},
		"command.carried-out": {attended().step("sign in").wait(time.Minute), "nobody came"},
	} {
		if v := verdictOn(id, c.tale); v.Status != Inconclusive || v.Checked != 0 || !strings.HasSuffix(v.Reason, c.want) {
			t.Errorf("%+v, want %s", v, c.want)
		}
	}
	if v := verdictOn("answer.delivered", mute().challenged(user, history.ChallengeFailed)); v.Reason != "a challenge of the server's (CHL) at work: wrong digest" {
		t.Errorf("%+v", v)
	}
	ended := start().rig(history.StepDone, "sign in").rig(history.StepEnded, "send 1 message")
	if v := verdictOn("command.carried-out", ended); v.Status != Inconclusive || v.Reason != "the run was ended by hand" {
		t.Errorf("%+v", v)
	}
}

// Where no history is left to judge the verdict says all.
func TestVerdictsWithoutAHistory(t *testing.T) {
	for id, v := range map[requirement.ID]Verdict{"command.carried-out": Crash("it died"), "client.leaves-nothing": Leak("it died")} {
		if v.Requirement != id || v.Level != requirement.Must || v.Status != Fail || v.Checked != 1 || v.Reason != "it died" {
			t.Errorf("%+v", v)
		}
	}
}
