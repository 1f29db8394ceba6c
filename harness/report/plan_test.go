package report

import (
	"os"
	"path/filepath"
	"testing"
)

// A plan that can be read can be written again, and is the same one then.
func FuzzPlan(f *testing.F) {
	f.Add(`{"client": "built-in", "mode": "virtual", "seed": 1, "cases": ["a", "b"], "expects": {"failures": [], "through": null}}`)
	f.Add(`{"client": "mine.yaml", "digest": "00", "mode": "netns", "seed": 18446744073709551615, "select": ["x*"], "strict": true, "cases": null}`)
	f.Add(`{"expects": {"failures": [{"case": "a", "requirement": "b", "reason": "c"}]}}`)
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text string) {
		if err := os.WriteFile(filepath.Join(dir, planName), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		p, err := ReadPlan(dir)
		if err != nil {
			return
		}
		if err := (RunDir{Path: dir}).Begin(p); err != nil {
			t.Fatal(err)
		}
		again, err := ReadPlan(dir)
		if err != nil {
			t.Fatal(err)
		}
		if other := p.Differs(again); other != "" {
			t.Error(other)
		}
	})
}
