package oracle_test

import (
	"time"

	"gauntlet/harness/judge/history"
	. "gauntlet/harness/judge/oracle"
)

// endedEdges are about what is lost with a client that ends by itself, and what it had
// lost before.
func endedEdges() map[string]edge {
	const text, line = "hello there", "MSG 4 N 11\r\nhello there"
	typed := func() *tale {
		return calling().answered().rig(history.StepDone, "open chat").step("send 1 message").says(history.Submitted, text)
	}
	done := func() *tale { return typed().wait(time.Second).rig(history.StepDone, "send 1 message").step("stay 5s") }
	ends := func(t *tale) *tale { return t.wait(time.Second).rig(history.ClientGone, "ended by itself, status 1") }
	cut := func(t *tale) *tale {
		return t.ask("SessionID="+t.on.id, line).lost().wait(time.Second).connect(firstHost + ":80")
	}
	at := func(session int, t *tale) *tale {
		t.on, t.conn = t.told[session], t.conn+1
		return t.hop(history.Event{Kind: history.Accepted})
	}
	asking := func(t *tale) *tale { return t.ask("Action=poll&SessionID="+t.on.id, "") }
	heard := func() *tale { return calling().answered().relayed(peer, text) }
	const lost, unseen = "command.not-lost", "answer.delivered"
	return map[string]edge{
		"in the step, and ends":                   {lost, Inconclusive, ends(typed())},
		"in the step, and crashes":                {lost, Inconclusive, typed().rig(history.Crashed, "no")},
		"in the step, served since, and ends":     {lost, Inconclusive, ends(typed().idle(2))},
		"in the step, which failed, and ends":     {lost, Fail, ends(typed().rig(history.StepFailed, "send 1 message: no").idle(1))},
		"in the step, and does not end":           {lost, Fail, typed().idle(2)},
		"after the step, and ends":                {lost, Inconclusive, ends(done())},
		"after the step, and crashes":             {lost, Inconclusive, done().rig(history.Crashed, "no")},
		"after the step, served since, and ends":  {lost, Fail, ends(done().idle(1))},
		"after the step, refused since, and ends": {lost, Inconclusive, ends(asking(done()).answer(400, "", ""))},
		"after the step, and served elsewhere":    {lost, Inconclusive, ends(at(0, done()).idle(1))},
		"after the step, served, and was before":  {lost, Inconclusive, ends(calling().answered().idle(2).step("send 1 message").says(history.Submitted, text).rig(history.StepDone, "send 1 message"))},
		"cut on its way, and ends":                {lost, Inconclusive, ends(cut(done().idle(1)))},
		"cut on its way, served, and ends":        {lost, Fail, ends(cut(done()).idle(1))},
		"sent and answered, and ends":             {lost, Inconclusive, ends(done().send(line))},
		"one is lost so, and one arrived":         {lost, Pass, ends(done().says(history.Submitted, "other").relayed(user, "other"))},
		"one is lost so, and one before":          {lost, Fail, ends(done().idle(1).says(history.Submitted, "other"))},
		"comes, and it ends":                      {unseen, Inconclusive, ends(heard())},
		"comes, and it crashes":                   {unseen, Inconclusive, heard().rig(history.Crashed, "no")},
		"comes, and it does not end":              {unseen, Fail, heard().poll(line)},
		"is brought, and it ends":                 {unseen, Inconclusive, ends(heard().poll("").poll(line))},
		"is brought, and it asks on, and ends":    {unseen, Fail, ends(heard().poll(line).poll(""))},
		"is brought, and it asks once more":       {unseen, Fail, ends(asking(heard().poll(line)))},
		"is brought, and it asks elsewhere":       {unseen, Inconclusive, ends(at(0, heard().poll(line)).idle(1))},
		"is brought by half, and it ends":         {unseen, Inconclusive, ends(heard().poll("MSG 4 N 11\r\nhello").poll(""))},
		"one is not shown so, and one is":         {unseen, Pass, ends(heard().relayed(peer, "other").says(history.Delivered, "other"))},
	}
}
