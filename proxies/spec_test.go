package proxies

import (
	"errors"
	"io"
	"reflect"
	"slices"
	"testing"

	"gauntlet/proxies/network"
	"gauntlet/proxies/syntax"
)

func TestSpecsParseAndPrintBack(t *testing.T) {
	for text, want := range map[string]Spec{
		"forward port 3128":                    {Kind: Forward, Port: 3128},
		"socks5 port 1081 ipv6":                {Kind: Socks5, Port: 1081, IPv6: true},
		"intercept":                            {Kind: Intercept},
		"intercept by host":                    {Kind: Intercept, Routing: ByHost},
		"intercept by original destination":    {Kind: Intercept, Routing: ByOriginalDestination},
		"relay port 8080":                      {Kind: Relay, Port: 8080},
		"forward plain port 8080":              {Kind: Forward, Port: 8080, Quirks: plain().bundle},
		"forward cancels upstream-timeout 30s": {Kind: Forward, Quirks: Settings{{Word: "cancels"}, {"upstream-timeout", "30s"}}},
		"forward failure-status 503":           {Kind: Forward, Quirks: Settings{{"failure-status", "503"}}},
		"forward plain upstream-timeout 1m0s":  {Kind: Forward, Quirks: Settings(plain().bundle).With(Setting{"upstream-timeout", "1m0s"})},
	} {
		got, err := ParseSpec(text)
		if err != nil || !reflect.DeepEqual(got, want) || got.String() != text {
			t.Errorf("%q: %+v %q %v", text, got, got, err)
		}
	}
}

func TestWordsMayComeInAnyOrder(t *testing.T) {
	got, err := ParseSpec("  intercept port 80   cancels by original destination ")
	if err != nil || got.String() != "intercept by original destination cancels port 80" {
		t.Errorf("%q %v", got, err)
	}
}

