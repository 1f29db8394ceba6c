package oracle_test

import (
	"testing"
	"time"

	"gauntlet/harness/judge/history"
	. "gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
)

func TestEdgesOfChats(t *testing.T) {
	tryEdges(t, callingAgainEdges(), callingBackEdges(), waitingOnEdges(), closedChatEdges(), portEdges())
}

// refusedAnew is a forgotten chat, called again in an open that is refused.
func refusedAnew() *tale {
	return forgottenChat().says(history.Reopened, "").openRefused()
}

// openRefused is one more open of a chat, which is.
func (t *tale) openRefused() *tale {
	t.on = &told{host: gatewayNamed}
	return t.ask("Action=open&Server=SB&IP="+board, "USR 3 a 1\r\n").answer(400, "", "")
}

// askedAnew is a forgotten chat, and a ticket for another that is asked for in a session
// at home that is forgotten, too, and is opened anew.
func askedAnew(first ...history.Kind) *tale {
	t := forgottenChat()
	for _, word := range first {
		t.says(word, "")
	}
	t.on = t.told[0]
	return t.ask("SessionID="+t.on.id, "XFR 7 SB\r\n").answer(400, "", "").says(history.Reopened, "").open("NS")
}

func (t *tale) watched() *tale { return t.wait(30*time.Second).rig(history.RunEnded, "") }

// Who goes to call again for a forgotten chat, and is refused, tells its user.
func callingAgainEdges() map[string]edge {
	const id = requirement.ID("close.reopens-once")
	return map[string]edge{
		"refused, and silent":                {id, Fail, refusedAnew().watched()},
		"refused, and told":                  {id, Pass, refusedAnew().says(history.Failed, "no").watched()},
		"refused, and a doubt":               {id, Pass, refusedAnew().says(history.Uncertain, "one").watched()},
		"refused, and again":                 {id, Pass, refusedAnew().open("SB").watched()},
		"refused, and not watched":           {id, Pass, refusedAnew().rig(history.RunEnded, "")},
		"refused, and left":                  {id, Pass, refusedAnew().wait(5 * time.Second).step("leave chat").watched()},
		"refused, and left in time":          {id, Pass, refusedAnew().wait(10 * time.Second).step("leave chat").watched()},
		"refused, and left too late":         {id, Fail, refusedAnew().wait(10*time.Second + time.Millisecond).step("leave chat").watched()},
		"refused, and called by its user":    {id, Pass, refusedAnew().step("open chat").wait(time.Second).watched()},
		"refused, and called in vain":        {id, Pass, refusedAnew().step("fail to open chat 60s").wait(time.Second).watched()},
		"refused who says nothing of itself": {id, Pass, mute().open("SB").pollsAgain().openRefused().watched()},
		"no ticket, after it was promised":   {id, Fail, askedAnew(history.Reopened).watched()},
		"two sessions, nobody refused":       {"close.reopening-bounded", Inconclusive, start().idle(1).open("NS")},
		"one more":                           {"close.reopening-bounded", Pass, reopened()},
		"one more of each":                   {"close.reopening-bounded", Pass, askedAnew().open("SB")},
		"no ticket, and told":                {id, Pass, askedAnew(history.Reopened).says(history.Failed, "no").watched()},
		"no ticket, and nothing promised":    {id, Pass, askedAnew().watched()},
	}
}

// Who has left a chat asks for no other by itself.
func callingBackEdges() map[string]edge {
	const id = requirement.ID("close.says-out")
	chat := func() *tale { return start().step("open chat").open("SB") }
	asks := func(t *tale) *tale { // for another, and leaves
		t.on = t.told[0]
		return t.wait(time.Second).send("XFR 9 SB\r\n").step("sign out").leaves()
	}
	unheard := chat().step("leave chat").ask("SessionID=2.1", "OUT\r\n").processed("OUT\r\n").lost().connect(firstHost + ":80")
	return map[string]edge{
		"left, and asks for another":        {id, Fail, asks(chat().step("leave chat").send("OUT\r\n"))},
		"left, and its user calls":          {id, Pass, asks(chat().step("leave chat").send("OUT\r\n").wait(time.Second).step("open chat"))},
		"left, and the answer did not come": {id, Pass, asks(unheard)},
		"left one in place of a lost one":   {id, Pass, asks(chat().pollsAgain().open("SB").step("leave chat").send("OUT\r\n"))},
		"left, and asks for nothing":        {id, Pass, chat().step("leave chat").send("OUT\r\n").step("sign out").leaves()},
	}
}

