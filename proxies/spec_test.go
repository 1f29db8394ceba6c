package proxies

import (
	"errors"
	"testing"
	"time"

	"gauntlet/proxies/network"
)

func TestSpecsParseAndPrintBack(t *testing.T) {
	for text, want := range map[string]Spec{
		"forward port 3128":                    {Kind: Forward, Port: 3128},
		"intercept":                            {Kind: Intercept},
		"intercept by host":                    {Kind: Intercept, Routing: ByHost},
		"intercept by original destination":    {Kind: Intercept, Routing: ByOriginalDestination},
		"relay port 8080":                      {Kind: Relay, Port: 8080},
		"forward plain port 8080":              {Kind: Forward, Port: 8080, Quirks: goproxyPlain()},
		"forward cancels upstream-timeout 30s": {Kind: Forward, Quirks: Quirks{Cancels: true, UpstreamTimeout: 30 * time.Second}},
		"forward failure-status 503":           {Kind: Forward, Quirks: Quirks{FailureStatus: 503}},
		"forward plain upstream-timeout 1m0s":  {Kind: Forward, Quirks: with(goproxyPlain(), Quirks{UpstreamTimeout: time.Minute})},
	} {
		got, err := ParseSpec(text)
		if err != nil || got != want || got.String() != text {
			t.Errorf("%q: %+v %q %v", text, got, got, err)
		}
	}
}

func with(q, more Quirks) Quirks {
	q.overlay(more)
	return q
}

func TestWordsMayComeInAnyOrder(t *testing.T) {
	got, err := ParseSpec("  intercept port 80   cancels by original destination ")
	if err != nil || got.String() != "intercept by original destination cancels port 80" {
		t.Errorf("%q %v", got, err)
	}
}

func TestSpecErrorsNameTheWord(t *testing.T) {
	for text, want := range map[string]SpecError{
		"":                         {Offset: 0, Word: "", Problem: "no such box"},
		"froward port 1":           {Offset: 0, Word: "froward", Problem: "no such box"},
		"forward prot 3128":        {Offset: 8, Word: "prot", Problem: "no such word for this box"},
		"forward port":             {Offset: 12, Word: "", Problem: "no such port"},
		"forward port 70000":       {Offset: 13, Word: "70000", Problem: "no such port"},
		"forward by host":          {Offset: 8, Word: "by", Problem: "no such word for this box"},
		"intercept by luck":        {Offset: 13, Word: "luck", Problem: "no such routing"},
		"relay cancels":            {Offset: 6, Word: "cancels", Problem: "no such word for this box"},
		"forward cancels  cancels": {Offset: 17, Word: "cancels", Problem: "given twice"},
		"forward failure-status 7": {Offset: 23, Word: "7", Problem: "not a number in the range"},
		"forward upstream-timeout": {Offset: 24, Word: "", Problem: "not a time"},
	} {
		_, err := ParseSpec(text)
		var got *SpecError
		if !errors.As(err, &got) || got.Text != text || got.Offset != want.Offset || got.Word != want.Word || got.Problem != want.Problem {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestChainsParseAndPrintBack(t *testing.T) {
	for text, want := range map[string]string{
		"direct":                              "direct",
		"forward port 3128 → relay port 8080": "forward port 3128 → relay port 8080",
		"intercept->forward plain port 8080":  "intercept → forward plain port 8080",
	} {
		if got, err := ParseChain(text); err != nil || got.String() != want {
			t.Errorf("%q: %q %v", text, got, err)
		}
	}
	for text, offset := range map[string]int{"": 0, "forward → ": 12, "forward → rely": 12, "relay -> forward prot": 17} {
		_, err := ParseChain(text)
		var got *SpecError
		if !errors.As(err, &got) || got.Offset != offset || got.Text != text {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestNewRefusesWhatCannotBe(t *testing.T) {
	n := &network.Loopback{}
	for _, s := range []Spec{{}, {Kind: "tls"}, {Kind: Forward, Routing: ByHost}, {Kind: Intercept, Routing: "luck"},
		{Kind: Forward, Port: -1}, {Kind: Relay, Quirks: Quirks{Cancels: true}}} {
		var wrong *SpecError
		if _, err := New(s, Options{Network: n}); !errors.As(err, &wrong) {
			t.Errorf("%+v: %v", s, err)
		}
	}
	for _, o := range []Options{{}, {Network: n, Parent: true}, {Network: n, Upstream: "no-port"}} {
		if _, err := New(Spec{Kind: Forward}, o); err == nil {
			t.Errorf("%+v: no error", o)
		}
	}
}

func FuzzParseChain(f *testing.F) {
	f.Add("forward plain port 8080 → intercept by original destination -> relay")
	f.Add("forward failure-status 503 upstream-timeout 1h2m3.5s pool-per-host 9")
	f.Fuzz(func(t *testing.T, text string) {
		chain, err := ParseChain(text)
		if err != nil {
			var wrong *SpecError
			if !errors.As(err, &wrong) || wrong.Offset < 0 || wrong.Offset+len(wrong.Word) > len(text) {
				t.Fatalf("%q: %#v", text, err)
			}
			return
		}
		again, err := ParseChain(chain.String())
		if err != nil || again.String() != chain.String() {
			t.Fatalf("%q prints %q, which gives %q, %v", text, chain, again, err)
		}
	})
}
