package workload

import (
	"slices"
	"strings"
	"testing"
)

func TestScriptsPrintBack(t *testing.T) {
	for _, name := range Names() {
		script, ok := Named(name)
		if !ok {
			t.Fatalf("%s does not parse", name)
		}
		again, err := Parse(script.Lines())
		if err != nil || !slices.Equal(again, script) {
			t.Errorf("%s: %v, %v", name, again, err)
		}
	}
}

func TestMistakesAreNamed(t *testing.T) {
	for text, want := range map[string]string{
		"sing in":                     `unknown step "sing in"; allowed: sign in`,
		"sign in now":                 `nothing may follow "sign in"`,
		"sign in|stay soon":           `"soon" is not a duration`,
		"sign in|stay -1s":            `"-1s" is not a duration`,
		"sign in|send many messages":  `is not a number of messages`,
		"sign in|send 0 messages":     `is not a number of messages`,
		"stay 1s":                     `before the user has signed in`,
		"sign in|send 1 message":      `without an open chat`,
		"sign in|sign in":             `signed in already`,
		"sign in|sign out|open chat":  `before the user has signed in`,
		"sign in|open chat|sendoff 1": `line 3: unknown step`,
		"sign in|stay 20h|stay 5h":    `line 3: the pauses last longer than 24h0m0s, which is the most`,
		"sign in|stay 2000000h|stay 2000000h|stay 2000000h":       `line 2: the pauses last longer than 24h0m0s`,
		"sign in|open chat|send 6000 messages|hear 6000 messages": `line 4: more than 10000 messages, which is the most`,
		"sign in|open chat|send 9223372036854775807 messages":     `line 3: more than 10000 messages`,
	} {
		_, err := Parse(strings.Split(text, "|"))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q in it", text, err, want)
		}
	}
}
