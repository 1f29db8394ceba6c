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
