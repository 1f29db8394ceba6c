package oracle_test

import (
	"slices"
	"testing"
	"time"

	"gauntlet/harness/judge/history"
	. "gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/judge/trace"
)

func TestEdgesOfSessions(t *testing.T) {
	tryEdges(t, forgottenEdges(), outEdges(), shownEdges(), flightEdges(), openEdges(), silenceEdges())
}

func TestEdgesOfMessages(t *testing.T) { tryEdges(t, messageEdges()) }

func TestEdgesOfRoutes(t *testing.T) { tryEdges(t, routeEdges(), fileEdges(), leavingsEdges()) }

func tryEdges(t *testing.T, groups ...map[string]edge) {
	t.Helper()
	for _, edges := range groups {
		for name, c := range edges {
			if v := verdictOn(c.id, c.tale); v.Status != c.want {
				t.Errorf("%s: %+v, want %s", name, v, c.want)
			}
		}
	}
}

// reopened is a session in the place of one that was forgotten, and the user was
// told.
func reopened() *tale { return forgotten().open("NS").says(history.Reopened, "") }

// closes is a poll whose answer ends the session.
func (t *tale) closes() *tale { return t.wait(2 * time.Second).closing("") }

// unanswered is a poll that gets a page.
func (t *tale) unanswered() *tale {
	return t.wait(2*time.Second).ask("Action=poll&SessionID="+t.on.id, "").answer(502, "", "").wait(time.Second)
}

// pollsAgain is one more poll with the id as it is, which is refused.
func (t *tale) pollsAgain() *tale {
	return t.ask("Action=poll&SessionID="+t.on.id, "").answer(400, "", "").wait(time.Second)
}

// A client whose session was forgotten opens one other, and one more only when
// something has happened to that.
func forgottenEdges() map[string]edge {
	overtaken := reopened().wait(2*time.Second).poll("").closed("box", "RST").wait(time.Second).connect(firstHost + ":80")
	lost := forgotten().says(history.Reopened, "")
	lost.on = &told{host: gatewayNamed}
	lost.ask("Action=open&Server=NS&IP=messenger.hotmail.com", "VER 1 MSNP8 CVR0\r\n").lost().wait(time.Second).connect(gatewayNamed + ":80")
	left := start().closing("OUT\r\n")
	vain := func() *tale {
		return newTale().direct().step("fail to sign in 10s").connect(gatewayNamed + ":80").open("NS").pollsAgain()
	}
	twice := func() *tale { return vain().says(history.Reopened, "").open("NS").pollsAgain() }
	return map[string]edge{
		"one try with a shown id":            {"close.reopens-once", Pass, forgotten().pollsAgain().open("NS").says(history.Reopened, "")},
		"in vain twice, and told":            {"close.reopens-once", Pass, twice().rig(history.StepDone, "fail to sign in 10s").rig(history.RunEnded, "")},
		"in vain twice, and silent":          {"close.reopens-once", Fail, twice().wait(time.Minute).rig(history.RunEnded, "")},
		"in vain twice, and stayed":          {"close.reopens-once", Fail, twice().rig(history.StepDone, "stay 10s").rig(history.RunEnded, "")},
		"ends the first time":                {"close.reopens-once", Fail, forgotten().rig(history.ClientGone, "ended by itself, status 0").wait(time.Minute).rig(history.RunEnded, "")},
		"ends before the second time":        {"close.reopens-once", Fail, forgotten().rig(history.ClientGone, "ended by itself, status 0").says(history.Reopened, "").open("NS").pollsAgain().wait(time.Minute).rig(history.RunEnded, "")},
		"in vain once, and told":             {"close.reopens-once", Fail, vain().rig(history.StepDone, "fail to sign in 10s").rig(history.RunEnded, "")},
		"one try, lost, and that again":      {"close.reopens-once", Pass, forgotten().showing("1.2").refusing("1.2").open("NS").says(history.Reopened, "")},
		"two tries":                          {"close.reopens-once", Fail, forgotten().pollsAgain().pollsAgain().open("NS").says(history.Reopened, "")},
		"a chat in its place":                {"close.reopens-once", Fail, forgotten().open("SB").says(history.Reopened, "")},
		"nothing failed but its session":     {"close.reopens-once", Inconclusive, forgotten().says(history.Failed, "no").wait(time.Second).step("sign out").rig(history.RunEnded, "")},
		"another, though the first was good": {"close.reopens-once", Fail, reopened().idle(2).open("NS")},
		"another after a page":               {"close.reopens-once", Pass, reopened().unanswered().open("NS")},
		"another after Session=close":        {"close.reopens-once", Pass, reopened().closes().open("NS")},
		"another after it left":              {"close.reopens-once", Pass, reopened().send("OUT\r\n").open("NS")},
		"another after a reset":              {"close.reopens-once", Pass, overtaken.open("NS")},
		"another after a lost open":          {"close.reopens-once", Pass, lost.open("NS")},
		"a chat beside it":                   {"close.reopens-once", Pass, reopened().open("SB").open("SB")},
		"a chat that is forgotten":           {"close.reopens-once", Inconclusive, start().open("SB").pollsAgain()},
		"a chat that is not, and goes on":    {"close.reopens-once", Inconclusive, start().open("SB").pollsAgain().poll("").poll("").poll("")},
		"a chat that is asked for on and on": {"close.reopens-once", Fail, start().open("SB").pollsAgain().pollsAgain().pollsAgain()},
		"400 to who has left":                {"close.reopens-once", Inconclusive, left.pollsAgain().pollsAgain()},
		"400 to who was kicked, and again":   {"close.reopens-once", Inconclusive, kicked("; Session=close").pollsAgain().pollsAgain().pollsAgain().open("NS")},
		"what fails when it leaves":          {"close.reopens-once", Inconclusive, forgotten().step("sign out").wait(time.Second).rig(history.StepFailed, "sign out: no").rig(history.RunEnded, "")},
		"400 to who was kicked, and opens":   {"close.reopens-once", Fail, kicked("; Session=close").pollsAgain().pollsAgain().open("NS")},
		"who says nothing of itself":         {"close.reopens-once", Pass, mute().pollsAgain().open("NS")},
		"nobody needs another":               {"close.reopens-once", Inconclusive, forgotten().step("sign out").rig(history.RunEnded, "")},
		"closed, and quiet":                  {"close.honoured", Pass, start().closes()},
		"closed, and another session":        {"close.honoured", Pass, start().closes().open("NS").idle(1)},
	}
}

