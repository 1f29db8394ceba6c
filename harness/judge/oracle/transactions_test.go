package oracle_test

import (
	"time"

	"gauntlet/harness/judge/history"
	. "gauntlet/harness/judge/oracle"
)

// asksServer is a command of which the server hears, or does not.
func (t *tale) asksServer(line string, heard bool) *tale {
	t.wait(2*time.Second).ask("SessionID="+t.on.id, line)
	if heard {
		t.processed(line).heard(line)
	}
	return t
}

// begins is the head of an answer of which no more comes.
func (t *tale) begins() *tale {
	head := "HTTP/1.1 200 OK\r\nX-MSN-Messenger: " + t.header() + "\r\nContent-Length: 9\r\n\r\n"
	return t.hop(history.Event{Kind: history.AnswerHead, Exchange: t.last, Status: 200, Data: []byte(head)})
}

// heard is a command as a server got it.
func (t *tale) heard(line string) *tale {
	return t.messenger(history.Event{Kind: history.Command, User: user, Server: t.on.server, Conn: t.on.number, Data: []byte(line)})
}

// goesOn reconnects, polls for a while, and the run is over.
func (t *tale) goesOn() *tale { return t.reconnects().idle(20).rig(history.RunEnded, "") }

// reconnects takes another connection, after a second.
func (t *tale) reconnects() *tale { return t.wait(time.Second).connect(firstHost + ":80") }

// again sends a command once more, with the newest id, and the server hears it.
func (t *tale) again(line string) *tale {
	t.reconnects().asksServer(line, true)
	return t.answer(200, t.header(), "")
}

// asksAs sends a command under an id, is answered, and no server hears of it.
func (t *tale) asksAs(id, line string) *tale {
	t.reconnects().ask("SessionID="+id, line)
	return t.answer(200, t.header(), "")
}

func transactionEdges() map[string]edge {
	const busy, away = "CHG 4 BSY 0\r\n", "CHG 5 AWY 0\r\n"
	lost := func(line string) *tale { return start().asksServer(line, false).lost() }
	unanswered := func(line string) *tale { return start().asksServer(line, true).begins().lost() }
	cut := unanswered(busy)
	cut.reconnects().ask("SessionID=1.2", busy).answer(400, "", "").ask("SessionID="+cut.on.id, busy).heard(busy).answer(200, cut.header(), "")
	lied := func(body string) *tale {
		t := start().asksServer(busy, true)
		t.answer(200, t.header()+"\r\nContent-Encoding: gzip", body)
		return t.reconnects().ask("SessionID=1.2", busy).answer(400, "", "").ask("SessionID="+t.on.id, busy).heard(busy).answer(200, t.header(), "")
	}
	same := unanswered(busy)
	same.reconnects().ask("SessionID=1.2", busy).answer(200, same.header(), "")
	anew := unanswered(busy).reconnects().ask("SessionID=1.2", busy).answer(400, "", "").open("NS").signedIn()
	return map[string]edge{
		"the shown id was tried":             {"connection.session-survives", Pass, cut.goesOn()},
		"and it was no other session":        {"close.reopens-once", Inconclusive, cut.goesOn()},
		"and was not":                        {"connection.session-survives", Fail, anew.goesOn()},
		"and nothing was opened":             {"connection.session-survives", Pass, unanswered(busy).reconnects().ask("SessionID=1.2", busy).answer(400, "", "").wait(10*time.Second).rig(history.RunEnded, "")},
		"none was shown":                     {"connection.session-survives", Pass, lost(busy).reconnects().ask("SessionID=1.2", busy).answer(400, "", "").open("NS").goesOn()},
		"a status that never came":           {"command.not-lost", Fail, lost(busy).goesOn()},
		"though the client left properly":    {"command.not-lost", Fail, lost(busy).reconnects().idle(20).leavesIt()},
		"it left soon":                       {"command.not-lost", Inconclusive, lost(busy).reconnects().idle(2).leavesIt()},
		"one that came":                      {"command.not-lost", Pass, unanswered(busy).goesOn()},
		"one that came with the one before":  {"command.not-lost", Pass, start().asksServer(busy, true).answer(429, "", "").ask("SessionID=1.2", busy).lost().goesOn()},
		"nor with the one before":            {"command.not-lost", Fail, start().asksServer(busy, false).answer(429, "", "").ask("SessionID=1.2", busy).lost().goesOn()},
		"another of its kind, before it":     {"command.not-lost", Fail, start().asksServer(away, true).answered().asksServer(busy, false).lost().goesOn()},
		"in a session that nobody knows":     {"command.not-doubled", Inconclusive, newTale().direct().connect(gatewayNamed+":80").ask("SessionID=9.9", busy).lost().goesOn()},
		"one that came later":                {"command.not-lost", Pass, lost(busy).again(busy).goesOn()},
		"another in its place":               {"command.not-lost", Pass, lost(busy).again(away).goesOn()},
		"another thing is not in its place":  {"command.not-lost", Fail, lost(busy).again("SYN 5 0\r\n").goesOn()},
		"repeated, and answered without it":  {"command.not-lost", Inconclusive, lost(busy).asksAs("1.2", busy).goesOn()},
		"repeated under another id":          {"command.not-lost", Fail, lost(busy).asksAs("1.1", busy).goesOn()},
		"something else, answered":           {"command.not-lost", Fail, lost(busy).asksAs("1.2", away).goesOn()},
		"repeated, and that lost as well":    {"command.not-lost", Fail, lost(busy).reconnects().ask("SessionID=1.2", busy).lost().goesOn()},
		"the user was told":                  {"command.not-lost", Inconclusive, lost(busy).says(history.Failed, "no").goesOn()},
		"told before":                        {"command.not-lost", Fail, start().says(history.Failed, "no").asksServer(busy, false).lost().goesOn()},
		"the run was over":                   {"command.not-lost", Inconclusive, lost(busy).wait(29*time.Second).rig(history.RunEnded, "")},
		"the user left":                      {"command.not-lost", Inconclusive, lost(busy).step("sign out").goesOn()},
		"a poll that never came":             {"command.not-lost", Inconclusive, lost("").goesOn()},
		"what has no number":                 {"command.not-lost", Inconclusive, lost("PNG\r\n").goesOn()},
		"an answer to a challenge, lost":     {"command.not-lost", Fail, lost("QRY 9 msmsgs@msnmsgr.com 32\r\n0123456789abcdef0123456789abcdef").goesOn()},
		"a status twice":                     {"command.not-doubled", Fail, unanswered(busy).again(busy).goesOn()},
		"the same request again":             {"command.not-doubled", Inconclusive, same.goesOn()},
		"the first never came":               {"command.not-doubled", Pass, lost(busy).reconnects().idle(1).again(busy).goesOn()},
		"another number":                     {"command.not-doubled", Inconclusive, unanswered(busy).again(away).goesOn()},
		"nothing was lost":                   {"command.not-doubled", Inconclusive, start().asksServer(busy, true).answer(200, "SessionID=1.3; GW-IP="+firstHost, "").again(busy).goesOn()},
		"an id that was shown, once refused": {"command.not-doubled", Inconclusive, cut.goesOn()},
		"shown by an answer that lies":       {"command.not-doubled", Inconclusive, lied("CHG 4 BSY 0").goesOn()},
		"an id that was shown, at once":      {"command.not-doubled", Fail, unanswered(busy).again(busy).goesOn()},
	}
}

