package edition

import (
	"bytes"
	"fmt"
	"io/fs"
	"math"
	"path"
	"slices"
	"strconv"
	"strings"

	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/yamlfile"
)

// Load reads all editions in dir, the oldest first. One whose digest is not
// that of its content is an error: it was edited.
func Load(files fs.FS, dir string) ([]Edition, error) { return last(files, dir, math.MaxInt) }

// LoadNewest reads the newest of them alone.
func LoadNewest(files fs.FS, dir string) (Edition, error) {
	list, err := last(files, dir, 1)
	if err != nil {
		return Edition{}, err
	}
	return list[0], nil
}

// last reads as many of the editions in dir, the newest, the oldest of them first.
func last(files fs.FS, dir string, many int) ([]Edition, error) {
	found, err := fs.Glob(files, path.Join(dir, "*.yaml"))
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("no *.yaml in %s", dir)
	}
	if err != nil {
		return nil, fmt.Errorf("loading editions: %w", err)
	}
	slices.SortStableFunc(found, func(a, b string) int { return compare(nameOf(a), nameOf(b)) })
	var list []Edition
	for _, file := range found[max(0, len(found)-many):] {
		e, err := read(files, file)
		if err != nil {
			return nil, fmt.Errorf("loading editions: %s: %w", file, err)
		}
		list = append(list, e)
	}
	return list, nil
}

// nameOf is the name that the edition in a file has to have.
func nameOf(file string) string { return strings.TrimSuffix(path.Base(file), ".yaml") }

func read(files fs.FS, name string) (e Edition, err error) {
	text, err := fs.ReadFile(files, name)
	if err != nil {
		return e, err
	}
	var known bool
	if e, known = asWritten(text); !known {
		if err := (yamlfile.File{Name: name, Source: text}).Decode(&e); err != nil {
			return e, err
		}
	}
	switch {
	case e.Name != nameOf(name) || !names().MatchString(e.Name):
		return e, fmt.Errorf("it calls itself %q; the file of an edition has its name", e.Name)
	case e.Digest != e.digest():
		return e, fmt.Errorf("it was changed after it was frozen: its digest is not that of what it says")
	}
	return e, nil
}

// asWritten reads what Write wrote, byte for byte, and reports whether it is that. Each
// call of the command reads an edition, for which a reader of YAML takes longer than all
// the rest of a case.
func asWritten(text []byte) (e Edition, is bool) {
	e.Requirements = map[requirement.ID]requirement.Level{}
	var l *Level
	for line := range strings.Lines(string(text)) {
		key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		if plain, err := strconv.Unquote(value); err == nil {
			value = plain
		}
		switch {
		case key == "edition":
			e.Name = value
		case key == "digest":
			e.Digest = value
		case key == "- name":
			e.Levels = append(e.Levels, Level{Name: value, Cases: map[string]string{}})
			l = &e.Levels[len(e.Levels)-1]
		case l == nil && strings.HasPrefix(key, "  "):
			e.Requirements[requirement.ID(key[2:])] = requirement.Level(value)
		case l == nil: // what heads the requirements
		case key == "  for":
			l.For = adapter.Kind(value)
		case key == "  asks":
			l.Asks = value
		case strings.HasPrefix(key, "    "):
			l.Cases[key[4:]] = value
		}
	}
	var written bytes.Buffer
	return e, e.Write(&written) == nil && bytes.Equal(written.Bytes(), text)
}

// compare orders names by year and number. One of another form is no edition, which is
// said when its file is read.
func compare(a, b string) int {
	numbers := func(name string) [2]int {
		year, number, _ := strings.Cut(name, ".")
		y, _ := strconv.Atoi(year)
		n, _ := strconv.Atoi(number)
		return [2]int{y, n}
	}
	x, y := numbers(a), numbers(b)
	return slices.Compare(x[:], y[:])
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
