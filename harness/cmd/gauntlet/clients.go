package main

import (
	"fmt"
	"strings"

	"gauntlet/harness/adapter"
	"gauntlet/harness/client"
	"gauntlet/harness/mutants"
)

// builtIn is the name of the client that is certified when none is named.
const builtIn = "built-in"

// findClient turns the value of --client into a client.
func findClient(name string) (adapter.Factory, error) {
	if name == builtIn {
		return adapter.BuiltIn(client.Habits{}), nil
	}
	if mutant, ok := strings.CutPrefix(name, "mutant:"); ok {
		if m, known := mutants.Named(mutant); known {
			return m.New, nil
		}
		return nil, fmt.Errorf("no mutant %q; there are %s", mutant, strings.Join(mutants.Names(), ", "))
	}
	return nil, fmt.Errorf("no client %q; say %s or mutant:NAME", name, builtIn)
}
