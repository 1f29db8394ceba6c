package catalogue

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"gauntlet/harness/run/near"
)

// Select returns the cases whose id matches one of the globs, in the order of
// the catalogue; without globs it returns all. In a glob `*` stands for any
// letters, `?` for one, `[abc]` for one of these. A glob that matches nothing
// is an error that names the nearest ids.
func Select(cases []Case, globs ...string) ([]Case, error) {
	if len(globs) == 0 {
		return cases, nil
	}
	chosen := map[string]bool{}
	for _, glob := range globs {
		ids, err := match(cases, glob)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			chosen[id] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(cases), func(c Case) bool { return !chosen[c.ID] }), nil
}

func match(cases []Case, glob string) ([]string, error) {
	var ids, all []string
	for _, c := range cases {
		ok, err := path.Match(glob, c.ID)
		if err != nil {
			return nil, fmt.Errorf("case %q: the glob is malformed: a [ without ]", glob)
		}
		if ok {
			ids = append(ids, c.ID)
		}
		all = append(all, c.ID)
	}
	if ids == nil {
		return nil, fmt.Errorf("no case matches %q; %s", glob, near.Hint(glob, all, fmt.Sprintf("there are %d cases, none with a name like that", len(all))))
	}
	return ids, nil
}

// Find returns the cases that Load and Select would, and reads of the files only those
// that may have them: most calls of the command are about a case or two of some thousand.
// Mistakes in the other files are not seen.
func Find(fsys fs.FS, dir string, v Vocabulary, globs ...string) ([]Case, error) {
	some := func(source []byte) bool { return mayHave(source, globs) }
	if cases, err := loadSome(fsys, dir, v, some); err == nil && len(cases) > 0 {
		if chosen, err := Select(cases, globs...); err == nil {
			return chosen, nil
		}
	}
	all, err := Load(fsys, dir, v) // what is near to a glob that matches nothing may be in any file
	if err != nil {
		return nil, err
	}
	return Select(all, globs...)
}

// mayHave reports whether a file may have a case whose id matches one of the globs: as
// far as the id and the glob are plain letters, one begins with the other. A document
// whose id is not found by its looks may have any.
func mayHave(source []byte, globs []string) bool {
	for document := range strings.SplitSeq("\n"+string(source), "\n---") {
		_, behind, found := strings.Cut(document, "\nid:")
		if !found || strings.Contains(behind, "\nid:") {
			return true
		}
		id := strings.TrimLeft(behind, ` "'`)
		id = id[:len(id)-len(strings.TrimLeft(id, letters))]
		for _, glob := range globs {
			plain := glob
			if i := strings.IndexAny(glob, `*?[\`); i >= 0 {
				plain = glob[:i]
			}
			if strings.HasPrefix(id, plain) || strings.HasPrefix(plain, id) {
				return true
			}
		}
	}
	return false
}

// letters are those of ids.
const letters = "abcdefghijklmnopqrstuvwxyz0123456789-"

// Known is a failure that is known, of a client or through a real product.
type Known struct {
	Case   string `yaml:"case" json:"case"`             // a glob over the ids of cases
	Reason string `yaml:"reason" json:"reason"`         // why it fails
	Flaky  bool   `yaml:"flaky" json:"flaky,omitempty"` // it may pass as well: the case draws by chance
}

// Flaw says what is wrong with an entry; empty if nothing is.
func (k Known) Flaw() string {
	if _, err := path.Match(k.Case, ""); err != nil || k.Case == "" || k.Reason == "" {
		return "a known failure needs a case, which may be a glob, and a reason"
	}
	return ""
}

// Fits reports whether an entry is about the case of that id.
func (k Known) Fits(id string) bool {
	ok, _ := path.Match(k.Case, id) // the form was checked when it was read
	return ok
}
