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

func TestSayingsPrintBack(t *testing.T) {
	script, err := Parse([]string{
		"sign in", "open chat", `send "\U0001F600 a\tb\r\n"`, `hear "\U0001F600 a\tb\r\n"`, `send ""`, "send 2 messages of 3000 bytes", "hear 1 message of 40 bytes",
		"contacts come", "suspend 5m0s", "gateway restarts 5s", "sign out",
	})
	if err != nil {
		t.Fatal(err)
	}
	if s := script[2]; s.Text != "\U0001F600 a\tb\r\n" || !s.Literal || s.Count != 1 {
		t.Errorf("%+v", s)
	}
	if s := script[5]; s.Size != 3000 || s.Count != 2 {
		t.Errorf("%+v", s)
	}
	if again, err := Parse(script.Lines()); err != nil || !slices.Equal(again, script) {
		t.Errorf("%v, %v", again, err)
	}
}

// Each word has an example with it in it.
func TestExamples(t *testing.T) {
	for _, w := range Words() {
		script, err := Parse(w.Example)
		if err != nil || !slices.ContainsFunc(script, func(s Step) bool { return s.Verb == w.Verb }) {
			t.Errorf("%s: %v, %v", w.Verb, script, err)
		}
	}
}

func TestMistakesAreNamed(t *testing.T) {
	for text, want := range map[string]string{
		"sing in":                                                 `unknown step "sing in"; allowed: sign in`,
		"sign in now":                                             `nothing may follow "sign in"`,
		"sign in|stay soon":                                       `"soon" is not a duration`,
		"sign in|stay -1s":                                        `"-1s" is not a duration`,
		"sign in|send many messages":                              `is not a number of messages`,
		"sign in|send 0 messages":                                 `is not a number of messages`,
		"stay 1s":                                                 `before the user has signed in`,
		"sign in|send 1 message":                                  `without an open chat`,
		"sign in|sign in":                                         `signed in already`,
		"sign in|sign out|open chat":                              `before the user has signed in`,
		"sign in|open chat|sendoff 1":                             `line 3: unknown step`,
		`sign in|open chat|send "a|b`:                             `is not a text in quotes`,
		`sign in|open chat|send "\xff"`:                           `is not a text in quotes`,
		`sign in|open chat|send "a"|hear "a"|send "a"`:            `line 5: "a" was said before`,
		"sign in|open chat|send 1 message of 39 bytes":            `"39" is not a number of bytes from 40`,
		"sign in|open chat|send 1 message of 99 words":            `is not a number of messages`,
		"sign in|open chat|send 200 messages of 65536 bytes":      `line 3: messages of more than 8388608 bytes`,
		"sign in|stay 20h|stay 5h":                                `line 3: the pauses last longer than 24h0m0s, which is the most`,
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
