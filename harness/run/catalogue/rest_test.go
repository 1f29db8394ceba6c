package catalogue

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

	"gauntlet/fixtures"
	"gauntlet/harness/run/yamlfile"
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

func TestFindIsLoadAndSelect(t *testing.T) {
	files := fstest.MapFS{"cases/a.yaml": {Data: []byte(crossed)}, "cases/b.yaml": {Data: []byte(alone)}}
	all, err := Load(files, "cases", vocabulary())
	if err != nil {
		t.Fatal(err)
	}
	for _, globs := range []string{"*", "one", "cut-answer-two", "cut-*-forward", "one cut-middle-forward", "cut-anwser-*", "once", "one ["} {
		want, wrong := Select(all, strings.Fields(globs)...)
		got, err := Find(files, "cases", vocabulary(), strings.Fields(globs)...)
		if !reflect.DeepEqual(got, want) || fmt.Sprint(err) != fmt.Sprint(wrong) {
			t.Errorf("%q: %v, %v; want %v, %v", globs, got, err, want, wrong)
		}
	}
}

func TestWhatIsNotAskedForIsNotRead(t *testing.T) {
	for _, test := range []struct {
		file, globs string
		read        bool
	}{
		{"id: cut-${how}\n", "cut-fin", true},
		{"id: cut-${how}\n", "cut-*", true},
		{"id: cut-${how}\n", "c?t-*", true},
		{"id: cut-${how}\n", "*", true},
		{"id: cut-${how}\n", "cat-fin", false},
		{"id: cut-${how}\n", "cat-* none", false},
		{"id: cut-${how}\n", "cat-* cut-fin", true},
		{"id: one\n", "one", true},
		{"id: one\n", "on[ea]", true},
		{"id: one\n", "two", false},
		{"id: 'one'\n", "one", true},
		{"id: \"one\"\n", "two", false},
		{"id: >-\n  one\n", "one", true},
		{"{id: one}\n", "one", true},
		{"\"id\": one\n", "one", true},
		{"id: one\n---\nid: two\n", "two", true},
		{"id: one\n---\nid: two\n", "three", false},
		{"id: one\n---\n{id: three}\n", "three", true},
		{"why: |\n id: one\nid: two\n", "two", true},
	} {
		if got := mayHave([]byte(test.file), strings.Fields(test.globs)); got != test.read {
			t.Errorf("%q is read for %q: %v", test.file, test.globs, got)
		}
	}
}

func TestEachCaseOfTheCatalogueIsFoundByItsID(t *testing.T) {
	names, err := list(fixtures.Files(), fixtures.Cases)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		file, err := yamlfile.Read(fixtures.Files(), name)
		if err != nil {
			t.Fatal(err)
		}
		p := problems{&yamlfile.Mistakes{File: name}}
		for _, d := range yamlfile.Documents[family](file.Source, p.Mistakes) {
			for _, c := range combinations(d.Content.Matrix) {
				id := p.fill(d.Content.ID, c.names).Value
				if !mayHave(file.Source, []string{id}) {
					t.Errorf("%s is not looked for in %s", id, name)
				}
			}
		}
		if mayHave(file.Source, []string{"no-such-case"}) {
			t.Errorf("%s is read whatever is asked for", name)
		}
	}
}