// Sessions that are all refused are opened neither fast nor on and on; what is opened for
// a session that was good is another matter.
func TestReopeningIsOfTwoDegrees(t *testing.T) {
	const id = requirement.ID("close.reopening-bounded")
	sessions := func(n int, every time.Duration) *tale { // each good for one poll, and then refused
		t := forgotten().says(history.Reopened, "")
		for range n {
			t.open("NS").poll("").pollsAgain().wait(every)
		}
		return t
	}
	for name, c := range map[string]struct {
		tale *tale
		want requirement.Level
	}{
		"a storm":                         {refusedOpens(7, 500*time.Millisecond), requirement.Must},
		"one every five seconds":          {refusedOpens(11, 5*time.Second), requirement.Should},
		"one every three, each forgotten": {sessions(11, 2*time.Second), requirement.Should},
	} {
		if v := verdictOn(id, c.tale); v.Status != Fail || v.Level != c.want {
			t.Errorf("%s: %+v, want a %s", name, v, c.want)
		}
	}
	for name, tale := range map[string]*tale{
		"ten of them":            refusedOpens(10, 5*time.Second),
		"one every six seconds":  refusedOpens(30, 5950*time.Millisecond),
		"each good for a minute": sessions(11, time.Minute),
		"all closed in order":    closedAnew(12),
	} {
		if v := verdictOn(id, tale); v.Status != Pass {
			t.Errorf("%s: %+v", name, v)
		}
	}
}

// closedAnew is a session in place of a forgotten one, and as many more, each of which the
// server ends.
func closedAnew(times int) *tale {
	t := reopened()
	for range times {
		t.closes().open("NS")
	}
	return t
}

