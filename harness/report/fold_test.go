package report

import (
	"slices"
	"testing"
)

func TestFold(t *testing.T) {
	for _, c := range []struct {
		text          string
		width, indent int
		want          []string
	}{
		{"  fault      on poll 2: reset", 0, 13, []string{"  fault      on poll 2: reset"}},
		{"  fault      on poll 2: reset", 29, 13, []string{"  fault      on poll 2: reset"}},
		{"  fault      on poll 2: reset", 28, 13, []string{"  fault      on poll 2:", "             reset"}},
		{"one two three four", 9, 2, []string{"one two", "  three", "  four"}},
		{`    1.0s  "poll" → 200, 7 bytes`, 29, 6, []string{`    1.0s  "poll"`, "      → 200, 7 bytes"}},
		{"ünd größer ähnlich", 10, 0, []string{"ünd größer", "ähnlich"}},
		{"ünd größer ähnlich", 9, 0, []string{"ünd", "größer", "ähnlich"}},
		{"one-word-of-some-length", 9, 2, []string{"one-word-of-some-length"}},
		{"one-word-of-some-length and more", 9, 2, []string{"one-word-of-some-length", "  and", "  more"}},
		{"", 9, 2, []string{""}},
	} {
		if got := Fold(c.text, c.width, c.indent); !slices.Equal(got, c.want) {
			t.Errorf("%q in %d: %q, want %q", c.text, c.width, got, c.want)
		}
	}
}
