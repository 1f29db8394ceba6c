package oracle_test

import (
	"testing"
	"time"

	"gauntlet/harness/judge/history"
	. "gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
)

// attended is a tale of a person at a client.
func attended() *tale {
	t := newTale().proxied()
	t.facts.Attended = true
	return t
}

// visit is a person who has come, and does what they like.
func visit() *tale {
	t := attended().step("sign in").connect(proxyAddress).open("NS")
	return t.withProfile().signedIn().rig(history.StepDone, "sign in").step("free 12h").idle(2)
}

// out is a proper sign-out.
func (t *tale) out() *tale {
	return t.closing("OUT\r\n").messenger(history.Event{Kind: history.SignedOut, User: user, Text: "OUT"})
}

// Nobody is to blame for what nobody did.
func TestNobodyCame(t *testing.T) {
	waited := func() *tale { return attended().step("sign in").wait(10 * time.Minute) }
	for name, tale := range map[string]*tale{
		"in time":       waited().rig(history.StepFailed, "sign in: the contacts do not see the user").rig(history.RunEnded, ""),
		"ended by hand": waited().rig(history.StepEnded, "sign in").rig(history.RunEnded, ""),
	} {
		for _, id := range requirement.IDs() {
			if v := verdictOn(id, tale); v.Status != Inconclusive || v.Checked != 0 {
				t.Errorf("%s, %s: %+v", name, id, v)
			}
		}
	}
}

func TestWhoCameMayFail(t *testing.T) {
	came := attended().step("sign in").connect(proxyAddress).wait(10*time.Minute).rig(history.StepFailed, "sign in: the contacts do not see the user")
	if v := verdictOn("command.carried-out", came); v.Status != Fail {
		t.Errorf("who connects and does not sign in: %+v", v)
	}
}

func TestEndedByHand(t *testing.T) {
	cut := visit().step("send 2 messages").says(history.Submitted, "one").says(history.Submitted, "two").wait(time.Minute).rig(history.StepEnded, "send 2 messages")
	leaving := visit().step("sign out").rig(history.StepEnded, "sign out")
	for name, c := range map[string]struct {
		id   requirement.ID
		tale *tale
		want Status
	}{
		"what was not typed":               {"command.not-lost", cut, Inconclusive},
		"the step that was not done":       {"command.carried-out", cut, Inconclusive},
		"no sign-out to the end":           {"close.says-out", leaving, Inconclusive},
		"what had failed before it":        {"command.carried-out", visit().rig(history.StepFailed, "open chat: no").rig(history.StepEnded, "sign out"), Fail},
		"what was typed before":            {"command.not-lost", visit().step("send 1 message").says(history.Submitted, "one").step("sign out").rig(history.StepEnded, "sign out"), Fail},
		"an overlap is one, whoever ended": {"exchange.one-in-flight", overlapping().rig(history.StepEnded, "free 12h"), Fail},
	} {
		if v := verdictOn(c.id, c.tale); v.Status != c.want {
			t.Errorf("%s: %+v", name, v)
		}
	}
}

// overlapping asks twice at once.
func overlapping() *tale {
	t := visit()
	query := "Action=poll&SessionID=" + t.on.id
	return t.ask(query, "").connect(proxyAddress).ask(query, "")
}

// beside is what the socket of the connection before says when a request begins on
// the newest.
func (t *tale) beside(how string) *tale {
	t.hop(history.Event{Kind: history.Beside, Given: t.conn, How: how})
	t.events[len(t.events)-1].Conn = t.conn - 1
	return t
}

