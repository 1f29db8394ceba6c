package certify

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"

	"gauntlet/harness/report"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/edition"
	"gauntlet/harness/run/near"
	"gauntlet/harness/run/profile"
	"gauntlet/harness/run/protocol"
	"gauntlet/harness/run/yamlfile"
	"gauntlet/proxies"
	"gauntlet/proxies/external"
)

// Where a library has what.
const (
	casesIn    = "cases"
	boxesIn    = "boxes"
	editionsIn = "editions"
)

// Library is what a certification chooses from: cases, boxes that have names,
// editions. Each is read when it is first asked for, once. It is safe for
// concurrent use.
type Library struct {
	files    fs.FS
	speaks   protocol.Protocol
	profiles func() ([]profile.Profile, error)
	cases    func() ([]catalogue.Case, error)
	editions func() ([]edition.Edition, error)
	newest   func() (edition.Edition, error)
	version  func() (string, error)
}

// Open is the library in those files, which are laid out as fixtures.Files(), on
// clients of that protocol.
func Open(files fs.FS, speaks protocol.Protocol) *Library {
	l := &Library{
		files:    files,
		speaks:   speaks,
		profiles: sync.OnceValues(func() ([]profile.Profile, error) { return profile.Load(files, boxesIn) }),
		editions: sync.OnceValues(func() ([]edition.Edition, error) { return edition.Load(files, editionsIn) }),
		newest:   sync.OnceValues(func() (edition.Edition, error) { return edition.LoadNewest(files, editionsIn) }),
	}
	l.version = sync.OnceValues(func() (string, error) { return versionOf(files) })
	l.cases = sync.OnceValues(func() ([]catalogue.Case, error) { return catalogue.Load(files, casesIn, l.Vocabulary()) })
	return l
}

// Profiles are the boxes that have names.
func (l *Library) Profiles() ([]profile.Profile, error) { return l.profiles() }

// Vocabulary is what the words in a case may be.
func (l *Library) Vocabulary() catalogue.Vocabulary {
	words := l.speaks.Vocabulary
	words.Boxes = func() (map[string]proxies.Spec, error) {
		profiles, err := l.profiles()
		if err != nil {
			return nil, err
		}
		return profile.Table(profiles)()
	}
	return words
}

// Version names this program and the library, so that two machines can tell whether
// they would judge alike.
func (l *Library) Version() (string, error) { return l.version() }

// Cases are all of the catalogue. The caller must not change the list.
func (l *Library) Cases() ([]catalogue.Case, error) { return l.cases() }

// Choose takes from the catalogue, or from a file in its place, the cases whose
// ids match one of the globs; without globs all.
func (l *Library) Choose(file string, globs []string) ([]catalogue.Case, error) {
	switch {
	case file != "":
		own, err := catalogue.Load(yamlfile.Anywhere{}, file, l.Vocabulary())
		if err != nil {
			return nil, err
		}
		return catalogue.Select(own, globs...)
	case len(globs) == 0:
		return l.cases()
	}
	return catalogue.Find(l.files, casesIn, l.Vocabulary(), globs...)
}

// Editions are those that are known, the oldest first.
func (l *Library) Editions() ([]edition.Edition, error) { return l.editions() }

// Newest is the newest edition.
func (l *Library) Newest() (edition.Edition, error) { return l.newest() }

// CasesOfLevels are the ids of the cases of the levels with those names, as the
// newest edition asks a kind of client for them.
func (l *Library) CasesOfLevels(names []string, kind adapter.Kind) ([]string, error) {
	if len(names) == 0 {
		return nil, nil
	}
	e, err := l.Newest()
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, name := range names {
		level, there := e.Level(name, kind)
		if !there {
			return nil, fmt.Errorf("no level %q in edition %s; %s", name, e.Name, near.Hint(strings.ToLower(name), levelNames(e), "gauntlet list --levels names them"))
		}
		ids = append(ids, slices.Sorted(maps.Keys(level.Cases))...)
	}
	return ids, nil
}

// levelNames are as somebody types them.
func levelNames(e edition.Edition) (names []string) {
	for _, l := range e.Levels {
		names = append(names, strings.ToLower(l.Name))
	}
	return names
}

// box is a real proxy and the failures that are expected through it.
type box struct {
	product *external.Product // nil: no real proxy was asked for
	known   report.KnownFailures
}

// Products are the names of the real proxies that we know how to run.
func Products() []string { return slices.Sorted(maps.Keys(external.Products())) }

// box finds a real proxy by its name, or by its file, and says what is missing
// to start it.
func (l *Library) box(name string) (box, error) {
	if name == "" {
		return box{}, nil
	}
	found, err := l.described(name)
	if err == nil {
		err = found.product.Find()
	}
	return found, err
}

// Product is a real proxy by its name, or by its file, whether or not it is installed.
func (l *Library) Product(name string) (external.Product, error) {
	b, err := l.described(name)
	if err != nil {
		return external.Product{}, err
	}
	return *b.product, nil
}

func (l *Library) described(name string) (box, error) {
	if isProgram(name) {
		p, known, err := profile.ReadExternal(name)
		return box{&p, known}, err
	}
	if external.IsOwn(name) {
		p, err := external.Own(name)
		return box{&p, nil}, err
	}
	p, there := external.Products()[name]
	if !there {
		return box{}, fmt.Errorf("no box %q; %s", name, near.Hint(name, Products(), "the real proxies are "+strings.Join(Products(), ", ")+", a FILE.yaml that describes another, or a product's own file: "+strings.Join(external.OwnFiles(), ", ")))
	}
	profiles, err := l.profiles()
	if err != nil {
		return box{}, err
	}
	ours, _ := profile.Named(profiles, name) // a spec sees to it that there is one
	return box{&p, ours.Known}, nil
}

// RunsFile reports whether a box of that name is a program that a file runs: one
// that describes it, or its own configuration.
func RunsFile(box string) bool { return isProgram(box) || external.IsOwn(box) }

// isProgram reports whether a client or a box of that name is a program that a
// file describes.
func isProgram(name string) bool {
	return strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml")
}
