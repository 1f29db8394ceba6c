package report

import (
	"strings"
	"testing"

	"gauntlet/harness/judge/economy"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/run/rig"
)

func TestDearer(t *testing.T) {
	usual := economy.Figures{Requests: 40, Connections: 2, Sent: 10000, Received: 9000, Messages: 5, Recovered: 100}
	with := func(change func(*economy.Figures)) economy.Figures {
		f := usual
		change(&f)
		return f
	}
	for name, c := range map[string]struct {
		now  economy.Figures
		says string
	}{
		"the same":            {usual, ""},
		"a little":            {with(func(f *economy.Figures) { f.Requests = 45 }), ""},
		"one connection more": {with(func(f *economy.Figures) { f.Connections = 3 }), ""},
		"many requests":       {with(func(f *economy.Figures) { f.Requests = 60 }), "60 requests, before 40"},
		"many connections":    {with(func(f *economy.Figures) { f.Connections = 9 }), "9 connections, before 2"},
		"bytes":               {with(func(f *economy.Figures) { f.Sent, f.Received = 20000, 20000 }), "20000 bytes sent, before 10000; 20000 bytes received, before 9000"},
		"slower":              {with(func(f *economy.Figures) { f.Recovered = 9000 }), "back after 9000 ms, before 100"},
		"never back":          {with(func(f *economy.Figures) { f.Recovered = -1 }), ""},
	} {
		if got := dearer(usual, c.now); got != c.says {
			t.Errorf("%s: %q, want %q", name, got, c.says)
		}
	}
}

func TestDiffTellsOfCosts(t *testing.T) {
	green := func(requests int) []rig.Result {
		return []rig.Result{{ID: "a", Status: oracle.Pass, Economy: economy.Figures{Requests: requests, Messages: 5}}}
	}
	list := Diff(green(10), green(40))
	if len(list) != 1 || list[0].Change != Costlier || list[0].Reason != "40 requests, before 10" {
		t.Errorf("%+v", list)
	}
	var out strings.Builder
	PrintEconomy(&out, green(10), green(40))
	for _, want := range []string{"a message cost  2.0 requests", "and now         8.0 requests"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in\n%s", want, out.String())
		}
	}
}
