package fate

import (
	"bytes"
	"reflect"
	"slices"
	"testing"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/trace"
)

const (
	first  = "SessionID=1.1"
	second = "SessionID=1.2"
	chg    = "CHG 3 NLN\r\n"
)

// lateAnswer is a command that the gateway behind one box has processed.
func lateAnswer() *tale {
	return begin(1).ask(first, chg).whole().beyond().gateway(history.Processed, "1.1", "1.2")
}

// How far a request came is the trace's to say; of one that was never seen there
// is nothing to ask.
func TestStages(t *testing.T) {
	for name, c := range map[string]struct {
		tale *tale
		want trace.Stage
	}{
		"turned away":        {begin(1).strike("hop 0: on connection 1: refuse"), trace.NeverLeft},
		"cut in the head":    {begin(1).ask(first, chg).strike("hop 0: on request 1, request byte 80: close"), trace.LeftClient},
		"the box kept it":    {begin(1).ask(first, chg).whole().lose(), trace.ReachedBox},
		"processed":          {lateAnswer().strike("hop 0: on request 1, answer: reset"), trace.Processed},
		"processed, no box":  {begin(0).ask(first, chg).whole().gateway(history.Processed, "1.1", "1.2").lose(), trace.Processed},
		"arrived, then idle": {lateAnswer().answer(1, 1, "1.2", true).answer(0, 1, "1.2", true).strike("hop 0: on request 1, idle 500ms: close"), trace.AnswerArrived},
	} {
		list := c.tale.fates()
		if len(list) != 1 || list[0].Stage != c.want {
			t.Errorf("%s: %+v, want %s", name, list, c.want)
		}
	}
}

func TestConclusions(t *testing.T) {
	const reset, idle500, open = "hop 0: on request 1, answer: reset", "hop 0: on request 1, idle 500ms: close", "Action=open&Server=NS&IP=h"
	const patience = 30*time.Second - time.Millisecond // the next event is a millisecond later
	lost := func() *tale { return lateAnswer().strike(reset) }
	for name, c := range map[string]struct {
		tale *tale
		want []Conclusion
		next int
	}{
		"again":                  {lost().ask(first, chg).whole(), []Conclusion{RepeatedIt}, 2},
		"another body":           {lost().ask(first, "CHG 4 NLN\r\n").whole(), []Conclusion{WentOn}, 2},
		"another id":             {lost().gateway(history.Repeated, "1.1", "1.2").ask(second, chg).whole(), []Conclusion{WentOn}, 2},
		"in doubt, and on":       {lost().says(history.Uncertain).ask(first, "CHG 4 NLN\r\n").whole(), []Conclusion{ReportedUncertain, WentOn}, 2},
		"an open":                {lost().ask("Action=open&Server=NS&IP=h", "VER\r\n").whole(), []Conclusion{OpenedAnew}, 2},
		"an error shown":         {lost().says(history.Failed).wait(time.Hour).rig(history.RunEnded, ""), []Conclusion{ReportedFailure}, 0},
		"nothing":                {lost().wait(time.Hour).rig(history.RunEnded, ""), []Conclusion{FellSilent}, 0},
		"its program ended":      {lost().rig(history.ClientGone, "ended by itself, status 1").rig(history.RunEnded, ""), []Conclusion{WasGone}, 0},
		"the run was over":       {lost().rig(history.RunEnded, ""), []Conclusion{HadDone}, 0},
		"the user left":          {lost().rig(history.StepBegan, "sign out").wait(time.Hour).rig(history.RunEnded, ""), []Conclusion{HadDone}, 0},
		"in doubt before it":     {begin(1).ask(first, chg).whole().says(history.Uncertain).strike(reset).ask(first, chg).whole(), []Conclusion{RepeatedIt}, 2},
		"in doubt afterwards":    {lost().ask(first, chg).whole().says(history.Uncertain), []Conclusion{RepeatedIt}, 2},
		"in doubt as it goes on": {lost().ask(first, chg).wait(-2 * time.Millisecond).says(history.Uncertain), []Conclusion{ReportedUncertain, WentOn}, 2},
		"in doubt at once":       {lost().wait(-time.Millisecond).says(history.Uncertain).ask(first, chg).whole(), []Conclusion{ReportedUncertain, RepeatedIt}, 2},
		"in doubt twice":         {lost().says(history.Uncertain).says(history.Uncertain).ask(first, chg).whole(), []Conclusion{ReportedUncertain, RepeatedIt}, 2},
		"an error and doubt":     {lost().says(history.Failed).says(history.Uncertain).rig(history.RunEnded, ""), []Conclusion{ReportedFailure, ReportedUncertain}, 0},
		"an error, much later":   {lost().wait(31*time.Second).says(history.Failed).rig(history.RunEnded, ""), []Conclusion{FellSilent}, 0},
		"an open again":          {begin(1).ask(open, "VER\r\n").whole().strike(reset).ask(open, "VER\r\n").whole(), []Conclusion{RepeatedIt}, 2},
		"an open once more":      {begin(0).ask(open, "VER\r\n").whole().answer(0, 1, "1.1", true).strike(idle500).ask(open, "VER\r\n").whole(), []Conclusion{OpenedAnew}, 2},
		"on after a pause":       {begin(0).ask(first, chg).whole().answer(0, 1, "1.2", true).strike(idle500).ask(first, chg).whole(), []Conclusion{RepeatedIt}, 2},
		"OUT was heard":          {begin(0).ask(first, "OUT\r\n").whole().gateway(history.Processed, "1.1", "1.2").strike(reset).wait(time.Hour).rig(history.RunEnded, ""), []Conclusion{HadDone}, 0},
		"nobody's session":       {begin(0).ask("SessionID=9.9", chg).whole().strike(reset).wait(time.Hour).rig(history.RunEnded, ""), []Conclusion{FellSilent}, 0},
		"a crash":                {lost().rig(history.Crashed, "no").rig(history.RunEnded, ""), []Conclusion{WasGone}, 0},
		"gone in time":           {lost().wait(patience).rig(history.ClientGone, "").rig(history.RunEnded, ""), []Conclusion{WasGone}, 0},
		"gone too late":          {lost().wait(patience+time.Millisecond).rig(history.ClientGone, "").rig(history.RunEnded, ""), []Conclusion{FellSilent}, 0},
		"over in time":           {lost().wait(patience).rig(history.RunEnded, ""), []Conclusion{HadDone}, 0},
		"another step":           {lost().rig(history.StepBegan, "stay 5s").wait(time.Hour).rig(history.RunEnded, ""), []Conclusion{FellSilent}, 0},
		"the user had left":      {lost().rig(history.StepDone, "sign out").wait(time.Hour).rig(history.RunEnded, ""), []Conclusion{FellSilent}, 0},
		"refused, then another":  {begin(1).strike("hop 0: on connection 1: refuse").ask(first, chg).whole(), []Conclusion{WentOn}, 1},
	} {
		list := c.tale.fates()
		if len(list) != 1 || !slices.Equal(list[0].Concluded, c.want) || list[0].Next != c.next {
			t.Errorf("%s: %+v, want %s by request %d", name, list, c.want, c.next)
		}
	}
}