// OUT is wanted on what the client can have known of when it left its home
// session.
func outEdges() map[string]edge {
	known := start().step("open chat").connect(board + ":80").open("SB")
	known.ask("Action=open&Server=SB&IP="+board, "USR 1 a 1\r\n").opened("SB")
	known.step("sign out")
	known.on, known.conn = known.told[1], 2
	known.send("OUT\r\n")
	known.on, known.last = known.told[2], 4
	known.answered().leaves() // after OUT in a chat, before that at home
	polls := calling().step("sign out")
	polls.on, polls.conn = polls.told[0], 1
	polls.poll("")
	polls.on, polls.conn, polls.last = polls.told[1], 2, 3
	polls.answered().leaves() // after a poll at home, before OUT there
	unseen := start().step("sign out")
	unseen.opened("SB") // by nobody who is seen
	refused := start().step("open chat").connect(board + ":80").open("SB").pollsAgain()
	idle := start().step("open chat").connect(board + ":80").open("SB")
	idle.gateway(history.Event{Kind: history.SessionEnded, Text: "idle"})
	ended := start().step("open chat").connect(board + ":80").open("SB")
	ended.gateway(history.Event{Kind: history.SessionEnded, Text: "overlap"})
	forgets := func(server string) *tale {
		t := start()
		if server == "SB" {
			t.step("open chat").connect(board + ":80").open(server)
		}
		t.gateway(history.Event{Kind: history.SessionEnded, Text: "idle"})
		return t
	}
	anew := forgets("NS").wait(time.Second).open("NS").step("sign out").closing("OUT\r\n")
	chatAnew := forgets("SB").wait(time.Second).open("SB").step("sign out").closing("OUT\r\n").leaves()
	before := start().wait(time.Second).open("NS")
	before.on = before.told[0]
	before.gateway(history.Event{Kind: history.SessionEnded, Text: "idle"})
	before.on = before.told[1]
	over := start()
	over.ask("Action=poll&SessionID="+over.on.id, "").processed("").answer(200, "SessionID=1.1; GW-IP=h; Session=close", "").step("sign out")
	told := crossed(0).closing("MSG 4 A 2\r\nhi")
	told.gateway(history.Event{Kind: history.SessionEnded, Text: "messenger"})
	again := crossed(0).leaves()
	again.refused("", "OUT\r\n")
	another := start().step("open chat").connect(board + ":80").open("SB")
	unsaid := start().step("sign out").ask("SessionID=1.1", "OUT\r\n").processed("OUT\r\n").lost().connect(firstHost + ":80")
	another.events[len(another.events)-3].User = "carol@example.com"
	back := func() *tale { return start().step("sign out").closing("OUT\r\n").wait(time.Second) }
	return map[string]edge{
		"back when it had left":             {"close.says-out", Fail, back().open("NS")},
		"back when its user wants":          {"close.says-out", Pass, back().step("sign in").open("NS")},
		"a chat when it had left":           {"close.says-out", Pass, back().open("SB").leaves()},
		"anew when nobody had answered OUT": {"close.says-out", Pass, unsaid.open("NS").leaves()},
		"a chat given another's token":      {"close.says-out", Pass, crossed(1).leaves()},
		"the same, and left but once":       {"close.says-out", Fail, crossed(0).leaves()},
		"the same, and its leave refused":   {"close.says-out", Pass, again},
		"the same, and that one was ended":  {"close.says-out", Pass, told},
		"a chat known when it leaves home":  {"close.says-out", Fail, known},
		"a chat known when it still polls":  {"close.says-out", Fail, polls},
		"an answer that closes another":     {"close.says-out", Pass, over},
		"a session without a request":       {"close.says-out", Pass, unseen.leaves()},
		"a chat that was refused":           {"close.says-out", Pass, refused.step("sign out").leaves()},
		"a chat that the gateway ended":     {"close.says-out", Pass, ended.step("sign out").leaves()},
		"a chat that it forgot, being idle": {"close.says-out", Fail, idle.step("sign out").leaves()},
		"a session that is replaced":        {"close.says-out", Pass, anew},
		"one that nothing has replaced":     {"close.says-out", Fail, forgets("NS").step("sign out")},
		"one that was left for another":     {"close.says-out", Fail, before.step("sign out").closing("OUT\r\n")},
		"a chat that is replaced":           {"close.says-out", Fail, chatAnew},
		"somebody else's chat":              {"close.says-out", Pass, another.step("sign out").leaves()},
		"another step was ended by hand":    {"close.says-out", Fail, start().rig(history.StepEnded, "send 1 message").step("sign out").wait(time.Second)},
		"left without being asked to":       {"close.says-out", Inconclusive, start().leaves()},
	}
}

