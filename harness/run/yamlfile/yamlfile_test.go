package yamlfile

import (
	"errors"
	"testing"
)

type person struct {
	Name  string   `yaml:"name"`
	Words []string `yaml:"words"`
}

func TestDecode(t *testing.T) {
	for _, test := range []struct{ name, source, problem string }{
		{"a document", "name: Ann\nwords: [a, b]\n", ""},
		{"an unknown key", "name: Ann\nage: 3\n", "p.yaml:2:1: unknown field \"age\""},
		{"a key twice", "name: Ann\nname: Bob\n", "p.yaml:2:1: mapping key \"name\" already defined at [1:1]"},
		{"another type", "name: [a]\n", "p.yaml:1:7: cannot unmarshal []interface {} into Go struct field person.Name of type string"},
		{"two documents", "name: Ann\n---\nname: Bob\n", "p.yaml:1:1: one document to a file"},
		{"nothing", "", "p.yaml:1:1: EOF"},
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