// What is told of each disturbance, and in which order.
func TestFatesInFull(t *testing.T) {
	const reset = "hop 0: on request 1, answer: reset"
	fault := func(hop, conn, exchange int, text string) history.Event {
		return history.Event{From: history.AtHop, Kind: history.Fired, Hop: hop, Conn: conn, Exchange: exchange, Fault: text}
	}
	twice := lateAnswer().add(fault(0, 1, 1, reset)).add(fault(0, 1, 1, "b")).add(fault(0, 1, 1, reset)).lose().ask(first, chg).whole()
	far := begin(1).ask(first, chg).whole().add(fault(1, 4, 9, "far")) // it struck what is not known
	for name, c := range map[string]struct {
		tale *tale
		want []Fate
	}{
		"a fault struck": {twice, []Fate{{Exchange: 1, Connection: 1, Request: "NS CHG", At: 13, Faults: []string{reset, "b"}, Stage: trace.Processed, Concluded: []Conclusion{RepeatedIt}, Next: 2, After: 1}}},
		"none did":       {begin(0).ask(first, chg).whole().lose(), []Fate{{Exchange: 1, Connection: 1, Request: "NS CHG", At: 6, Faults: []string{}, Stage: trace.ReachedGateway, Concluded: []Conclusion{FellSilent}}}},
		"struck while idle": {begin(0).ask(first, chg).whole().answer(0, 1, "1.2", true).wait(time.Second).strike("idle").rig(history.RunEnded, ""), []Fate{{
			Exchange: 1, Connection: 1, Request: "NS CHG", At: 1008, Faults: []string{"idle"}, Stage: trace.AnswerArrived, Concluded: []Conclusion{HadDone}}}},
		"in order of time": {begin(0).ask(first, chg).whole().lose().add(fault(0, 2, 0, "refuse")).rig(history.RunEnded, ""), []Fate{
			{Exchange: 1, Connection: 1, Request: "NS CHG", At: 6, Faults: []string{}, Stage: trace.ReachedGateway, Concluded: []Conclusion{HadDone}},
			{Connection: 2, At: 7, Faults: []string{"refuse"}, Stage: trace.NeverLeft, Concluded: []Conclusion{HadDone}},
		}},
		"a connection that was never seen": {begin(0).add(fault(0, 7, 0, "drop")), []Fate{{Connection: 7, At: 3, Faults: []string{"drop"}, Stage: trace.NeverLeft, Concluded: []Conclusion{FellSilent}}}},
		"one that carries something":       {begin(0).ask(first, chg).add(fault(0, 1, 0, "delay")), []Fate{}},
		"far from the client":              {far, []Fate{}},
	} {
		if got := c.tale.fates(); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v\nwant %+v", name, got, c.want)
		}
	}
}