// crossed is a chat that is given the token of the session at home in an answer. Its
// user signs out, and it sends OUT so many times with that.
func crossed(leaves int) *tale {
	t := start().step("open chat").connect(board + ":80").open("SB")
	chat, home := t.told[1], t.told[0]
	t.ask("Action=poll&SessionID="+chat.id, "").processed("")
	t.on = home
	t.answer(200, t.header(), "").wait(time.Second).step("sign out")
	for range leaves {
		t.send("OUT\r\n")
	}
	return t
}

// doubled polls twice with the same id, on two connections.
func (t *tale) doubled() *tale {
	query := "Action=poll&SessionID=" + t.on.id
	return t.ask(query, "").connect(firstHost+":80").ask(query, "")
}

// overlapped is a poll that begins so long before the end of the one before.
func overlapped(by, ties time.Duration) *tale {
	t := start()
	t.facts.Ties = ties
	query := "Action=poll&SessionID=" + t.on.id
	t.ask(query, "").wait(time.Second).connect(firstHost+":80").ask(query, "")
	first := t.events[len(t.events)-1]
	first.Exchange, first.Conn, first.Kind, first.At = t.last-1, 1, history.AnswerDone, t.now+by
	head := first
	head.Kind, head.Status, head.Data = history.AnswerHead, 200, []byte("HTTP/1.1 200 OK\r\nX-MSN-Messenger: "+t.header()+"\r\n\r\n")
	t.events = append(t.events, head, first)
	return t
}

// showing polls with that id, and is served; the answer is cut behind its head,
// which shows the next one.
func (t *tale) showing(id string) *tale {
	t.wait(time.Second).ask("Action=poll&SessionID="+id, "").processed("")
	head := "HTTP/1.1 200 OK\r\nX-MSN-Messenger: " + t.header() + "\r\nContent-Length: 9\r\n\r\n"
	t.hop(history.Event{Kind: history.AnswerHead, Exchange: t.last, Status: 200, Data: []byte(head)})
	return t.lost().connect(firstHost + ":80")
}

// refusing polls with that id, in vain.
func (t *tale) refusing(id string) *tale {
	return t.wait(time.Second).ask("Action=poll&SessionID="+id, "").answer(400, "", "")
}

// Who was refused may try the id that a cut answer has shown, and repeat what it tried.
func shownEdges() map[string]edge {
	tried := func() *tale { return start().showing("1.2").refusing("1.2").showing("1.3") }
	return map[string]edge{
		"a shown id, refused":                {"session-id.newest", Pass, start().showing("1.2").refusing("1.2").refusing("1.3")},
		"a shown id, not refused":            {"session-id.newest", Fail, start().showing("1.2").refusing("1.3")},
		"what was tried, again":              {"session-id.newest", Pass, tried().refusing("1.3").refusing("1.4")},
		"what was tried, and cut, and again": {"session-id.newest", Pass, tried().refusing("1.3").showing("1.4").refusing("1.4")},
		"the next, not refused":              {"session-id.newest", Fail, tried().refusing("1.4")},
		"the one before, which served":       {"session-id.newest", Fail, tried().refusing("1.3").odd("Action=poll&SessionID=1.4", "").refusing("1.3")},
	}
}

func flightEdges() map[string]edge {
	const ties = 50 * time.Millisecond
	nobodys := start().ask("Action=poll&SessionID=9.1", "").connect(firstHost+":80").ask("Action=poll&SessionID=9.1", "")
	astray := start().step("open chat").connect(board+":80").ask("Action=open&Server=SB&IP=h", "USR 1 a 1\r\n").processed("USR 1 a 1\r\n")
	astray.answer(200, astray.header(), "")
	unopened := newTale().direct().connect(gatewayNamed + ":80")
	return map[string]edge{
		"one at a time":               {"exchange.one-in-flight", Pass, overlapped(0, 0)},
		"over at last":                {"exchange.one-in-flight", Fail, overlapped(time.Millisecond, 0)},
		"an answer later than it":     {"exchange.one-in-flight", Fail, overlapped(ties, ties)}, // nobody hears it before it is handed on
		"longer than a tie":           {"exchange.one-in-flight", Fail, overlapped(ties+time.Millisecond, ties)},
		"with its own id":             {"exchange.one-in-flight", Fail, start().doubled()},
		"with one given to a chat":    {"exchange.one-in-flight", Inconclusive, crossed(0).doubled()},
		"with one given to an open":   {"exchange.one-in-flight", Inconclusive, astray.doubled()},
		"an open beside another":      {"exchange.one-in-flight", Inconclusive, calling()},
		"of nobody's session":         {"exchange.one-in-flight", Inconclusive, nobodys},
		"an attempt in between":       {"poll.not-too-often", Inconclusive, start().idle(1).wait(100*time.Millisecond).dial(firstHost+":80", "refused").wait(100 * time.Millisecond).poll("")},
		"it is no pause":              {"poll.not-too-often", Inconclusive, overlapped(time.Millisecond, 0)},
		"an id before any answer":     {"session-id.newest", Fail, unopened.opened("NS").poll("")},
		"the id of an earlier answer": {"session-id.newest", Fail, start().idle(1).odd("Action=poll&SessionID=1.1", "")},
	}
}

