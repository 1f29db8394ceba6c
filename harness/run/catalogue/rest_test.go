package catalogue

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func some(t *testing.T) []Case {
	t.Helper()
	cases, err := load(crossed, alone)
	if err != nil {
		t.Fatal(err)
	}
	return cases
}

func TestSelect(t *testing.T) {
	cases := some(t)
	for globs, want := range map[string]string{
		"":                         "cut-answer-forward cut-answer-direct cut-answer-two cut-middle-forward one",
		"*":                        "cut-answer-forward cut-answer-direct cut-answer-two cut-middle-forward one",
		"cut-*-forward":            "cut-answer-forward cut-middle-forward",
		"one cut-middle-forward":   "cut-middle-forward one",
		"on? one":                  "one",
		"cut-anwser-*":             `! no case matches "cut-anwser-*"; near misses: cut-answer-forward, cut-answer-direct, cut-answer-two`,
		"once":                     `! no case matches "once"; near misses: one`,
		"something-else-entirely*": `! no case matches "something-else-entirely*"; there are 5 cases, none with a name like that`,
		"one [":                    `! case "[": the glob is malformed`,
	} {
		chosen, err := Select(cases, strings.Fields(globs)...)
		var got []string
		for _, c := range chosen {
			got = append(got, c.ID)
		}
		if err != nil {
			got = []string{"!", err.Error()}
		}
		if !strings.HasPrefix(strings.Join(got, " "), want) || (err == nil) == strings.HasPrefix(want, "!") {
			t.Errorf("%q: %s, want %s", globs, got, want)
		}
	}
}

func TestLint(t *testing.T) {
	cases := some(t)
	broken := Case{ID: "one", Why: "because", Proves: nil, File: "x.yaml", Line: 3}
	wrong := cases[0]
	wrong.ID, wrong.Proves = "wrong", append(slices.Clone(wrong.Proves), "no.such")
	got := fmt.Sprint(Lint(append(cases, broken, wrong)))
	for _, want := range []string{
		`x.yaml:3: id "one" is given already at cases/b.yaml:2`, `x.yaml:3: one: why is not a sentence: "because"`,
		"one: no title", "one: proves nothing", "one: the user does nothing", `wrong: unknown requirement "no.such"`,
		"no case proves exchange.one-in-flight, which is a must",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in %s", want, got)
		}
	}
	if strings.Contains(got, "no case proves session-id.newest") {
		t.Error(got)
	}
}

func TestCasesTravel(t *testing.T) {
	for _, c := range some(t) {
		data, err := Encode(c)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Decode(data, vocabulary())
		if err != nil || !reflect.DeepEqual(got, c) {
			t.Errorf("%v\n%s\n got %+v\nwant %+v", err, data, got, c)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	data, err := Encode(some(t)[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, swap := range [][2]string{
		{`"id"`, `"name"`}, {"poll 3", "pull 3"}, {"forward port", "foward port"}, {"stay 5s", "stay long"},
		{`"2s"`, `"2"`}, {"{", "["}, {"hop 0", "hop 2"},
	} {
		text := strings.Replace(string(data), swap[0], swap[1], 1)
		if _, err := Decode([]byte(text), vocabulary()); err == nil || text == string(data) {
			t.Errorf("%q instead of %q is not refused", swap[1], swap[0])
		}
	}
}