func TestARepeatIsAnotherExchange(t *testing.T) {
	list := begin(1).ask(first, chg).whole().strike("hop 0: on request 1, forward: reset").
		ask(first, chg).whole().beyond().gateway(history.Processed, "1.1", "1.2").strike("hop 0: on request 2, answer: reset").fates()
	if len(list) != 2 || list[0].Stage != trace.LeftClient || list[1].Stage != trace.Processed || list[1].Exchange != 2 {
		t.Errorf("%+v", list)
	}
}

func TestFaultsFartherOn(t *testing.T) {
	far := lateAnswer()
	far.add(history.Event{From: history.AtHop, Kind: history.Fired, Hop: 1, Conn: 1, Exchange: 1, Fault: "hop 1: on request 1, answer: reset"})
	list := far.fates()
	if len(list) != 1 || list[0].Exchange != 1 || !slices.Equal(list[0].Faults, []string{"hop 1: on request 1, answer: reset"}) {
		t.Errorf("%+v", list)
	}
}

// What became false on the way is told, whoever did it.
func TestFalsifiedAnswers(t *testing.T) {
	lying := lateAnswer().answer(1, 1, "1.2", true).answer(0, 1, "1.2", true)
	last := len(lying.events) - 1
	lying.events[last].Data = []byte("MSG")
	lying.events[last-1].Data = bytes.Replace(lying.events[last-1].Data, []byte("\r\n\r\n"), []byte("\r\nContent-Encoding: gzip\r\n\r\n"), 1)
	list := lying.ask(first, chg).whole().fates()
	if len(list) != 1 || list[0].Stage != trace.AnswerArrived || list[0].Falsified != "its Content-Encoding gzip is a lie, by box 1" || len(list[0].Faults) > 0 {
		t.Errorf("%+v", list)
	}
}

func TestUndisturbed(t *testing.T) {
	if list := lateAnswer().answer(1, 1, "1.2", true).answer(0, 1, "1.2", true).fates(); list == nil || len(list) != 0 {
		t.Errorf("%+v", list)
	}
}

func TestABadLineIsToldInPart(t *testing.T) {
	bad := begin(1)
	for range 2 * most {
		bad.ask(first, chg).whole().lose()
	}
	if n := len(bad.fates()); n != most {
		t.Errorf("%d fates", n)
	}
}

func TestFateOnALine(t *testing.T) {
	for want, f := range map[string]Fate{
		"request 3 (NS poll) was processed, nothing of the answer left; the client repeated it: request 4, after 0.050s": {
			Exchange: 3, Request: "NS poll", Stage: trace.Processed, Concluded: []Conclusion{RepeatedIt}, Next: 4, After: 50},
		"request 3 (NS poll) was answered, and the answer arrived, falsified (its length is 6 too small, by box 1); the client went on: request 4, after 0.050s": {
			Exchange: 3, Request: "NS poll", Stage: trace.AnswerArrived, Falsified: "its length is 6 too small, by box 1", Concluded: []Conclusion{WentOn}, Next: 4, After: 50},
		"request 1 (NS poll) was processed, and its answer did not arrive whole; the client repeated it: request 1, after 1.500s": {
			Exchange: 1, Request: "NS poll", Stage: trace.AnswerLeft, Concluded: []Conclusion{RepeatedIt}, Next: 1, After: 1500},
		"a request that was not seen never left the client; the client reported failure, fell silent": {
			Stage: trace.NeverLeft, Concluded: []Conclusion{ReportedFailure, FellSilent}},
	} {
		if f.String() != want {
			t.Errorf("%s\nwant %s", f, want)
		}
	}
}
