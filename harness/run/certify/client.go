package certify

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"gauntlet/harness/report"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/adapter/child"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/protocol"
	"gauntlet/harness/run/rig"
)

// BuiltIn is the name of the client that everything can be tried with, and that
// is asked whether anybody could do what another cannot.
const BuiltIn = "built-in"

// Client is a client to certify.
type Client struct {
	Value string          // as it was named; a plan keeps it
	Name  string          // as results name it
	New   adapter.Factory // makes one for each case

	kind adapter.Kind
	file *child.File // nil: it lives in this process
}

// findClient turns a name into a client: the FILE.yaml of a program, or one that
// inProcess knows.
func findClient(value string, inProcess func(name string) (adapter.Factory, error)) (Client, error) {
	if isProgram(value) {
		f, err := child.Load(value)
		if err != nil {
			return Client{}, err
		}
		return Client{value, f.Name, f.Factory(), f.Kind(), f}, nil
	}
	if strings.ContainsAny(value, `/\`) {
		return Client{}, noYAML(value)
	}
	factory, err := inProcess(value)
	return Client{Value: value, Name: value, New: factory}, err
}

// noYAML says what is wrong with the path of a file that describes no program.
func noYAML(path string) error {
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("client file: %w", err)
	}
	return fmt.Errorf("client %s: a program is named by a FILE.yaml that says how it is started", path)
}

// FindClients finds all, whose names have to differ, also as those of directories. Its
// error has each that cannot be found.
func FindClients(values []string, inProcess func(name string) (adapter.Factory, error)) ([]Client, error) {
	var list []Client
	var errs []error
	dirs := map[string]Client{}
	for _, value := range values {
		c, err := findClient(value, inProcess)
		dir := report.FileName(c.Name)
		switch other, taken := dirs[dir]; {
		case err != nil:
			errs = append(errs, err)
			continue
		case taken && other.Name == c.Name:
			errs = append(errs, fmt.Errorf("two clients are named %q: %s and %s; give one of them another name", c.Name, other.Value, value))
		case taken:
			errs = append(errs, fmt.Errorf("%q and %q, of %s and %s, would have one directory; give one of them another name", other.Name, c.Name, other.Value, value))
		}
		dirs[dir] = c
		list = append(list, c)
	}
	return list, errors.Join(errs...)
}

// Program reports whether the client is a process of its own.
func (c Client) Program() bool { return c.kind != adapter.InProcess }

// known are the failures that the client's own file lists.
func (c Client) known() report.KnownFailures {
	if c.file == nil {
		return nil
	}
	return c.file.Known
}

// drivenBy are the cases as the client can run them, those that can be put so: if
// it only connects, the server side drives.
func (c Client) drivenBy(cases []catalogue.Case, speaks protocol.Protocol) []catalogue.Case {
	list := make([]catalogue.Case, len(cases))
	for i, one := range cases {
		list[i], _ = rig.Suited(one, rig.Options{Speaks: speaks, ClientKind: c.kind, Abilities: c.abilities()}) // the reason comes with the result
	}
	return list
}

// abilities are those that the client's own file names.
func (c Client) abilities() adapter.Abilities {
	if c.file == nil {
		return nil
	}
	return c.file.Supports
}

// runsIn says why the client cannot run in a mode.
func (c Client) runsIn(mode rig.Mode) error {
	if c.Program() && mode == rig.Virtual {
		return fmt.Errorf("%s is a process of its own and runs in real time: say --mode %s or --mode %s", c.Value, rig.Netns, rig.Loopback)
	}
	return nil
}