// An open is right for each session that the script needs, and no other.
func openEdges() map[string]edge {
	vain := newTale().direct().step("fail to sign in 10s").step("sign in").connect(gatewayNamed + ":80")
	twice := start().step("sign in") // and the first session lives on
	twice.ask("Action=poll&SessionID="+twice.on.id, "").lost().wait(time.Second).connect(gatewayNamed + ":80")
	chat := func() *tale { return start().step("open chat").connect(board + ":80").open("SB") }
	free := start().step("free 1h").sent("XFR 3 SB " + board + ":1863 CKI 1.1\r\n").connect(board + ":80").open("SB")
	again := start().step("free 1h").messenger(history.Event{Kind: history.SignedOut, User: "Alice@Example.com", Text: "OUT"})
	return map[string]edge{
		"a step that needs none":         {"connection.session-survives", Fail, start().step("stay 5s").open("NS")},
		"a sign-in that fails, too":      {"connection.session-survives", Inconclusive, vain.open("NS").open("NS")},
		"one for each sign-in":           {"connection.session-survives", Fail, start().open("NS")},
		"a chat, and home again":         {"connection.session-survives", Fail, chat().open("NS")},
		"one that a reset overtook":      {"connection.session-survives", Pass, mute().step("sign in").closed("box", "RST").wait(time.Second).connect(gatewayNamed + ":80").open("NS")},
		"a second chat":                  {"connection.session-survives", Fail, chat().open("SB")},
		"a chat for a ticket":            {"connection.session-survives", Inconclusive, free},
		"home after a sign-out":          {"connection.session-survives", Inconclusive, again.open("NS")},
		"an open does not go on with it": {"connection.session-survives", Fail, twice.open("NS").wait(requirement.BackMust+time.Second).rig(history.RunEnded, "")},
	}
}

// opening asks for a session so many times, and is never answered.
func opening(server string, times int) *tale {
	t := newTale().direct().step("sign in")
	if server == "SB" {
		t = start().step("open chat")
	}
	for range times {
		t.connect(gatewayNamed+":80").ask("Action=open&Server="+server+"&IP="+board, "VER 1 MSNP8 CVR0\r\n").lost().wait(time.Second)
	}
	return t
}

// Who was forgotten twice may leave it to the user to sign in again, and should not.
func TestForgottenAgain(t *testing.T) {
	ended := func(t *tale) *tale { return t.rig(history.ClientGone, "ended by itself, status 0") }
	failed := func(t *tale) *tale { return t.rig(history.StepFailed, "stay 36s: the client is gone") }
	for name, c := range map[string]struct {
		tale *tale
		want requirement.Level
	}{
		"once":                {ended(forgotten()), requirement.Must},
		"twice":               {ended(anotherForgotten()), requirement.Should},
		"once, with a step":   {failed(ended(forgotten())), requirement.Must},
		"twice, with a step":  {failed(ended(anotherForgotten())), requirement.Should},
		"twice, and it lives": {failed(anotherForgotten()), requirement.Must},
		"twice, and back":     {ended(anotherForgotten().open("NS").idle(2)), requirement.Must},
	} {
		v := verdictOn("command.carried-out", c.tale)
		if v.Status != Fail || v.Level != c.want {
			t.Errorf("%s: %+v", name, v)
		}
	}
}

