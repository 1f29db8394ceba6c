package rig

import (
	"fmt"
	"testing"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
)

// failed is a must that exchanges broke.
func failed(id requirement.ID, exchanges ...int) oracle.Verdict {
	return oracle.Verdict{Requirement: id, Level: requirement.Must, Status: oracle.Fail, Reason: "because", Exchanges: exchanges}
}

// ofEnd is one that failed because the client ended.
func ofEnd(id requirement.ID) oracle.Verdict {
	v := failed(id)
	v.ComesOf = "command.carried-out"
	return v
}

func TestFindings(t *testing.T) {
	should := failed("poll.pace", 4)
	should.Level = requirement.Should
	lost := failed("connection.session-survives", 4)
	lost.Level = requirement.Should
	for name, c := range map[string]struct {
		verdicts []oracle.Verdict
		want     string
		reason   string
	}{
		"one":                       {[]oracle.Verdict{failed("open.begins", 1)}, "open.begins[]", "open.begins: because"},
		"the heaviest loss first":   {[]oracle.Verdict{failed("exchange.form", 1), failed("close.says-out", 7), failed("command.not-lost")}, "command.not-lost[] close.says-out[] exchange.form[]", "command.not-lost: because"},
		"what follows is under it":  {[]oracle.Verdict{failed("session-id.newest", 9), failed("close.honoured", 8, 9), failed("close.reopens-once", 9)}, "close.honoured[session-id.newest close.reopens-once]", "close.honoured: because"},
		"by way of another":         {[]oracle.Verdict{failed("close.honoured", 2, 3), failed("close.reopens-once", 5), failed("exchange.one-in-flight", 3, 5)}, "close.honoured[exchange.one-in-flight close.reopens-once]", "close.honoured: because"},
		"its loss lifts the defect": {[]oracle.Verdict{failed("exchange.form", 1), failed("exchange.one-in-flight", 2, 3), failed("command.not-doubled", 3)}, "exchange.one-in-flight[command.not-doubled] exchange.form[]", "exchange.one-in-flight: because"},
		"a cause before its losses": {[]oracle.Verdict{failed("session-id.newest", 2), failed("connection.session-survives", 3), failed("command.not-lost")}, "session-id.newest[connection.session-survives command.not-lost]", "session-id.newest: because"},
		"a way that leads nowhere":  {[]oracle.Verdict{failed("command.not-lost"), failed("poll.keeps-going", 9), failed("route.proxy-port")}, "route.proxy-port[command.not-lost poll.keeps-going]", "route.proxy-port: because"},
		"in one exchange, too":      {[]oracle.Verdict{failed("close.reopens-once", 20), failed("command.no-png", 20)}, "command.no-png[close.reopens-once]", "command.no-png: because"},
		"its second half, too":      {[]oracle.Verdict{failed("session-id.newest", 11), failed("command.not-doubled", 10, 11)}, "session-id.newest[command.not-doubled]", "session-id.newest: because"},
		"but no loss before it":     {[]oracle.Verdict{failed("connection.session-survives", 3), failed("session-id.newest", 7)}, "connection.session-survives[] session-id.newest[]", "connection.session-survives: because"},
		"nor what costs nothing":    {[]oracle.Verdict{failed("session-id.newest", 2), failed("poll.not-too-often", 3)}, "session-id.newest[] poll.not-too-often[]", "session-id.newest: because"},
		"without an exchange":       {[]oracle.Verdict{failed("command.carried-out"), failed("poll.keeps-going")}, "command.carried-out[] poll.keeps-going[]", "command.carried-out: because"},
		"a vague one is under it":   {[]oracle.Verdict{failed("exchange.form", 1), failed("command.carried-out")}, "exchange.form[command.carried-out]", "exchange.form: because"},
		"but not what is known":     {[]oracle.Verdict{failed("exchange.form", 1), failed("command.carried-out", 5), failed("poll.not-too-often", 5)}, "command.carried-out[poll.not-too-often] exchange.form[]", "command.carried-out: because"},
		"what comes of another":     {[]oracle.Verdict{ofEnd("command.not-lost"), failed("command.carried-out")}, "command.carried-out[command.not-lost]", "command.carried-out: because"},
		"and lifts it":              {[]oracle.Verdict{ofEnd("command.not-lost"), failed("command.not-doubled", 2), failed("command.carried-out", 5)}, "command.carried-out[command.not-lost] command.not-doubled[]", "command.carried-out: because"},
		"and goes with it":          {[]oracle.Verdict{ofEnd("answer.delivered"), failed("exchange.form", 2), failed("command.carried-out")}, "exchange.form[command.carried-out answer.delivered]", "exchange.form: because"},
		"and that is not told":      {[]oracle.Verdict{ofEnd("command.not-lost"), failed("exchange.form", 2)}, "command.not-lost[] exchange.form[]", "command.not-lost: because"},
		"and of that another":       {[]oracle.Verdict{ofEnd("command.not-lost"), ofEnd("command.carried-out")}, "command.not-lost[command.carried-out]", "command.not-lost: because"},
		"a should is none":          {[]oracle.Verdict{should, failed("open.begins", 4)}, "open.begins[]", "open.begins: because"},
		"but of what has no other":  {[]oracle.Verdict{lost, failed("command.carried-out")}, "connection.session-survives[command.carried-out]", "connection.session-survives: because"},
		"nor of what has effects":   {[]oracle.Verdict{lost, ofEnd("command.not-lost"), failed("command.carried-out")}, "command.carried-out[command.not-lost]", "command.carried-out: because"},
		"not of what names its own": {[]oracle.Verdict{lost, failed("command.carried-out", 5)}, "command.carried-out[]", "command.carried-out: because"},
		"nor if it loses nothing":   {[]oracle.Verdict{should, failed("command.carried-out")}, "command.carried-out[]", "command.carried-out: because"},
		"nor alone":                 {[]oracle.Verdict{should}, "", ""},
	} {
		r := Result{Verdicts: c.verdicts}
		r.settle(nil)
		got := ""
		for i, f := range r.Findings() {
			if i > 0 {
				got += " "
			}
			ids := []requirement.ID{}
			for _, v := range f.Follows {
				ids = append(ids, v.Requirement)
			}
			got += fmt.Sprintf("%s%v", f.Requirement, ids)
		}
		if got != c.want || r.Reason != c.reason {
			t.Errorf("%s: %s, %q; want %s, %q", name, got, r.Reason, c.want, c.reason)
		}
	}
}