// Who was seen to leave with the end of an answer may not have heard it, if the machine was
// late; who asked again on the same connection has.
func TestWhoMayHaveLeftBeforeTheAnswer(t *testing.T) {
	const ties = 100 * time.Millisecond
	asked := func(header string) *tale {
		t := visit()
		t.facts.Ties = ties
		return t.ask("Action=poll&SessionID="+t.on.id, "").answer(200, header, "")
	}
	for name, header := range map[requirement.ID]string{"session-id.newest": "SessionID=7.7; GW-IP=" + firstHost, "close.honoured": "SessionID=7.7; GW-IP=" + firstHost + "; Session=close"} {
		for how, c := range map[string]struct {
			tale   *tale
			margin time.Duration
		}{
			"left at once":  {asked(header).closed("peer", "FIN").connect(proxyAddress), ties},
			"left later":    {asked(header).wait(3*time.Second).closed("peer", "FIN").connect(proxyAddress), 3 * time.Second},
			"stayed":        {asked(header), time.Hour},
			"was sent away": {asked(header).closed("box", "FIN").connect(proxyAddress), time.Hour},
		} {
			c.tale.ask("Action=poll&SessionID="+c.tale.on.id, "").closed("peer", "FIN")
			if v := verdictOn(name, c.tale); v.Status != Fail || v.Margin != c.margin {
				t.Errorf("%s, and the client %s: %s, may be late by %s, want %s", name, how, v.Status, v.Margin, c.margin)
			}
		}
	}
}

// What lies unread on a connection that the client has left may have been sent before what
// was asked, and answered, on another meanwhile: a gap that the machine must have slept
// through. Who waited there for the answer, or made the connection later, sent it later.
func TestWhatMayHaveBeenSentBefore(t *testing.T) {
	const ties, gap = 100 * time.Millisecond, 3 * time.Second
	for name, word := range map[requirement.ID]string{"session-id.newest": "GW-IP=" + firstHost, "gateway-ip.followed": "GW-IP=10.9.0.81", "close.honoured": "Session=close"} {
		asked := func(made bool, further int) *tale { // on the first connection, and then on the second, which was made before
			t := visit()
			t.facts.Ties = ties
			first, query := t.conn, "Action=poll&SessionID="+t.on.id
			if made {
				t.connect(proxyAddress)
			}
			t.conn = first
			for range 1 + further {
				t.ask("Action=poll&SessionID="+t.on.id, "").processed("").answer(200, "SessionID="+t.on.id+"; "+word, "")
			}
			if t.wait(gap - 50*time.Millisecond*time.Duration(1+further)); !made {
				t.connect(proxyAddress)
			}
			t.conn = first + 1
			return t.ask(query, "")
		}
		for how, c := range map[string]struct {
			tale   *tale
			margin time.Duration
		}{
			"left":            {asked(true, 0).closed("peer", "FIN"), gap},
			"left by a reset": {asked(true, 0).closed("peer", "RST"), gap},
			"connected later": {asked(false, 0).closed("peer", "FIN"), time.Hour},
			"was sent away":   {asked(true, 0).closed("box", "FIN"), time.Hour},
			"waited":          {asked(true, 0), time.Hour},
			"had an answer":   {asked(true, 0).answer(200, "", "").closed("peer", "FIN"), time.Hour},
			"asked on there":  {asked(true, 0).poll("").closed("peer", "FIN"), time.Hour},
		} {
			if v := verdictOn(name, c.tale); v.Status != Fail || v.Margin != c.margin {
				t.Errorf("%s, and the client %s: %s, may be late by %s, want %s", name, how, v.Status, v.Margin, c.margin)
			}
		}
		if v := verdictOn(name, asked(true, 1).closed("peer", "FIN")); name == "session-id.newest" && v.Margin != gap {
			t.Errorf("an id that was replaced two answers ago: may be late by %s, want %s, since the first of them", v.Margin, gap)
		}
	}
}

