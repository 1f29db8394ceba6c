package yamlfile

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

type person struct {
	Name  string   `yaml:"name"`
	Words []string `yaml:"words"`
}

func TestDecode(t *testing.T) {
	for _, test := range []struct{ name, source, problem string }{
		{"a document", "name: Ann\nwords: [a, b]\n", ""},
		{"an unknown key", "name: Ann\nage: 3\n", "p.yaml:2:1: unknown key \"age\"; allowed: name, words"},
		{"an unknown key behind an anchor", "&a {nam: Ann}\n", "p.yaml:1:5: unknown key \"nam\"; allowed: name, words (did you mean name?)"},
		{"an unknown key that is merged", "<<: {nam: Ann}\n", "p.yaml:1:6: unknown key \"nam\"; allowed: "},
		{"a key twice", "name: Ann\nname: Bob\n", "p.yaml:2:1: mapping key \"name\" already defined at [1:1]"},
		{"another type", "name: [a]\n", "p.yaml:1:7: a text is wanted here, not a list"},
		{"two documents", "name: Ann\n---\nname: Bob\n", "p.yaml:3:1: one document to a file"},
		{"nothing", "", "p.yaml:1:1: there is nothing in this file"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var p person
			err := File{"p.yaml", []byte(test.source)}.Decode(&p)
			if said(err) != test.problem {
				t.Errorf("got %q, want %q", said(err), test.problem)
			}
			if test.problem == "" && (p.Name != "Ann" || len(p.Words) != 2) {
				t.Errorf("read %+v", p)
			}
		})
	}
}

type household struct {
	People []person `yaml:"people"`
	Pets   map[string]*struct {
		Legs int `yaml:"legs"`
	} `yaml:"pets"`
	Rooms   Mapping[OneOrMore] `yaml:"rooms"`
	Motto   Text               `yaml:"motto"`
	Number  Scalar             `yaml:"number"`
	Since   Duration           `yaml:"since"`
	Colours Named              `yaml:"colours"`
}

// The decoder stops at the first mistake; people are told all of them.
func TestAllMistakesAreTold(t *testing.T) {
	var h household
	err := File{"h.yaml", []byte(`people:
  - nam: Ann
    word: []
  - words: none
    name: {first: Ann}
pets:
  cat: {legs: four, tail: 1}
  dog: {}
  bird: {leg: 2}
rooms: {kitchen: [12, [a]], cellar: {a: b}, attic: 3}
motto: true
number:
  a: 1
since: long
colours: red
`)}.Decode(&h)
	want := `h.yaml:2:5: unknown key "nam"; allowed: name, words (did you mean name?)
h.yaml:3:5: unknown key "word"; allowed: name, words (did you mean words?)
h.yaml:4:12: a list is wanted here, not a text
h.yaml:5:11: a text is wanted here, not a mapping
h.yaml:7:15: a number is wanted here, not a text
h.yaml:7:21: unknown key "tail"; allowed: legs
h.yaml:9:10: unknown key "leg"; allowed: legs (did you mean legs?)
h.yaml:10:23: a text is wanted here, not a list
h.yaml:10:37: a text is wanted here, not a mapping
h.yaml:11:8: a text is wanted here, not true or false; put it in quotes
h.yaml:13:3: a text is wanted here, not a mapping
h.yaml:14:8: "long" is not a duration, such as 2s
h.yaml:15:10: a list or a mapping is wanted here, not a text`
	if said(err) != want {
		t.Errorf("got\n%s\nwant\n%s", said(err), want)
	}
}

func TestMistakesAreBounded(t *testing.T) {
	var p person
	err := File{"p.yaml", []byte("name: Ann\nwords: [" + strings.Repeat("{}, ", 500) + "]\n")}.Decode(&p)
	if told := strings.Split(said(err), "\n"); len(told) != 101 || !strings.Contains(told[0], "p.yaml:1:1: there are more mistakes") {
		t.Errorf("%d lines, %s", len(told), told[0])
	}
}