// leavesIt says OUT on the session, which ends; the run goes on for a while.
func (t *tale) leavesIt() *tale {
	t.closing("OUT\r\n").gateway(history.Event{Kind: history.SessionEnded, Text: "OUT"})
	return t.wait(time.Minute).rig(history.RunEnded, "")
}

// challenged is a client that the server asks for proof, in an answer.
func challenged(says bool) *tale {
	t := newTale().direct().step("sign in").connect(gatewayNamed + ":80").open("NS")
	t.messenger(history.Event{Kind: history.SignedIn, User: user})
	if says {
		t.says(history.Connected, "")
	}
	return t.messenger(history.Event{Kind: history.Challenged, User: user})
}

// proof is an answer to a challenge.
const proof = "QRY 9 msmsgs@msnmsgr.com 32\r\n0123456789abcdef0123456789abcdef"

// answersIt is a challenge that is answered.
func (t *tale) answersIt() *tale {
	return t.send(proof).messenger(history.Event{Kind: history.ChallengeAnswered, User: user})
}

func challengeEdges() map[string]edge {
	const chl = "CHL 0 15570131571988941333\r\n"
	return map[string]edge{
		"a challenge that is ignored":             {"answer.delivered", Fail, challenged(false).poll(chl).idle(2)},
		"by one that speaks":                      {"answer.delivered", Fail, challenged(true).poll(chl).idle(2)},
		"and shows all else":                      {"answer.delivered", Fail, messageTo(challenged(true).poll(chl).idle(2))},
		"one poll later":                          {"answer.delivered", Inconclusive, challenged(false).poll(chl).idle(1)},
		"answered":                                {"answer.delivered", Pass, challenged(false).poll(chl).answersIt().idle(2)},
		"answered, by one that speaks":            {"answer.delivered", Pass, messageTo(challenged(true).poll(chl).answersIt().idle(2))},
		"answered, and nothing else was to show":  {"answer.delivered", Inconclusive, challenged(true).poll(chl).answersIt().idle(2)},
		"answered on another way":                 {"answer.delivered", Inconclusive, challenged(true).poll(chl).messenger(history.Event{Kind: history.ChallengeAnswered, User: user}).idle(3)},
		"never brought":                           {"answer.delivered", Inconclusive, challenged(false).idle(3)},
		"the first of two":                        {"answer.delivered", Fail, challenged(false).poll(chl).idle(2).messenger(history.Event{Kind: history.Challenged, User: user}).answersIt()},
		"the first of two, brought by nobody":     {"answer.delivered", Pass, challenged(false).wait(time.Second).messenger(history.Event{Kind: history.Challenged, User: user}).poll(chl).answersIt().idle(3)},
		"answered, and the answer went astray":    {"answer.delivered", Inconclusive, challenged(false).poll(chl).send(proof).idle(3)},
		"brought by an answer that was falsified": {"answer.delivered", Inconclusive, challenged(false).encodedPoll(chl).idle(2)},
		"answered wrongly, by one that speaks":    {"answer.delivered", Fail, challenged(true).poll(chl).send(proof).messenger(history.Event{Kind: history.ChallengeFailed, User: user, Text: "wrong"})},
		"not in time, brought":                    {"answer.delivered", Fail, challenged(true).poll(chl).messenger(history.Event{Kind: history.ChallengeFailed, User: user, Text: "no answer"})},
		"not in time, brought by nobody":          {"answer.delivered", Inconclusive, challenged(true).wait(time.Second).ask("Action=poll&SessionID=1.1", "").lost().messenger(history.Event{Kind: history.ChallengeFailed, User: user, Text: "no answer"})},
	}
}

// messageTo is one that is shown.
func messageTo(t *tale) *tale { return t.relayed(peer, "one").says(history.Delivered, "one") }

// encodedPoll is a poll whose answer claims to be compressed.
func (t *tale) encodedPoll(body string) *tale {
	t.ask("Action=poll&SessionID="+t.on.id, "").processed("")
	return t.answer(200, t.header()+"\r\nContent-Encoding: gzip", body)
}