// What is typed into a chat that the server has closed may be refused, for as long as there is
// no other chat and once the client knows of it.
func closedChatEdges() map[string]edge {
	const id = requirement.ID("command.carried-out")
	refuses := func(t *tale, step string) *tale {
		return t.step("stay 5s").rig(history.StepDone, "stay 5s").step(step).rig(history.StepFailed, step+": over")
	}
	chat := func() *tale { return start().step("open chat").open("SB") }
	home := start().open("SB")
	home.on = home.told[0]
	unheard := chat()
	unheard.ask("SessionID="+unheard.on.id, "").processed("").lost().connect(firstHost + ":80")
	return map[string]edge{
		"closed, and refused":          {id, Pass, refuses(chat().closes(), "send 1 message")},
		"closed, and nothing to leave": {id, Pass, refuses(chat().closes(), "leave chat")},
		"closed, and the user goes on": {id, Fail, refuses(chat().closes(), "sign out")},
		"closed, and another opened":   {id, Fail, refuses(chat().closes().open("SB"), "send 1 message")},
		"closed, and another refused":  {id, Pass, refuses(chat().closes().openRefused(), "send 1 message")},
		"closed at home, and refused":  {id, Fail, refuses(home.closes(), "send 1 message")},
		"left, and refused":            {id, Fail, refuses(chat().closing("OUT\r\n"), "send 1 message")},
		"refused before it was closed": {id, Fail, refuses(chat(), "send 1 message").closes()},
		"not known yet, and refused":   {id, Fail, refuses(unheard, "send 1 message")},
	}
}

// Who has left a session waits no more, whether or not it is told that it is over.
func waitingOnEdges() map[string]edge {
	const id = requirement.ID("close.says-out")
	asksOn := func(polls int) *tale { return start().step("sign out").send("OUT\r\n").idle(polls) }
	undone := func(after time.Duration) *tale {
		return asksOn(0).wait(after).rig(history.StepFailed, "sign out: leave: not done")
	}
	lost := asksOn(0).wait(time.Second).ask("SessionID=7.7", "OUT\r\n").wait(time.Minute).closed("fault", "FIN").rig(history.StepFailed, "sign out: leave: not done")
	unsure := start().step("sign out").send("OUT\r\n").closed("fault", "RST").wait(time.Second).connect(firstHost + ":80")
	return map[string]edge{
		"for half a minute":         {id, Pass, asksOn(14)},
		"for longer":                {id, Fail, asksOn(15)},
		"in a chat":                 {id, Fail, start().step("open chat").open("SB").step("leave chat").send("OUT\r\n").idle(15)},
		"and never done":            {id, Fail, undone(30*time.Second + time.Millisecond)},
		"and trouble after that":    {id, Fail, undone(30*time.Second+time.Millisecond).wait(time.Second).ask("SessionID=7.7", "OUT\r\n").lost()},
		"and done late":             {id, Pass, undone(30 * time.Second)},
		"for another that is lost":  {id, Pass, lost},
		"and its program ended":     {id, Pass, asksOn(0).rig(history.ClientGone, "ended by itself, status 0").wait(time.Minute).rig(history.StepFailed, "sign out: leave: not done")},
		"and then something else":   {id, Pass, asksOn(0).rig(history.StepDone, "sign out").step("sign in").wait(time.Minute).rig(history.StepFailed, "sign out: no")},
		"when the answer is unsure": {id, Pass, unsure.idle(15)},
	}
}

// For half a minute that is nobody's business; then it should not be, until there is
// nothing left that could be waited for.
func TestFarewellsAreOfTwoDegrees(t *testing.T) {
	asksOn := func(polls int) *tale { return start().step("sign out").send("OUT\r\n").idle(polls) }
	undone := func(after time.Duration) *tale {
		return asksOn(0).wait(after).rig(history.StepFailed, "sign out: leave: not done")
	}
	both := start().step("open chat").open("SB").step("leave chat").send("OUT\r\n").idle(15).step("sign out")
	both.on = both.told[0]
	both.send("OUT\r\n").idle(30)
	for name, c := range map[string]struct {
		tale *tale
		want requirement.Level
	}{
		"asks for a minute":         {asksOn(29), requirement.Should},
		"asks for longer":           {asksOn(30), requirement.Must},
		"waits for a minute":        {undone(time.Minute), requirement.Should},
		"waits for longer":          {undone(time.Minute + time.Millisecond), requirement.Must},
		"at home longer than there": {both, requirement.Must},
	} {
		if v := verdictOn("close.says-out", c.tale); v.Status != Fail || v.Level != c.want {
			t.Errorf("%s: %+v, want a %s", name, v, c.want)
		}
	}
}

// portNamed opens a chat with a port behind the switchboard, and is sent to that gateway.
func portNamed(gateway string) *tale {
	t := start().sent("XFR 3 SB " + board + ":1863 CKI 1\r\n").connect(board + ":80")
	t.on = &told{host: gatewayNamed}
	t.ask("Action=open&Server=SB&IP="+board+":1863", "USR 1 a 1\r\n").opened("SB").answer(200, "SessionID="+t.on.id+"; GW-IP="+gateway, "")
	t.on.host = gateway
	return t
}

// Who names a port is the cause of what comes of it, if the gateway gives it back.
func portEdges() map[string]edge {
	const id, named = requirement.ID("open.switchboard"), board + ":1863"
	return map[string]edge{
		"nothing came of it":       {id, Pass, portNamed(board).unanswered()},
		"given back, and answered": {id, Pass, portNamed(named).unanswered().poll("")},
		"given back, not followed": {id, Pass, portNamed(named)},
		"given back, and stranded": {id, Fail, portNamed(named).unanswered()},
	}
}
