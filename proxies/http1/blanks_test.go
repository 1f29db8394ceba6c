package http1

import (
	"bytes"
	"strings"
	"testing"
)

// What is cut is what the standard library cuts.
func FuzzBlanks(f *testing.F) {
	for _, seed := range []string{"", " ", "a", "\r\n\r\n", " \t\r\na b\r\n", "\x00\v\u00a0 a\u0085", "a\r\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		const blanks, ends = " \t\r\n", "\r\n"
		if got, want := trim(text), strings.Trim(text, blanks); got != want {
			t.Errorf("trim %q: %q, want %q", text, got, want)
		}
		if got, want := trim([]byte(text)), bytes.Trim([]byte(text), blanks); !bytes.Equal(got, want) {
			t.Errorf("trim %q: %q, want %q", text, got, want)
		}
		if got, want := trimEnd(text), strings.TrimRight(text, ends); got != want {
			t.Errorf("trimEnd %q: %q, want %q", text, got, want)
		}
		if got, want := lead(text), len(text)-len(strings.TrimLeft(text, ends)); got != want {
			t.Errorf("lead %q: %d, want %d", text, got, want)
		}
	})
}