// The heavier loss stands first, whatever came first.
func TestLosses(t *testing.T) {
	heaviest := []requirement.ID{
		"command.not-lost", "answer.delivered", "command.not-doubled", "command.in-order", "command.carried-out",
		"connection.session-survives", "poll.keeps-going", "connection.recovers", "close.says-out", "exchange.form",
	}
	for i, id := range heaviest[:len(heaviest)-1] {
		r := Result{Verdicts: []oracle.Verdict{failed(heaviest[i+1], 1), failed(id, 2)}}
		if list := r.Findings(); len(list) != 2 || list[0].Requirement != id {
			t.Errorf("%s before %s: %+v", id, heaviest[i+1], list)
		}
	}
}

// A session that is lost is put down to the first breach that loses it.
func TestCauses(t *testing.T) {
	for _, cause := range []requirement.ID{
		"open.begins", "open.dispatch-host", "open.switchboard", "exchange.one-in-flight", "session-id.newest", "gateway-ip.followed", "command.no-png", "profile.accepted", "close.reopens-once",
	} {
		r := Result{Verdicts: []oracle.Verdict{failed("command.not-lost"), failed(cause, 4), failed("connection.session-survives", 4, 6)}}
		r.settle(nil)
		if list := r.Findings(); len(list) != 1 || list[0].Requirement != cause || len(list[0].Follows) != 2 {
			t.Errorf("%s: %+v", cause, list)
		}
	}
}