// A connection of which nobody noticed the end in time may have been closed before,
// unless the client's socket knows better.
func TestWhenARequestIsOver(t *testing.T) {
	const soon = 10 * time.Millisecond
	then := func(how string) *tale {
		t := overlapping()
		t.facts.Ties = 100 * time.Millisecond
		if how != "" {
			t.beside(how)
		}
		return t.wait(soon)
	}
	first := func(t *tale) *tale { t.conn--; t.last--; return t }
	late := visit()
	query := "Action=poll&SessionID=" + late.on.id
	late.ask(query, "").strikes("hop 0: on NS poll 1, answer: lose flow to client for 300ms").connect(proxyAddress).ask(query, "").beside("open")
	late.facts.Ties = 100 * time.Millisecond
	for name, c := range map[string]struct {
		tale *tale
		want Status
	}{
		"its end is noticed soon":                {first(then("")).closed("peer", "FIN"), Pass},
		"its socket had closed":                  {first(then("FIN")).wait(time.Minute).closed("peer", "FIN"), Pass},
		"its socket was open":                    {first(then("open")).closed("peer", "FIN"), Fail},
		"it is answered soon":                    {first(then("")).answer(200, "", ""), Fail},
		"and left by the server":                 {first(then("")).answer(200, "", "").closed("box", "FIN"), Fail},
		"its answer came by TCP's own repeating": {first(late.wait(soon)).answer(200, "", ""), Pass},
		"it is answered into the void":           {first(then("")).answer(200, "", "").closed("peer", "RST"), Pass},
	} {
		if v := verdictOn("exchange.one-in-flight", c.tale); v.Status != c.want {
			t.Errorf("%s: %+v, want %s", name, v, c.want)
		} else if late := time.Minute; c.want == Fail && v.Margin < late {
			t.Errorf("%s: it is certain, also where the machine was %s late", name, late)
		}
	}
	for after, margin := range map[time.Duration]time.Duration{0: 100 * time.Millisecond, 10 * time.Second: 10 * time.Second} {
		left := first(then("")).answer(200, "", "").wait(after).closed("peer", "FIN")
		if v := verdictOn("exchange.one-in-flight", left); v.Status != Fail || v.Margin != margin {
			t.Errorf("the client was seen to leave %s after the answer: %s, may be late by %s, want %s", after, v.Status, v.Margin, margin)
		}
	}
}

// A message that was held back for long was so on a slow machine, too: to excuse it, each of
// the four delayers must have been late by a quarter of what was too long.
func TestHeldBack(t *testing.T) {
	for waited, margin := range map[time.Duration]time.Duration{2 * time.Second: 250 * time.Millisecond, 9 * time.Second: 2 * time.Second} {
		if v := verdictOn("command.at-once", inARow(waited)); v.Status != Fail || v.Margin != margin {
			t.Errorf("%s: %+v, want a failure with %s", waited, v, margin)
		}
	}
}

// A few polls may be early because a machine stood still; to excuse many, it
// must have stood still for a twentieth of what they are early by, all in all.
func TestEarlyPolls(t *testing.T) {
	for polls, margin := range map[int]time.Duration{2: 30 * time.Millisecond, 400: 6 * time.Second} {
		asks := start().poll("")
		for range polls {
			asks.wait(100 * time.Millisecond).poll("")
		}
		if v := verdictOn("poll.not-too-often", asks); v.Status != Fail || v.Margin != margin {
			t.Errorf("%d: %+v, want a failure with %s", polls, v, margin)
		}
	}
}

// Time after a proper sign-out, and before the next sign-in, is no silence.
func TestSilence(t *testing.T) {
	again := func() *tale { return visit().out().wait(time.Hour).connect(proxyAddress).open("NS").signedIn() }
	gone := func(text string) *tale {
		return visit().messenger(history.Event{Kind: history.SignedOut, User: user, Text: text}).wait(time.Minute).rig(history.RunEnded, "")
	}
	for name, c := range map[string]struct {
		tale *tale
		want Status
	}{
		"before the first sign-in":   {attended().wait(time.Hour).step("sign in").connect(proxyAddress).open("NS").signedIn().idle(2), Pass},
		"after it signed out":        {visit().out().wait(time.Minute).rig(history.RunEnded, ""), Pass},
		"between two sign-ins":       {again().idle(2).rig(history.RunEnded, ""), Pass},
		"in the second":              {again().idle(1).wait(time.Minute).rig(history.RunEnded, ""), Fail},
		"in the first":               {visit().wait(time.Minute).out().wait(time.Minute).connect(proxyAddress).open("NS").signedIn().idle(2), Fail},
		"when signed in elsewhere":   {gone("replaced"), Pass},
		"when the line was lost":     {gone("lost"), Fail},
		"when the contact signs out": {visit().messenger(history.Event{Kind: history.SignedOut, User: peer, Text: "OUT"}).wait(time.Minute).rig(history.RunEnded, ""), Fail},
	} {
		if v := verdictOn("poll.keeps-going", c.tale); v.Status != c.want {
			t.Errorf("silence %s: %+v", name, v)
		}
	}
}
