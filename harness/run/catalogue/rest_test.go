package catalogue

import (
	"reflect"
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
		"cut-anwser-*":             `! no case matches "cut-anwser-*"; did you mean cut-answer-forward, cut-answer-direct or cut-answer-two?`,
		"once":                     `! no case matches "once"; did you mean one?`,
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
