package oracle_test

import (
	"fmt"
	"testing"
	"time"

	"gauntlet/harness/judge/history"
	. "gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
)

func TestAdvice(t *testing.T) {
	tryEdges(t, redirectEdges(), waitingEdges(), lastOnesEdges(), lengthEdges())
}

// page is an answer of somebody else's to the newest request.
func (t *tale) page(status int, fields string) *tale {
	t.wait(50 * time.Millisecond)
	head := fmt.Sprintf("HTTP/1.1 %d Said\r\n%sContent-Length: 0\r\n\r\n", status, fields)
	t.hop(history.Event{Kind: history.AnswerHead, Exchange: t.last, Status: status, Data: []byte(head)})
	return t.hop(history.Event{Kind: history.AnswerDone, Exchange: t.last, Status: status})
}

// shownTicket is a request without a body that shows the proxy something, and what the
// proxy then asks for.
func shownTicket(shown string, status int, asked string) *tale {
	t := start()
	t.raw("POST http://h/gateway/gateway.dll?SessionID="+t.on.id+" HTTP/1.1\r\nHost: h\r\nProxy-Authorization: "+shown+"\r\nContent-Length: 0\r\n\r\n", "")
	return t.page(status, "Proxy-Authenticate: "+asked+"\r\n")
}

// movedTo is a command that is answered with a redirect.
func movedTo(status int, url string) *tale {
	t := start()
	return t.ask("SessionID="+t.on.id, "CHG 4 BSY\r\n").page(status, "Location: "+url+"\r\n")
}

// at sends a request to another place.
func (t *tale) at(host, target, body string) *tale {
	return t.raw(fmt.Sprintf("POST %s HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n\r\n", target, host, len(body)), body)
}

// keepsTo sends it where the session is.
func (t *tale) keepsTo() *tale { return t.send("CHG 4 BSY\r\n") }

func redirectEdges() map[string]edge {
	const portal, chg = "http://portal.example/login", "CHG 4 BSY\r\n"
	id := "route.no-redirect"
	relative := movedTo(308, "/login").at(firstHost, "/login", chg)
	return map[string]edge{
		"commands to a portal":             {requirement.ID(id), Fail, movedTo(307, portal).at("portal.example", "/login", chg)},
		"as absolute form":                 {requirement.ID(id), Fail, movedTo(307, portal).at("proxy", portal, chg)},
		"to another path here":             {requirement.ID(id), Fail, relative},
		"later, too":                       {requirement.ID(id), Fail, movedTo(307, portal).keepsTo().at("portal.example", "/login", chg)},
		"asked for the page":               {requirement.ID(id), Inconclusive, movedTo(303, portal).at("portal.example", "/login", "")},
		"asked, and went on":               {requirement.ID(id), Pass, movedTo(302, portal).at("portal.example", "/login", "").keepsTo()},
		"goes on where the session is":     {requirement.ID(id), Pass, movedTo(307, portal).keepsTo()},
		"to the gateway itself":            {requirement.ID(id), Inconclusive, movedTo(307, "http://"+firstHost+"/gateway/gateway.dll?SessionID=1.2").keepsTo()},
		"from http to https at the same":   {requirement.ID(id), Inconclusive, movedTo(301, "https://"+gatewayNamed+"/gateway/gateway.dll").keepsTo()},
		"nowhere":                          {requirement.ID(id), Inconclusive, start().idle(1)},
		"to the gateway's path, elsewhere": {requirement.ID(id), Fail, movedTo(307, "http://portal.example/gateway/gateway.dll").at("portal.example", "/gateway/gateway.dll", chg)},
		"for good":                         {requirement.ID(id), Fail, movedTo(301, portal).at("portal.example", "/login", chg)},
		"to see another":                   {requirement.ID(id), Fail, movedTo(303, portal).at("portal.example", "/login", chg)},
		"not before it was told":           {requirement.ID(id), Inconclusive, start().at("portal.example", "/login", chg).at("portal.example", "/", "").page(307, "Location: "+portal+"\r\n")},
		"without a Location, elsewhere":    {requirement.ID(id), Inconclusive, start().at("portal.example", "/login", "").page(302, "").at("portal.example", "/login", chg)},
		"without a Location":               {requirement.ID(id), Inconclusive, movedTo(307, "").keepsTo()},
		"no redirect has a place":          {requirement.ID(id), Inconclusive, movedTo(503, portal).at("portal.example", "/login", chg)},
	}
}

