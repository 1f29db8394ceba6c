package oracle_test

import (
	"fmt"
	"testing"
	"time"

	"gauntlet/harness/judge/history"
	. "gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
)

func TestFinalAnswers(t *testing.T) { tryEdges(t, interimEdges(), surplusEdges()) }

// interim is an answer that another follows.
func (t *tale) interim(status int, fields string) *tale {
	t.wait(10 * time.Millisecond)
	head := fmt.Sprintf("HTTP/1.1 %d Hint\r\n%s\r\n", status, fields)
	return t.hop(history.Event{Kind: history.Interim, Exchange: t.last, Status: status, Data: []byte(head)})
}

// hinted is a poll with an interim answer before its own.
func hinted(fields string) *tale {
	t := start().wait(2 * time.Second)
	t.ask("Action=poll&SessionID="+t.on.id, "").interim(103, fields).wait(50 * time.Millisecond).processed("")
	return t.answer(200, t.header(), "").wait(2 * time.Second)
}

// again is a poll with the id that the newest request carried.
func again(t *tale, id string) *tale { return t.ask("Action=poll&SessionID="+id, "") }

func interimEdges() map[string]edge {
	const id = requirement.ID("exchange.final-answer")
	const other = "X-MSN-Messenger: SessionID=9.9; GW-IP=10.9.0.80\r\n"
	early := start().wait(2 * time.Second)
	early.ask("Action=poll&SessionID="+early.on.id, "").interim(100, "").wait(time.Millisecond).poll("")
	first := start()
	old := first.on.id
	first.ask("Action=poll&SessionID="+old, "").interim(100, "").processed("")
	stale := again(first.answer(200, first.header(), "").wait(2*time.Second), old)
	gone := start().wait(2 * time.Second)
	lost := gone.on.id
	again(gone, lost).interim(103, "").closed("peer", "FIN").connect(firstHost + ":80")
	return map[string]edge{
		"goes on from the final one":     {id, Pass, hinted("").poll("")},
		"before the final one":           {id, Fail, early},
		"with the id of before":          {id, Fail, stale},
		"with an id of its own":          {id, Pass, hinted(other).poll("")},
		"whose id the client takes":      {id, Fail, again(hinted(other), "9.9")},
		"gives up, and asks again":       {id, Pass, again(gone, lost)},
		"nothing after it":               {id, Inconclusive, hinted("")},
		"takes it on another connection": {id, Fail, again(hinted(other).closed("peer", "FIN").connect(firstHost+":80"), "9.9")},
		"without an id, and opens anew":  {id, Pass, hinted("X-MSN-Messenger: GW-IP=10.9.0.80\r\n").poll("").open("NS")},
		"no interim answer":              {id, Inconclusive, start().idle(3)},
	}
}

// spoilt is a poll with something behind its answer, and one more on the same
// connection, of which the answer comes after that time.
func spoilt(answered time.Duration) (t *tale, of, since string) {
	t = start().idle(1).surplus()
	of = t.on.id
	t.wait(2*time.Second).ask("Action=poll&SessionID="+of, "").wait(answered).processed("")
	return t, of, t.on.id
}

func surplusEdges() map[string]edge {
	const id = requirement.ID("exchange.final-answer")
	right, _, _ := spoilt(50 * time.Millisecond)
	right.answer(200, right.header(), "").wait(2 * time.Second).poll("")
	stale, of, _ := spoilt(50 * time.Millisecond)
	again(stale.answer(200, stale.header(), "").wait(2*time.Second), of)
	early, _, _ := spoilt(3 * time.Second)
	early.poll("")
	anew, of, _ := spoilt(50 * time.Millisecond)
	again(anew.answer(200, anew.header(), "").closed("peer", "FIN").connect(firstHost+":80"), of)
	quick := start().idle(1)
	of = quick.on.id
	again(quick, of).surplusOf(quick.requests - 1).wait(50 * time.Millisecond).processed("")
	again(quick.answer(200, quick.header(), "").wait(2*time.Second), of)
	return map[string]edge{
		"asked before it came":         {id, Inconclusive, quick},
		"skips it":                     {id, Pass, right},
		"takes it":                     {id, Fail, stale},
		"takes it, and is too early":   {id, Fail, early},
		"leaves the connection":        {id, Pass, start().idle(1).surplus().abandons(2 * time.Second)},
		"asks again on another":        {id, Pass, anew},
		"nothing after it":             {id, Inconclusive, start().idle(1).surplus()},
		"one request after it":         {id, Inconclusive, start().idle(1).surplus().idle(1)},
		"a page, and goes on after it": {id, Inconclusive, start().idle(1).surplus().wait(2*time.Second).ask("Action=poll&SessionID=1.3", "").page(503, "").wait(time.Second).poll("")},
		"an answer without a surplus":  {id, Inconclusive, start().idle(5)},
	}
}
