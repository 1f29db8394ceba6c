package main

import (
	"fmt"
	"path/filepath"
	"strings"

	"gauntlet/harness/mutants"
	"gauntlet/harness/report"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/adapter/child"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/rig"
)

// builtIn is the name of the client that is certified when none is named.
const builtIn = "built-in"

// findClient turns the value of --client into a client that lives in this
// process.
func findClient(name string) (adapter.Factory, error) {
	if name == builtIn {
		return adapter.BuiltIn(), nil
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
		list[i], _ = rig.Suited(c, s.kind, s.abilities()) // the reason comes with the result
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