func TestSpecErrorsNameTheWord(t *testing.T) {
	for text, want := range map[string]syntax.Error{
		"":                         {Offset: 0, Word: "", Problem: "no such box"},
		"froward port 1":           {Offset: 0, Word: "froward", Problem: "no such box"},
		"forward prot 3128":        {Offset: 8, Word: "prot", Problem: "no such word for this box"},
		"forward port":             {Offset: 12, Word: "", Problem: "no such port"},
		"forward port 70000":       {Offset: 13, Word: "70000", Problem: "no such port"},
		"forward by host":          {Offset: 8, Word: "by", Problem: "no such word for this box"},
		"intercept by luck":        {Offset: 13, Word: "luck", Problem: "no such routing"},
		"intercept ipv6":           {Offset: 10, Word: "ipv6", Problem: "no such word for this box"},
		"relay cancels":            {Offset: 6, Word: "cancels", Problem: "no such word for this box"},
		"forward cancels  cancels": {Offset: 17, Word: "cancels", Problem: "given twice"},
		"forward failure-status 7": {Offset: 23, Word: "7", Problem: "not a number in the range"},
		"forward upstream-timeout": {Offset: 24, Word: "", Problem: "not a time"},
	} {
		_, err := ParseSpec(text)
		var got *syntax.Error
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
		if got, err := Profiles(nil).ParseChain(text); err != nil || got.String() != want {
			t.Errorf("%q: %q %v", text, got, err)
		}
	}
	for text, offset := range map[string]int{"": 0, "forward → ": 12, "forward → rely": 12, "relay -> forward prot": 17} {
		_, err := Profiles(nil).ParseChain(text)
		var got *syntax.Error
		if !errors.As(err, &got) || got.Offset != offset || got.Text != text {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestNewRefusesWhatCannotBe(t *testing.T) {
	n := &network.Loopback{}
	for _, s := range []Spec{{}, {Kind: "tlss"}, {Kind: Forward, Routing: ByHost}, {Kind: Intercept, Routing: "luck"},
		{Kind: Forward, Port: -1}, {Kind: Relay, Quirks: Settings{{Word: "cancels"}}},
		{Kind: Forward, Quirks: Settings{{Word: "unheard-of"}}}, {Kind: Forward, Quirks: Settings{{"failure-status", "7"}}},
		{Kind: Forward, Quirks: Settings{{"cancels", "twice"}}}, {Kind: Forward, Quirks: Settings{{"via", "a b"}}}} {
		var wrong *syntax.Error
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
		chain, err := Profiles(nil).ParseChain(text)
		if err != nil {
			var wrong *syntax.Error
			if !errors.As(err, &wrong) || wrong.Offset < 0 || wrong.Offset+len(wrong.Word) > len(text) {
				t.Fatalf("%q: %#v", text, err)
			}
			return
		}
		again, err := Profiles(nil).ParseChain(chain.String())
		if err != nil || again.String() != chain.String() {
			t.Fatalf("%q prints %q, which gives %q, %v", text, chain, again, err)
		}
	})
}

func TestProfilesStandForBoxes(t *testing.T) {
	squid := Spec{Kind: Forward, Quirks: Settings{{Word: "fresh-upstream"}}}
	known := Profiles(func() (map[string]Spec, error) { return map[string]Spec{"squid": squid}, nil })
	got, err := known.ParseChain("profile squid port 3128 for 10s then portal for 1m0s then profile squid → relay")
	if err != nil || got.String() != "profile squid port 3128 for 10s then portal for 1m0s then profile squid → relay" ||
		got[0].Kind != Forward || !slices.Equal(got[0].Quirks, squid.Quirks) || !slices.Equal(got[0].Then.Then.Quirks, squid.Quirks) || got[0].Port != 3128 {
		t.Errorf("%q %+v %v", got, got, err)
	}
}

func TestBoxesOfEachKindParseAndPrintBack(t *testing.T) {
	for _, text := range []string{
		"connect basic a:b port 8080", "tls via x answers port 8080", "socks4 login me port 1080", "socks4a", "socks5 egress 3 login me:you port 1080",
		"portal redirects", "down for 10s then relay", "forward port 80 for 10s then portal for 1m0s then forward", "forward retries all 3 via x",
		"forward caches 10s ignoring-query client-idle 30s announced upstream-idle 5s", "forward retries empty", "forward sets-in-answer A:1,B:2 sets-in-request C:3",
	} {
		if got, err := ParseSpec(text); err != nil || got.String() != text {
			t.Errorf("%q: %q %v", text, got, err)
		}
	}
}

func TestProfilesAreReadWhenATextNamesOne(t *testing.T) {
	broken := Profiles(func() (map[string]Spec, error) { return nil, io.ErrUnexpectedEOF })
	if _, err := broken.ParseChain("forward port 8080 for 10s then relay"); err != nil {
		t.Errorf("nobody asked for one, and %v", err)
	}
	if _, err := broken.ParseChain("relay -> profile squid"); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%v", err)
	}
}

func TestChainsThatCannotWork(t *testing.T) {
	known := Profiles(func() (map[string]Spec, error) { return map[string]Spec{"known": {Kind: Relay}}, nil })
	for text, want := range map[string]syntax.Error{
		"forward → socks4":                       {Offset: 12, Word: "socks4", Problem: "a box before it dials names, and SOCKS 4 carries addresses only; use socks4a"},
		"portal → forward":                       {Offset: 11, Word: "forward", Problem: "nothing gets past a portal; it can only be the last, or a time: portal for 1m then relay"},
		"relay → down → relay":                   {Offset: 19, Word: "relay", Problem: "nothing gets past a box that is down; it can only be for a time: down for 3s then relay"},
		"forward basic a:b -> forward basic a:b": {Offset: 21, Word: "forward", Problem: "the box before it hides the client's password from it"},
		"forward upstream-http2 → relay":         {Offset: 0, Word: "forward", Problem: "it speaks HTTP/2 with what comes next, which can only be a forward or an intercepting box, or the gateway"},
		"forward upstream-http2 pool-bound":      {Offset: 23, Word: "pool-bound", Problem: "pool-bound is about HTTP/1, and means nothing beside upstream-http2"},
		"forward plain upstream-http2":           {Offset: 14, Word: "upstream-http2", Problem: "canonical-names is about HTTP/1, and means nothing beside upstream-http2"},
		"forward for 10s":                        {Offset: 15, Word: "", Problem: "nothing is said of what comes then"},
		"forward for 10s then":                   {Offset: 20, Word: "", Problem: "no such box"},
		"forward for ever then relay":            {Offset: 12, Word: "ever", Problem: "not a time"},
		"forward for 10s then relay port 8":      {Offset: 27, Word: "port", Problem: "what follows stands on the same port"},
		"profile squid":                          {Offset: 8, Word: "squid", Problem: "no such profile"},
		"profile known cancels":                  {Offset: 14, Word: "cancels", Problem: "a profile is a whole; write out the box to change it"},
		"socks5 basic a:b":                       {Offset: 7, Word: "basic", Problem: "no such word for this box"},
		"forward basic secret":                   {Offset: 14, Word: "secret", Problem: "not what belongs here"},
		"forward sets-in-answer A":               {Offset: 23, Word: "A", Problem: "not what belongs here"},
		"forward retries all 1":                  {Offset: 20, Word: "1", Problem: "not a number in the range"},
		"forward egress 1":                       {Offset: 15, Word: "1", Problem: "not a number in the range"},
		"forward retries twice":                  {Offset: 16, Word: "twice", Problem: "not what belongs here"},
	} {
		_, err := known.ParseChain(text)
		var got *syntax.Error
		if !errors.As(err, &got) || got.Text != text || got.Offset != want.Offset || got.Word != want.Word || got.Problem != want.Problem {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, c := range []Chain{{{Kind: Portal}, {Kind: Relay}}, {{Kind: Forward, Then: &Spec{Kind: Relay}}}, {{Kind: Forward, For: 1}},
		{{Kind: Relay, Then: &Spec{Kind: Relay, Port: 1}, For: 1}}, {{Kind: Socks5, Quirks: Settings{{"basic", "a:b"}}}}} {
		var got *syntax.Error
		if err := c.Check(); !errors.As(err, &got) {
			t.Errorf("%s: %v", c, err)
		}
	}
}