// Who has lost two opens in a row may leave it to the user to try again, and should
// not; the user has to hear of it.
func TestOpensInVain(t *testing.T) {
	failed := func(t *tale, step string) *tale {
		return t.says(history.Failed, "no").rig(history.StepFailed, step+": no").wait(requirement.BackMust+time.Minute).rig(history.RunEnded, "")
	}
	ended := func(times int) *tale {
		return opening("NS", times).rig(history.ClientGone, "ended by itself, status 1").wait(requirement.BackMust+time.Minute).rig(history.RunEnded, "")
	}
	paged := newTale().direct().step("sign in").connect(gatewayNamed + ":80").unanswered().lost()
	for name, c := range map[string]struct {
		tale *tale
		want requirement.Level
	}{
		"once":                  {failed(opening("NS", 1), "sign in"), requirement.Must},
		"twice":                 {failed(opening("NS", 2), "sign in"), requirement.Should},
		"a chat, once":          {failed(opening("SB", 1), "open chat"), requirement.Must},
		"a chat, twice":         {failed(opening("SB", 2), "open chat"), requirement.Should},
		"twice, and another":    {failed(opening("SB", 2), "say hello"), requirement.Must},
		"a chat, and in it":     {failed(opening("SB", 2), "send 1 message"), requirement.Should},
		"and in it, once":       {failed(opening("SB", 1), "send 1 message"), requirement.Must},
		"in one that came":      {failed(opening("SB", 2).connect(gatewayNamed+":80").open("SB"), "send 1 message"), requirement.Must},
		"ends after one":        {ended(1), requirement.Must},
		"ends after two":        {ended(2), requirement.Should},
		"an open and a page":    {failed(paged, "sign in"), requirement.Must},
		"twice, and not a word": {opening("NS", 2).says(history.Connected, "").rig(history.StepFailed, "sign in: not done").wait(requirement.BackMust+time.Minute).rig(history.RunEnded, ""), requirement.Must},
	} {
		for _, id := range []requirement.ID{"connection.session-survives", "command.carried-out"} {
			if id == "connection.session-survives" && (name == "twice, and another" || name == "in one that came") {
				continue // it has survived
			}
			if v := verdictOn(id, c.tale); v.Status != Fail || v.Level != c.want {
				t.Errorf("%s: %+v", name, v)
			}
		}
	}
}

// Silence is judged in the order of time, for the time of a sign-in, and at home.
func silenceEdges() map[string]edge {
	vain := start().idle(18).dial(firstHost+":80", "refused")
	late := newTale().direct().step("sign in").connect(gatewayNamed + ":80").wait(40 * time.Second).open("NS").signedIn()
	twice := start().signedIn().idle(2).out().wait(time.Minute)
	chat := start().idle(1).open("SB").idle(20)
	before := newTale().direct().messenger(history.Event{Kind: history.SignedOut, User: user, Text: "OUT"}).connect(gatewayNamed + ":80").open("NS").signedIn()
	long := start().idle(1).wait(2 * time.Second)
	long.odd("Action=poll&Lifespan=60&SessionID="+long.on.id, "").wait(10 * time.Millisecond)
	asleep := func(after time.Duration) *tale {
		return start().idle(1).step("suspend 60s").wait(time.Minute).rig(history.StepDone, "suspend 60s").wait(after)
	}
	closed := func() *tale { return start().idle(1).closes() }
	anew := func() *tale {
		return closed().says(history.Quit, "over").step("sign in").open("NS").signedIn().idle(2)
	}
	return map[string]edge{
		"ended by the server, and told":  {"poll.keeps-going", Pass, closed().says(history.Quit, "over").over(time.Minute)},
		"ended by it, and nobody told":   {"poll.keeps-going", Fail, closed().over(time.Minute)},
		"forgotten once more, and told":  {"poll.keeps-going", Pass, anotherForgotten().says(history.Quit, "over").wait(time.Minute).rig(history.RunEnded, "")},
		"forgotten once more, and ends":  {"poll.keeps-going", Pass, anotherForgotten().rig(history.ClientGone, "ended by itself, status 0").wait(time.Minute).rig(history.RunEnded, "")},
		"forgotten once more, and mute":  {"poll.keeps-going", Fail, anotherForgotten().wait(time.Minute).rig(history.RunEnded, "")},
		"forgotten once, and told":       {"poll.keeps-going", Fail, forgotten().says(history.Quit, "over").wait(time.Minute).rig(history.RunEnded, "")},
		"ended, and it knew before":      {"poll.keeps-going", Fail, start().idle(1).says(history.Failed, "no").closes().over(time.Minute)},
		"ended, and says nothing ever":   {"poll.keeps-going", Pass, mute().messenger(history.Event{Kind: history.SignedIn, User: user}).idle(1).closes().over(time.Minute)},
		"ended, and in again":            {"poll.keeps-going", Pass, anew().over(time.Second)},
		"ended, in again, and silent":    {"poll.keeps-going", Fail, anew().over(time.Minute)},
		"a chat that the server ended":   {"poll.keeps-going", Fail, start().idle(1).open("SB").closes().says(history.Failed, "no").over(time.Minute)},
		"asleep for a minute":            {"poll.keeps-going", Pass, asleep(2 * time.Second).poll("").idle(2)},
		"silent when it has slept":       {"poll.keeps-going", Fail, asleep(40*time.Second).rig(history.RunEnded, "")},
		"silent for as long, and awake":  {"poll.keeps-going", Fail, start().idle(1).step("stay 60s").wait(62 * time.Second).poll("").idle(2)},
		"an attempt in vain after polls": {"poll.keeps-going", Pass, vain.idle(2)},
		"before it was signed in":        {"poll.keeps-going", Pass, late.idle(2)},
		"signed in twice, and out":       {"poll.keeps-going", Pass, twice.rig(history.RunEnded, "")},
		"asked to sign out":              {"poll.keeps-going", Pass, start().idle(1).step("sign out").wait(40*time.Second).rig(history.RunEnded, "")},
		"signed out before":              {"poll.keeps-going", Pass, before.idle(2)},
		"says OUT to somebody":           {"poll.keeps-going", Fail, start().idle(1).says(history.Submitted, "OUT").wait(40*time.Second).rig(history.RunEnded, "")},
		"350 ms, by another clock":       {"poll.not-too-often", Pass, tied(start().idle(1).wait(350 * time.Millisecond).poll(""))},
		"349 ms, by another clock":       {"poll.not-too-often", Fail, tied(start().idle(1).wait(349 * time.Millisecond).poll(""))},
		"polls in a chat alone":          {"poll.keeps-going", Fail, chat},
		"a poll in the answer's instant": {"poll.not-too-often", Fail, start().idle(1).poll("")},
		"a poll after one that was held": {"poll.not-too-often", Inconclusive, long.poll("")},
	}
}

