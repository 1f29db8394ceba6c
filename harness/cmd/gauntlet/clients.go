package main

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"gauntlet/fixtures"
	"gauntlet/harness/msn/builtin"
	"gauntlet/harness/msn/servers"
	"gauntlet/harness/mutants"
	"gauntlet/harness/report"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/adapter/child"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/profile"
	"gauntlet/harness/run/rig"
	"gauntlet/proxies/external"
)

// builtIn is the name of the client that is certified when none is named.
const builtIn = "built-in"

// findClient turns the value of --client into a client that lives in this
// process.
func findClient(name string) (adapter.Factory, error) {
	if name == builtIn {
		return builtin.New(), nil
	}
	if mutant, ok := strings.CutPrefix(name, "mutant:"); ok {
		if m, known := mutants.Named(mutant); known {
			return m.New, nil
		}
		return nil, fmt.Errorf("no mutant %q; there are %s", mutant, strings.Join(mutants.Names(), ", "))
	}
	return nil, fmt.Errorf("no client %q; say %s, mutant:NAME or FILE.yaml", name, builtIn)
}

// subject is a client to certify.
type subject struct {
	value string // as --client gave it
	name  string // as results name it
	make  adapter.Factory
	kind  adapter.Kind
	file  *child.File // nil: it lives in this process
}

// findSubject turns any value of --client into a client.
func findSubject(value string) (subject, error) {
	if ext := filepath.Ext(value); ext == ".yaml" || ext == ".yml" {
		f, err := child.Load(value)
		if err != nil {
			return subject{}, err
		}
		return subject{value, f.Name, f.Factory(), f.Kind(), f}, nil
	}
	factory, err := findClient(value)
	return subject{value: value, name: value, make: factory}, err
}

// findSubjects finds all, whose names have to differ.
func findSubjects(values []string) ([]subject, error) {
	var list []subject
	named := map[string]string{}
	for _, value := range values {
		s, err := findSubject(value)
		if err != nil {
			return nil, err
		}
		if other, taken := named[s.name]; taken {
			return nil, fmt.Errorf("two clients are named %q: %s and %s; give one of them another name", s.name, other, value)
		}
		named[s.name] = value
		list = append(list, s)
	}
	return list, nil
}

// known are the failures that the client's own file lists.
func (s subject) known() (list report.KnownFailures) {
	if s.file != nil {
		for _, k := range s.file.Known {
			list = append(list, report.Known(k))
		}
	}
	return list
}

// drivenBy are the cases as the client can run them, those that can be put so: if
// it only connects, the server side drives.
func (s subject) drivenBy(cases []catalogue.Case) []catalogue.Case {
	list := make([]catalogue.Case, len(cases))
	for i, c := range cases {
		list[i], _ = rig.Suited(c, rig.Options{Speaks: servers.MSN(), ClientKind: s.kind, Abilities: s.abilities()}) // the reason comes with the result
	}
	return list
}

// abilities are those that the client's own file names.
func (s subject) abilities() adapter.Abilities {
	if s.file == nil {
		return nil
	}
	return s.file.Supports
}

// runsIn says why a client cannot run in a mode.
func (s subject) runsIn(mode rig.Mode) error {
	if s.kind != adapter.InProcess && mode == rig.Virtual {
		return fmt.Errorf("%s is a process of its own and runs in real time: say --mode %s or --mode %s", s.value, rig.Netns, rig.Loopback)
	}
	return nil
}

// realBox is a real proxy and the failures that are expected through it.
type realBox struct {
	product *external.Product // nil: no real proxy was asked for
	known   report.KnownFailures
}

// products are the names of the real proxies that we know how to run.
func products() []string { return slices.Sorted(maps.Keys(external.Products())) }

// findBox finds a real proxy by its name, or by the file that describes it,
// and says what is missing to start it.
func findBox(name string) (realBox, error) {
	if name == "" {
		return realBox{}, nil
	}
	box, err := describedBox(name)
	if err == nil {
		err = box.product.Find()
	}
	return box, err
}

func describedBox(name string) (realBox, error) {
	if strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml") {
		p, known, err := profile.ReadExternal(name)
		return realBox{&p, expected(known)}, err
	}
	p, there := external.Products()[name]
	if !there {
		return realBox{}, fmt.Errorf("no box %q; the real proxies are %s, or a FILE.yaml that describes another", name, strings.Join(products(), ", "))
	}
	profiles, err := profile.Load(fixtures.Files(), fixtures.Boxes)
	if err != nil {
		return realBox{}, err
	}
	ours, _ := profile.Named(profiles, name) // a spec sees to it that there is one
	return realBox{&p, expected(ours.Known)}, nil
}

func expected(known []profile.Expected) report.KnownFailures {
	var list report.KnownFailures
	for _, k := range known {
		list = append(list, report.Known(k))
	}
	return list
}