// comesBack is a poll that is told to come back, and comes so long after that.
func comesBack(status int, fields string, after time.Duration) *tale {
	t := start()
	return t.ask("Action=poll&SessionID="+t.on.id, "").page(status, fields).wait(after).poll("")
}

// bids is a client that was answered with that field of the connection's.
func bids(field string) *tale {
	t := start()
	return t.ask("Action=poll&SessionID="+t.on.id, "").processed("").answer(200, t.header()+"\r\n"+field, "")
}

// Who has read that its connection ends sends nothing more there; who has an answer to
// hear there yet, or says so itself, knows it, too.
func lastOnesEdges() map[string]edge {
	const id, closes = requirement.ID("exchange.form"), "Connection: close"
	unread := start()
	unread.ask("Action=poll&SessionID=1.1", "").ask("Action=poll&SessionID=1.1", "").processed("")
	unread.last--
	unread.answer(200, unread.header()+"\r\n"+closes, "")
	early := start()
	early.ask("Action=poll&SessionID="+early.on.id, "").processed("").ask("Action=poll&SessionID="+early.on.id, "")
	early.last--
	early.answer(200, early.header()+"\r\n"+closes, "")
	chats := bids(closes)
	chats.opened("SB").ask("Action=poll&SessionID="+chats.on.id, "").answered()
	cut := start()
	head := "HTTP/1.1 200 OK\r\nX-MSN-Messenger: " + cut.ask("Action=poll&SessionID="+cut.on.id, "").processed("").header() + "\r\n" + closes + "\r\nContent-Length: 9\r\n\r\n"
	cut.hop(history.Event{Kind: history.AnswerHead, Exchange: cut.last, Status: 200, Data: []byte(head)}).poll("")
	own := func() *tale {
		t := start()
		return t.raw("POST http://h/gateway/gateway.dll?Action=poll&SessionID="+t.on.id+" HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n"+closes+"\r\n\r\n", "").answered()
	}
	return map[string]edge{
		"its connection ends, and it asks there": {id, Fail, bids(closes).poll("")},
		"it ends, and it asks by another":        {id, Pass, bids(closes).connect(firstHost + ":80").poll("")},
		"it ends, in other words":                {id, Fail, bids("connection: Keep-Alive, Close").poll("")},
		"it ends, by the second field":           {id, Fail, bids("Connection: upgrade\r\n" + closes).poll("")},
		"it is kept, and ends":                   {id, Pass, bids("Connection: keep-alive\r\n" + closes).poll("")},
		"it ends, and is kept":                   {id, Pass, bids(closes + "\r\nConnection: keep-alive").poll("")},
		"it is kept":                             {id, Pass, bids("Connection: keep-alive, closed").poll("")},
		"of the way to the proxy":                {id, Pass, bids("Proxy-Connection: close").poll("")},
		"it ends, as could not be read yet":      {id, Pass, unread},
		"it ends, and it asked before":           {id, Pass, early},
		"it ends, and a chat goes on there":      {id, Pass, chats},
		"it ends, with half an answer":           {id, Pass, cut},
		"it is at its end":                       {id, Pass, bids(closes).closed("box", "FIN").poll("")},
		"it said so itself":                      {id, Pass, own()},
		"it said so itself, and asks there":      {id, Fail, own().poll("")},
	}
}

