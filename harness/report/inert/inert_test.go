package inert

import (
	"encoding/json"
	"errors"
	"testing"
	"unicode/utf8"
)

func TestLine(t *testing.T) {
	for text, want := range map[string]string{
		"plain, Grüße, 日本, 😀":            "plain, Grüße, 日本, 😀",
		"\x1b[2J\x1b]0;owned\x07":        `\x1b[2J\x1b]0;owned\x07`,
		"a\r\nb\tc\x00":                  `a\r\nb\tc\x00`,
		"\u009b31m":                      `\u009b31m`,
		"evil\u202etxt.exe\u2028\u200b":  `evil\u202etxt.exe\u2028\u200b`,
		"caf\xe9 \xff\xfe\xf0\x9f\x98":   `caf\xe9 \xff\xfe\xf0\x9f\x98`,
		"tag \U000e0041 private \ue000":  `tag \U000e0041 private \ue000`,
		"<script>alert('&')</script> \\": "<script>alert('&')</script> \\",
	} {
		if got := Line(text); got != want || !utf8.ValidString(got) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestBlockKeepsLines(t *testing.T) {
	if got := Block("a\n\tb\x1b\r\n"); got != "a\n\tb\\x1b\\r\n" {
		t.Errorf("%q", got)
	}
}

func TestShort(t *testing.T) {
	for text, want := range map[string]string{"abcd": "abcd", "abcde": "abcd… (5 bytes)", "abcé": "abc… (5 bytes)", "\xff\xff\xff\xff\xff": `\xff\xff\xff\xff… (5 bytes)`} {
		if got := Short(text, 4); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestJSONMeansTheSame(t *testing.T) {
	for _, text := range []string{"plain, Grüße", "\x1b\u009b\u202e\x7f\U000e0041\ufffd\n", "caf\xe9"} {
		encoded, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		var want, got string
		if err := errors.Join(json.Unmarshal(encoded, &want), json.Unmarshal(JSON(encoded), &got)); err != nil || got != want {
			t.Errorf("%q: %q, %v", want, got, err)
		}
		if safe := string(JSON(encoded)); Line(safe) != safe {
			t.Errorf("%q acts", safe)
		}
	}
}

func TestScreen(t *testing.T) {
	for text, want := range map[string]string{
		"\x1b[31mFail\x1b[0m  a\tb\n":       "\x1b[31mFail\x1b[0m  a\tb\n",
		"\x1b[2J\x1b[8mhidden\x1b[31":       `\x1b[2J\x1b[8mhidden\x1b[31`,
		"\x1b\x1b[0m\x1b]0;owned\x07\u202e": `\x1b` + "\x1b[0m" + `\x1b]0;owned\x07\u202e`,
		"\x1b":                              `\x1b`,
	} {
		if got := Screen(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
