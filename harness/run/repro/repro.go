// Package repro holds the known bugs of real clients that can be reproduced on
// demand: what is told of each, a client with the defect, and the case that
// brings it out. It is data and its loader; the command runs it. Where the
// source tells what goes wrong and not why, the mechanisms are reconstructions,
// offered as variants.
package repro

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/run/yamlfile"
)

// Bug is one known misbehaviour.
type Bug struct {
	Name          string                  `yaml:"name"`
	Title         string                  `yaml:"title"`
	Told          string                  `yaml:"told"`       // what the source or a field report says, in our words
	Of            Clients                 `yaml:"of"`         // that had it
	Statements    []requirement.Statement `yaml:"statements"` // of the source; none for other clients' bugs
	Reconstructed bool                    `yaml:"reconstructed"`
	Workaround    string                  `yaml:"workaround"`
	Variants      []Variant               `yaml:"variants"`
	File          string                  `yaml:"-"`
}

// Clients are the clients that had a bug, by how that is known. What was seen
// is a fact, what stands in a source is what it must do, and what was told may
// have been misunderstood.
type Clients struct {
	Seen []string `yaml:"seen"` // in the client itself, at work
	Read []string `yaml:"read"` // in its source
	Told []string `yaml:"told"` // by its makers or by who met it
}

// byBasis are the clients with how it is known of them, the surest first.
func (c Clients) byBasis() []basis {
	return []basis{{"seen", c.Seen}, {"read in the source", c.Read}, {"told", c.Told}}
}

type basis struct {
	how  string
	them []string
}

// String names the clients, each group with how the bug is known of it.
func (c Clients) String() string {
	var groups []string
	for _, b := range c.byBasis() {
		if len(b.them) > 0 {
			groups = append(groups, fmt.Sprintf("%s (%s)", strings.Join(b.them, ", "), b.how))
		}
	}
	return strings.Join(groups, "; ")
}

// check wants at least one client, and each once and with its name.
func (c Clients) check() error {
	named := slices.Concat(c.Seen, c.Read, c.Told)
	for i, name := range named {
		switch {
		case strings.TrimSpace(name) == "":
			return errors.New("a client without a name")
		case slices.Contains(named[:i], name):
			return fmt.Errorf("%s stands there twice", name)
		}
	}
	if len(named) == 0 {
		return errors.New("no client: of whom was it seen, read or told?")
	}
	return nil
}

// Variant is one mechanism that would show as the bug does.
type Variant struct {
	Name      string         `yaml:"name"`
	Mechanism string         `yaml:"mechanism"` // what the client does wrong
	Client    string         `yaml:"client"`    // as certify takes it: mutant:NAME
	Case      string         `yaml:"case"`      // of the catalogue
	Breaks    requirement.ID `yaml:"breaks"`    // what the verdict must name
}

// Load reads all bugs of a directory, by name. Unknown keys and missing ones
// are errors with file and line.
func Load(fsys fs.FS, dir string) ([]Bug, error) {
	files, err := fs.Glob(fsys, path.Join(dir, "*.yaml"))
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("no bugs in %s", dir)
	}
	var bugs []Bug
	for _, file := range files {
		b, err := load(fsys, file)
		if err != nil {
			return nil, err
		}
		bugs = append(bugs, b)
	}
	slices.SortFunc(bugs, func(a, b Bug) int { return strings.Compare(a.Name, b.Name) })
	return bugs, nil
}

func load(fsys fs.FS, file string) (Bug, error) {
	text, err := fs.ReadFile(fsys, file)
	if err != nil {
		return Bug{}, fmt.Errorf("read a bug: %w", err)
	}
	var b Bug
	if err := (yamlfile.File{Name: file, Source: text}).Decode(&b); err != nil {
		return Bug{}, err
	}
	b.File = file
	return b, b.check()
}

// check wants every field that a reader of a reproduction needs.
func (b Bug) check() error {
	missing := func(what string) error { return fmt.Errorf("%s: %s is missing", b.File, what) }
	switch {
	case b.Name+".yaml" != path.Base(b.File):
		return fmt.Errorf("%s: its name is %q, and not that of its file", b.File, b.Name)
	case b.Title == "":
		return missing("title")
	case b.Told == "":
		return missing("told")
	case b.Workaround == "":
		return missing("workaround")
	case len(b.Variants) == 0:
		return missing("a variant")
	}
	if err := b.Of.check(); err != nil {
		return fmt.Errorf("%s: of: %w", b.File, err)
	}
	for _, v := range b.Variants {
		if v.Name == "" || v.Mechanism == "" || v.Client == "" || v.Case == "" || v.Breaks == "" {
			return missing(fmt.Sprintf("in variant %q name, mechanism, client, case or breaks", v.Name))
		}
	}
	return nil
}