func waitingEdges() map[string]edge {
	const id, dated = requirement.ID("connection.waits-as-told"), "Date: Sat, 01 Jan 2000 00:00:00 GMT\r\nRetry-After: Sat, 01 Jan 2000 00:00:17 GMT\r\n"
	leaves := start()
	leaves.ask("Action=poll&SessionID="+leaves.on.id, "").page(503, "Retry-After: 17\r\n").closing("OUT\r\n")
	other := comesBack(503, "Retry-After: 17\r\n", 17*time.Second).open("NS")
	return map[string]edge{
		"17 s":                      {id, Pass, comesBack(503, "Retry-After: 17\r\n", 17*time.Second)},
		"a little less":             {id, Fail, comesBack(503, "Retry-After: 17\r\n", 17*time.Second-time.Millisecond)},
		"which may be the clock":    {id, Pass, tied(comesBack(503, "Retry-After: 17\r\n", 17*time.Second-time.Millisecond))},
		"429":                       {id, Fail, comesBack(429, "Retry-After: 17\r\n", time.Second)},
		"another status":            {id, Inconclusive, comesBack(502, "Retry-After: 17\r\n", time.Second)},
		"at once":                   {id, Pass, comesBack(503, "Retry-After: 0\r\n", 0)},
		"not a number":              {id, Inconclusive, comesBack(503, "Retry-After: soon\r\n", 0)},
		"an hour":                   {id, Pass, comesBack(503, "Retry-After: 3600\r\n", 20*time.Second)},
		"longer than can be said":   {id, Inconclusive, comesBack(503, "Retry-After: 9999999999\r\n", time.Second)},
		"half a day":                {id, Pass, comesBack(503, "Retry-After: 43200\r\n", 20*time.Second)},
		"a date":                    {id, Pass, comesBack(503, dated, 16*time.Second)},
		"before it":                 {id, Fail, comesBack(503, dated, 15*time.Second)},
		"a date from nowhere":       {id, Inconclusive, comesBack(503, dated[37:], time.Second)},
		"who leaves":                {id, Inconclusive, leaves},
		"who does not come back":    {id, Inconclusive, comesBackNever()},
		"is backing off, too":       {"connection.backs-off", Pass, comesBack(503, "Retry-After: 17\r\n", 17*time.Second)},
		"and too early is not":      {"connection.backs-off", Inconclusive, comesBack(503, "Retry-After: 17\r\n", time.Second)},
		"nor what is no rest":       {"connection.backs-off", Inconclusive, comesBack(503, "Retry-After: 0\r\n", time.Second)},
		"another session meanwhile": {id, Pass, other},
	}
}

func comesBackNever() *tale {
	t := start()
	return t.ask("Action=poll&SessionID="+t.on.id, "").page(503, "Retry-After: 17\r\n").wait(time.Minute)
}

// utters sends a body that is as long as it says, and what comes behind it.
func utters(body, rest string) *tale {
	t := start().send(body)
	if rest != "" {
		t.hop(history.Event{Kind: history.Opaque, By: "peer", Data: []byte(rest)})
	}
	return t
}

func lengthEdges() map[string]edge {
	const id = requirement.ID("exchange.lengths")
	return map[string]edge{
		"bytes":                     {id, Pass, utters("MSG 4 A 5\r\nna\u00efv", "")},
		"characters":                {id, Fail, utters("MSG 4 A 4\r\nna\u00efv", "")},
		"neither":                   {id, Pass, utters("MSG 4 A 3\r\nna\u00efv", "")}, // command.carried-out sees to it
		"ASCII alone":               {id, Inconclusive, utters("MSG 4 A 4\r\nnaiv", "")},
		"two commands":              {id, Pass, utters("MSG 4 A 5\r\nna\u00efvMSG 5 A 5\r\nna\u00efv", "")},
		"a nick":                    {id, Pass, utters("REA 4 a na\u00efv\r\n", "")},
		"a body of fewer bytes":     {id, Fail, utters("MSG 4 A 5\r\nna\u00ef", "v")},
		"something else behind it":  {id, Pass, utters("MSG 4 A 5\r\nna\u00efv", "\r\n")},
		"a number that is no count": {id, Pass, utters("CHG 4 \u00ef 7\r\n", "")},
	}
}