// Who falls silent and lives on is shown the last request; whose program ended is
// not.
func TestEvidenceOfSilence(t *testing.T) {
	quiet := func() *tale { return start().idle(2).wait(31 * time.Second) }
	for name, c := range map[string]struct {
		tale *tale
		want []int
	}{
		"lives on": {quiet().rig(history.RunEnded, ""), []int{4}},
		"ended":    {quiet().rig(history.ClientGone, "ended by itself, status 1"), nil},
		"crashed":  {quiet().rig(history.Crashed, "no"), nil},
	} {
		if v := verdictOn("poll.keeps-going", c.tale); v.Status != Fail || !slices.Equal(v.Exchanges, c.want) {
			t.Errorf("%s: %+v", name, v)
		}
	}
}

// Tries that have no request, such as dials, are no evidence that can be shown;
// requests are.
func TestEvidenceOfStorms(t *testing.T) {
	for name, c := range map[string]struct {
		tale   *tale
		want   []int
		margin time.Duration
	}{
		"dials":    {refusals(slices.Repeat([]time.Duration{time.Millisecond}, 51)...), nil, requirement.StormFor - 50*time.Millisecond},
		"requests": {pages("Action=poll&SessionID=1.2", 51, 90*time.Millisecond), []int{53}, requirement.StormFor - 50*90*time.Millisecond},
	} {
		if v := verdictOn("connection.backs-off", c.tale); v.Status != Fail || !slices.Equal(v.Exchanges, c.want) || v.Margin != c.margin {
			t.Errorf("%s: %+v", name, v)
		}
	}
}

// The usual pause is the median of those that were seen.
func TestPace(t *testing.T) {
	paced := func(pauses ...int) *tale {
		t := start().idle(1)
		for _, n := range pauses {
			t.wait(time.Duration(n) * time.Second).poll("")
		}
		return t
	}
	for name, c := range map[string]struct {
		tale *tale
		want time.Duration
	}{"none": {paced(), 0}, "one": {paced(3), 3 * time.Second}, "three": {paced(9, 1, 4), 4 * time.Second}, "four": {paced(9, 1, 4, 5), 5 * time.Second}} {
		if got := Pace(trace.New(c.tale.events, c.tale.facts)); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
