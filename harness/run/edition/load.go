package edition

import (
	"cmp"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"gauntlet/harness/run/yamlfile"
)

// Load reads all editions in dir, the oldest first. One whose digest is not
// that of its content is an error: it was edited.
func Load(files fs.FS, dir string) ([]Edition, error) {
	found, err := fs.Glob(files, path.Join(dir, "*.yaml"))
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("no *.yaml in %s", dir)
	}
	if err != nil {
		return nil, fmt.Errorf("loading editions: %w", err)
	}
	var list []Edition
	for _, name := range found {
		e, err := read(files, name)
		if err != nil {
			return nil, fmt.Errorf("loading editions: %s: %w", name, err)
		}
		list = append(list, e)
	}
	slices.SortFunc(list, func(a, b Edition) int { return compare(a.Name, b.Name) })
	return list, nil
}

func read(files fs.FS, name string) (e Edition, err error) {
	text, err := fs.ReadFile(files, name)
	if err != nil {
		return e, err
	}
	if err := (yamlfile.File{Name: name, Source: text}).Decode(&e); err != nil {
		return e, err
	}
	switch {
	case e.Name+".yaml" != path.Base(name) || !names().MatchString(e.Name):
		return e, fmt.Errorf("it calls itself %q; the file of an edition has its name", e.Name)
	case e.Digest != e.digest():
		return e, fmt.Errorf("it was changed after it was frozen: its digest is not that of what it says")
	}
	return e, nil
}

// compare orders names by year and number.
func compare(a, b string) int {
	number := func(name string, part int) int {
		n, _ := strconv.Atoi(strings.Split(name, ".")[part]) // the form was checked
		return n
	}
	return cmp.Or(number(a, 0)-number(b, 0), number(a, 1)-number(b, 1))
}

// Newest is the last of the editions that Load gave.
func Newest(list []Edition) Edition { return list[len(list)-1] }

// Named finds an edition.
func Named(list []Edition, name string) (Edition, bool) {
	i := slices.IndexFunc(list, func(e Edition) bool { return e.Name == name })
	if i < 0 {
		return Edition{}, false
	}
	return list[i], true
}
