package catalogue

import (
	"fmt"
	"path"
	"slices"

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
