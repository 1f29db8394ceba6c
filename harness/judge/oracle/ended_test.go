package oracle_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"gauntlet/harness/judge/history"
	. "gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
)

// A message that is lost with a client that ends by itself fails, and comes of that; what
// it had lost before does not.
func TestWhatComesOfAnEnd(t *testing.T) {
	const text, line = "hello there", "MSG 4 N 11\r\nhello there"
	typed := func() *tale {
		return calling().answered().rig(history.StepDone, "open chat").step("send 1 message").says(history.Submitted, text)
	}
	done := func() *tale { return typed().wait(time.Second).rig(history.StepDone, "send 1 message").step("stay 5s") }
	ends := func(t *tale) *tale { return t.wait(time.Second).rig(history.ClientGone, "ended by itself, status 1") }
	asks := func(t *tale) *tale { return t.ask("Action=poll&SessionID="+t.on.id, "") }
	cut := func(t *tale) *tale {
		return t.ask("SessionID="+t.on.id, line).lost().wait(time.Second).connect(firstHost + ":80")
	}
	at := func(session int, t *tale) *tale {
		t.on, t.conn = t.told[session], t.conn+1
		return t.hop(history.Event{Kind: history.Accepted})
	}
	heard := func() *tale { return calling().answered().relayed(peer, text).wait(time.Millisecond) }
	unsure := asks(heard()).processed("").answer(200, "SessionID=2.2", line).closed("fault", "RST").wait(time.Second).connect(firstHost + ":80")
	overlaps := asks(heard())
	first, conn := overlaps.last, overlaps.conn
	asks(overlaps.wait(time.Millisecond).connect(firstHost + ":80"))
	overlaps.last, overlaps.conn = first, conn
	overlaps.answer(200, "SessionID=2.2", line)
	back := 30 * time.Second
	const lost, unseen = "command.not-lost", "answer.delivered"
	for name, c := range map[string]struct {
		id    requirement.ID
		comes bool
		tale  *tale
	}{
		"in the step":                         {lost, true, ends(typed())},
		"in the step, and crashes":            {lost, true, typed().rig(history.Crashed, "no")},
		"in the step, served since":           {lost, true, ends(typed().idle(2))},
		"in the step, late":                   {lost, true, ends(typed().wait(time.Hour))},
		"in the step, after a later one":      {lost, false, ends(typed().says(history.Submitted, "other").send("MSG 5 N 5\r\nother").relayed(user, "other").idle(1))},
		"in the step, after an earlier one":   {lost, true, ends(calling().answered().step("send 2 messages").says(history.Submitted, "other").says(history.Submitted, text).send("MSG 5 N 5\r\nother").relayed(user, "other").idle(1))},
		"in a step that failed":               {lost, false, ends(typed().rig(history.StepFailed, "send 1 message: no").idle(1))},
		"in the step, and lives on":           {lost, false, done()},
		"after the step":                      {lost, true, ends(done())},
		"after the step, and crashes":         {lost, true, done().rig(history.Crashed, "no")},
		"after the step, served since":        {lost, false, ends(done().idle(1))},
		"after the step, served in it":        {lost, true, ends(typed().idle(1).rig(history.StepDone, "send 1 message"))},
		"after the step, refused since":       {lost, true, ends(asks(done().wait(time.Second)).answer(400, "", ""))},
		"after the step, served elsewhere":    {lost, true, ends(at(0, done()).idle(1))},
		"after the step, served before":       {lost, true, ends(calling().answered().idle(2).step("send 1 message").says(history.Submitted, text).rig(history.StepDone, "send 1 message"))},
		"after the step, just in time":        {lost, true, ends(done().wait(back - time.Second))},
		"after the step, too late":            {lost, false, ends(done().wait(back - time.Second + 1))},
		"after the step, and another, late":   {lost, false, ends(done().wait(back).rig(history.StepDone, "stay 5s"))},
		"cut on its way":                      {lost, true, ends(cut(done().idle(1)))},
		"cut on its way, and served":          {lost, false, ends(cut(done()).idle(1))},
		"cut on its way, asked elsewhere":     {lost, false, ends(at(0, done().idle(1)).send("CHG 5 NLN " + text))},
		"sent and answered":                   {lost, true, ends(done().send(line))},
		"nothing, and served":                 {lost, false, ends(calling().answered().says(history.Submitted, "").rig(history.StepDone, "send").idle(1))},
		"one with the end, and one before":    {lost, false, ends(done().idle(1).says(history.Submitted, "other"))},
		"has not come":                        {unseen, true, ends(heard())},
		"has not come, and crashes":           {unseen, true, heard().rig(history.Crashed, "no")},
		"has not come, and lives on":          {unseen, false, heard().poll(line)},
		"has not come for long":               {unseen, false, ends(heard().idle(15))},
		"has not come in time":                {unseen, true, ends(heard().idle(14))},
		"was brought":                         {unseen, true, ends(heard().poll("").poll(line))},
		"was brought, and asks on":            {unseen, false, ends(heard().poll(line).wait(time.Second).poll(""))},
		"was brought, and asks in vain":       {unseen, false, ends(asks(heard().poll(line).wait(time.Second)))},
		"was brought, and asks elsewhere":     {unseen, true, ends(at(0, heard().poll(line).wait(time.Second)).idle(1))},
		"was brought where nothing is sure":   {unseen, true, ends(asks(unsure))},
		"was brought by who knows whom":       {unseen, true, ends(asks(heard()).answer(200, "", line).wait(time.Second).poll(""))},
		"was brought when it had asked on":    {unseen, true, ends(overlaps)},
		"had been said long before, by her":   {unseen, true, ends(calling().answered().relayed(user, text).idle(20).relayed(peer, text))},
		"another had been said long before":   {unseen, true, ends(calling().answered().relayed(peer, "other").says(history.Delivered, "other").idle(20).relayed(peer, text))},
		"was brought by half":                 {unseen, true, ends(heard().poll("MSG 4 N 11\r\nhello").poll(""))},
		"was brought before, from another":    {unseen, true, ends(calling().answered().poll(line).wait(time.Second).relayed(peer, text).wait(time.Second).poll(""))},
		"one with the end, and one before it": {unseen, false, ends(heard().poll(line).wait(time.Second).poll("").relayed(peer, "other"))},
	} {
		want := map[bool]requirement.ID{true: "command.carried-out"}[c.comes]
		if v := verdictOn(c.id, c.tale); v.Status != Fail || v.ComesOf != want {
			t.Errorf("%s: %+v", name, v)
		}
	}
	for name, c := range map[string]struct {
		tale   *tale
		margin time.Duration
	}{
		"ended":                    {ends(done()), 0},
		"crashed":                  {done().rig(history.ClientGone, "crashed: signal: aborted"), math.MaxInt64},
		"crashed, told to end":     {done().rig(history.StepFailed, "close: crashed: signal: aborted, when it was told to end"), math.MaxInt64},
		"did not end":              {done().rig(history.StepFailed, "close: the client did not end"), 0},
		"panicked":                 {done().rig(history.Crashed, "no"), math.MaxInt64},
		"failed, and then crashed": {typed().rig(history.StepFailed, "send 1 message: no").rig(history.Crashed, "no"), 0},
		"says that it crashed":     {done().rig(history.ClientGone, "ended by itself, status 1; its last words: crashed: no"), 0},
	} {
		if v := verdictOn("command.carried-out", c.tale); v.Status != Fail || v.Margin != c.margin {
			t.Errorf("%s: %+v", name, v)
		}
	}
	for told, level := range map[string]requirement.Level{"quit: it ended with status 1": requirement.Should, "close: it left behind sh": requirement.Must} {
		if v := verdictOn("command.carried-out", start().rig(history.StepFailed, told)); v.Status != Fail || v.Level != level {
			t.Errorf("%s: %+v", told, v)
		}
	}
	both := ends(heard().says(history.Delivered, "other"))
	if v := verdictOn(unseen, both); v.ComesOf != "" || !strings.HasPrefix(v.Reason, "shown to the user, and nobody said it") {
		t.Errorf("a defect of its own is hidden by what comes of another: %+v", v)
	}
	silent := ends(heard().idle(0).wait(requirement.SlowestPoll + time.Second))
	if v := verdictOn(unseen, silent); v.Status != Inconclusive || v.ComesOf != "" {
		t.Errorf("what is excused comes of something: %+v", v)
	}
	if v := verdictOn(lost, ends(done().relayed(user, text))); v.Status != Pass || v.ComesOf != "" {
		t.Errorf("what has arrived: %+v", v)
	}
}