// What is too much is told by its place, and not parsed: a parser takes minutes or gigabytes for it.
func TestTooMuchIsNotParsed(t *testing.T) {
	lines := func(n int, line string) string { return strings.Repeat(line, n) }
	for name, c := range map[string]struct{ source, want string }{
		"brackets":              {"name: " + lines(70, "["), "p.yaml:1:71: lists and mappings are nested more than 64 deep here"},
		"brackets over lines":   {"name:\n" + lines(70, " {\n"), "p.yaml:66:2: lists and mappings are nested"},
		"a list of lists":       {lines(70, "- "), "p.yaml:1:129: lists and mappings are nested"},
		"keys in question":      {lines(70, "? "), "p.yaml:1:129: lists and mappings are nested"},
		"a long line":           {"name: " + lines(20_000, "x"), "p.yaml:1:16384: a line has at most 16384 bytes"},
		"a long file":           {lines(110_000, "# comment\n"), "p.yaml:1:1: the file has more than 1048576 bytes; no more are read"},
		"many lines":            {lines(20_001, "#\n"), "p.yaml:20001:1: a file has at most 20000 lines"},
		"documents of mistakes": {lines(6000, "---\nnames: x\n"), "p.yaml:1:1: there are more mistakes than are told at a time"},
	} {
		m := &Mistakes{File: "p.yaml"}
		Documents[person]([]byte(c.source), m)
		if first, _, _ := strings.Cut(said(m.Err()), "\n"); !strings.HasPrefix(first, c.want) || m.Count() > mostMistakes+1 {
			t.Errorf("%s: %d mistakes, %s", name, m.Count(), first)
		}
	}
	rule := "#" + lines(200, "-") + "\n"
	var p person
	if err := (File{"p.yaml", []byte(rule + "name: Ann\nwords: [" + lines(500, "x, ") + "x]\n")}).Decode(&p); err != nil || len(p.Words) != 501 {
		t.Errorf("what is long is not deep: %v", err)
	}
}

func TestNoMoreIsReadThanCounts(t *testing.T) {
	name := filepath.Join(t.TempDir(), "p.yaml")
	if err := errors.Join(os.WriteFile(name, []byte("name: Ann"), 0o600), os.Truncate(name, 1<<23)); err != nil {
		t.Fatal(err)
	}
	file, err := Read(Anywhere{}, name)
	if err != nil || len(file.Source) != mostBytes+1 {
		t.Errorf("%d bytes are read: %v", len(file.Source), err)
	}
	if err := file.Decode(&person{}); !strings.Contains(said(err), ":1:1: the file has more than 1048576 bytes") {
		t.Error(err)
	}
}

func TestPlainDocuments(t *testing.T) {
	for source, want := range map[string]string{
		"name: Ann\n---\n# more\nname: Bob\n":      "",
		"name: Ann\n---\n# none\n---\nname: Bob\n": "p.yaml:1:1: a document is lost behind a comment that stands alone between two lines of ---: take one of them out",
		"name: &a Ann\n":                           "p.yaml:1:7: plain lists, mappings and texts belong here: no anchor here",
		"name: !!str Ann\n":                        "p.yaml:1:7: plain lists, mappings and texts belong here: no tag here",
		"name: Ann\n<<: {words: []}\n":             "p.yaml:2:1: plain lists, mappings and texts belong here: no merge key here",
		"name: Ann\nwords:\n":                      "p.yaml:2:8: nothing stands here",
		"name: Ann\n---\nnames: Bob\n":             "p.yaml:3:1: unknown key \"names\"; allowed: name, words (did you mean name?)",
	} {
		m := &Mistakes{File: "p.yaml"}
		documents := Documents[person]([]byte(source), m)
		if said(m.Err()) != want || want == "" && (len(documents) != 2 || documents[1].Begin != Place{4, 1} || documents[1].Content.Name != "Bob") {
			t.Errorf("%q: %s, want %s; %+v", source, said(m.Err()), want, documents)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add("people: [{name: Ann}]\nrooms: {a: b}")
	f.Add("a: &x [*x]\n--- !!t\n? b\n: |\n  c\n")
	f.Fuzz(func(t *testing.T, text string) {
		var h household
		if err := (File{"h.yaml", []byte(text)}).Decode(&h); err == nil && len(text) == 0 {
			t.Error("nothing, and no mistake")
		}
	})
}

func TestWrong(t *testing.T) {
	source := "name: Ann\nwords:\n  - plain\n  - \"quoted\"\n"
	for _, test := range []struct {
		path         string
		offset       int
		line, column int
	}{
		{"$.name", 0, 1, 7},
		{"$.words[0]", 2, 3, 7},
		{"$.words[1]", 0, 4, 6}, // behind the quote
		{"$.nothing", 0, 1, 1},
		{"no path", 0, 1, 1},
	} {
		var e *Error
		if err := (File{"p.yaml", []byte(source)}).Wrong(test.path, test.offset, "no"); !errors.As(err, &e) || e.Line != test.line || e.Column != test.column {
			t.Errorf("%s: %v, want %d:%d", test.path, err, test.line, test.column)
		}
	}
}

func said(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
