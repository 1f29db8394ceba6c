package main

import (
	"fmt"
	"strings"
	"sync"

	"gauntlet/fixtures"
	"gauntlet/harness/msn/builtin"
	"gauntlet/harness/msn/servers"
	"gauntlet/harness/mutants"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/certify"
	"gauntlet/harness/run/near"
)

// findClient turns the value of --client into a client that lives in this
// process.
func findClient(name string) (adapter.Factory, error) {
	if name == certify.BuiltIn {
		return builtin.New(), nil
	}
	if mutant, ok := strings.CutPrefix(name, "mutant:"); ok {
		if m, known := mutants.Named(mutant); known {
			return m.New, nil
		}
		return nil, fmt.Errorf("no mutant %q; %s", mutant, near.Hint(mutant, mutants.Names(), "gauntlet list --mutants names them"))
	}
	return nil, fmt.Errorf("no client %q; %s", name, near.Hint(name, clientNames(), "say "+certify.BuiltIn+", mutant:NAME or FILE.yaml"))
}

// clientNames are all such clients.
func clientNames() []string {
	words := []string{certify.BuiltIn}
	for _, m := range mutants.Names() {
		words = append(words, "mutant:"+m)
	}
	return words
}

// inProcess is such a client, to be run.
func inProcess(name string) ([]certify.Client, error) {
	c, err := findClient(name)
	return []certify.Client{{Value: name, Name: name, New: c}}, err
}

// library is everything that this command brings along, read once however much is asked of it.
var library = sync.OnceValue(func() *certify.Library { return certify.Open(fixtures.Files(), servers.MSN()) })

// worker are the arguments by which this command is a worker of its own.
func worker() []string { return []string{"worker"} }