// What nobody could do blocks the case if it is a must, or what the case is to
// prove.
func TestSettleBlocked(t *testing.T) {
	for _, c := range []struct {
		level  requirement.Level
		proves bool
		want   oracle.Status
	}{
		{requirement.Must, false, oracle.Blocked}, {requirement.Should, true, oracle.Blocked}, {requirement.Should, false, oracle.Pass},
	} {
		v := oracle.Verdict{Requirement: "poll.pace", Level: c.level, Status: oracle.Blocked, Reason: "because"}
		r := Result{Verdicts: []oracle.Verdict{v}}
		var proves []requirement.ID
		if c.proves {
			proves = append(proves, v.Requirement)
		}
		if r.settle(proves); r.Status != c.want {
			t.Errorf("%s, to be proved %t: %s", c.level, c.proves, r.Status)
		}
	}
}

// What a client was refused on the way is said where it did not pass.
func TestSettleTurnedAway(t *testing.T) {
	for status, want := range map[oracle.Status]string{oracle.Fail: "open.begins: because; refused: x", oracle.Pass: ""} {
		v := failed("open.begins")
		v.Status = status
		r := Result{Verdicts: []oracle.Verdict{v}, TurnedAway: "; refused: x"}
		if r.settle(nil); r.Reason != want {
			t.Errorf("%s: %q, want %q", status, r.Reason, want)
		}
	}
}

// A run that says nothing of the client accuses it of nothing.
func TestAccuses(t *testing.T) {
	for status, want := range map[oracle.Status]bool{
		oracle.Fail: true, oracle.Inconclusive: true, oracle.Blocked: true, oracle.Broken: false, oracle.NotApplicable: false, oracle.Unsupported: false,
	} {
		r := Result{Status: status, Verdicts: []oracle.Verdict{failed("open.begins")}}
		if r.Accuses() != want {
			t.Errorf("%s: %t", status, r.Accuses())
		}
	}
}

// What began in a simpler world blocks the case that is to prove it, if it is a must.
func TestSettleSince(t *testing.T) {
	for level, want := range map[requirement.Level]oracle.Status{requirement.Must: oracle.Blocked, requirement.Should: oracle.Pass, requirement.Informational: oracle.Pass} {
		v := failed("connection.kept", 4)
		v.Level, v.Since = level, string(Undisturbed)
		r := Result{Verdicts: []oracle.Verdict{v}}
		r.settle([]requirement.ID{v.Requirement})
		if r.Status != want {
			t.Errorf("%s: %s: %s, want %s", level, r.Status, r.Reason, want)
		}
	}
}

// Where shoulds count, a case that passed but for one fails by it.
func TestFindingsOfShoulds(t *testing.T) {
	should := failed("poll.pace", 4)
	should.Level = requirement.Should
	r := Result{Verdicts: []oracle.Verdict{should}}
	r.settle(nil)
	if r.CountShoulds(); r.Status != oracle.Fail || r.Reason != "poll.pace: because" || len(r.Findings()) != 1 || r.BrokeMust() {
		t.Errorf("%+v", r)
	}
	r = Result{Status: oracle.Inconclusive, Verdicts: []oracle.Verdict{should}}
	if r.CountShoulds(); r.Status != oracle.Inconclusive {
		t.Errorf("%+v", r)
	}
}

func TestEarlier(t *testing.T) {
	must, should, here := failed("open.begins"), failed("poll.pace"), failed("exchange.form")
	must.Since, should.Since, should.Level = string(Undisturbed), string(Undisturbed), requirement.Should
	passed := oracle.Verdict{Requirement: "close.says-out", Level: requirement.Must, Status: oracle.Pass, Since: string(Undisturbed)}
	r := Result{Verdicts: []oracle.Verdict{must, should, here, passed}}
	if got := r.Earlier(); len(got) != 1 || got[0].Requirement != must.Requirement {
		t.Errorf("%+v", got)
	}
	r.CountShoulds()
	if got := r.Earlier(); len(got) != 2 || got[1].Requirement != should.Requirement {
		t.Errorf("strictly: %+v", got)
	}
}

func TestWeaken(t *testing.T) {
	r := Result{Verdicts: []oracle.Verdict{{Status: oracle.Pass}, {Status: oracle.Fail, Reason: "because"}}}
	r.weaken("never fired")
	if v := r.Verdicts; v[0].Status != oracle.Inconclusive || v[0].Reason != "never fired" || v[1].Status != oracle.Fail || v[1].Reason != "because" || r.Status != oracle.Inconclusive {
		t.Errorf("%+v", r)
	}
}
