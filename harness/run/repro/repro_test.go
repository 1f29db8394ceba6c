package repro

import (
	"strings"
	"testing"
	"testing/fstest"
)

const sound = `name: bug
title: A bug
told: what is told
of: {seen: [one], read: [two, three]}
workaround: none
variants: [{name: v, mechanism: m, client: mutant:c, case: id, breaks: open.begins}]
`

func loadOne(text string) (Bug, error) {
	return load(fstest.MapFS{"bug.yaml": {Data: []byte(text)}}, "bug.yaml")
}

func TestBasis(t *testing.T) {
	b, err := loadOne(sound)
	if err != nil || b.Of.String() != "one (seen); two, three (read in the source)" {
		t.Errorf("%q, %v", b.Of, err)
	}
}

func TestABugSaysHowItIsKnown(t *testing.T) {
	for name, c := range map[string]struct{ of, want string }{
		"of nobody":       {"of: {}", "of: no client"},
		"without a basis": {"of: one", "bug.yaml:4:5: a mapping is wanted here, not a text"},
		"another basis":   {"of: {heard: [one]}", `unknown key "heard"`},
		"no name":         {`of: {told: [" "]}`, "without a name"},
		"seen and told":   {"of: {seen: [one], told: [one]}", "one stands there twice"},
		"nothing at all":  {"", "of: no client"},
	} {
		_, err := loadOne(strings.Replace(sound, "of: {seen: [one], read: [two, three]}", c.of, 1))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}
