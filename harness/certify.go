package harness

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// Certify judges a client by the cases, in a subtest each: its name is the
// case's id, so that `go test -run 'TestMine/^cut-message-'` picks some. What
// fails is told as the command tells it: the requirement, the reason, the
// exchanges, the command for it alone. A case that this mode cannot express, or
// that the client does not support, is skipped; one that could not be concluded
// fails.
func Certify(t *testing.T, o Options) {
	t.Helper()
	plan, err := NewPlan(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := plan.door.Finish(); err != nil {
			t.Error(err)
		}
	})
	for _, c := range plan.Cases {
		t.Run(c.ID, func(t *testing.T) { plan.test(t, c) })
	}
}

// tell turns a finding into the end of a test.
func tell(t *testing.T, f Finding) {
	switch {
	case f.Failed:
		t.Error("\n" + f.Text)
	case f.Skipped:
		t.Skip(f.Text)
	default:
		t.Log(f.Text)
	}
}

// alone is the command that runs one subtest.
func alone(name string) string {
	words := strings.Split(name, "/")
	for i, word := range words {
		words[i] = "^" + regexp.QuoteMeta(word) + "$"
	}
	return fmt.Sprintf("go test -run '%s' .", strings.Join(words, "/"))
}
