package rig

import (
	"fmt"
	"slices"
	"strings"

	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/run/catalogue"
)

// DirectControl is the case with the same workload and dialect, without box
// and fault; ok is false if the case is that one itself.
func DirectControl(c catalogue.Case) (control catalogue.Case, ok bool) {
	if len(c.Chain) == 0 && len(c.Faults) == 0 {
		return c, false
	}
	bare := c
	bare.Chain, bare.Faults, bare.Workload, bare.Clients = nil, nil, c.Workload.Possible(), 0
	if bare.Proxy.OfBox() {
		bare.Proxy = catalogue.AsChain // of a box that is not there
	}
	return asControl(bare, "direct"), true
}

// BoxControl is the case without its faults; ok is false if there is nothing
// that DirectControl does not say.
func BoxControl(c catalogue.Case) (control catalogue.Case, ok bool) {
	if len(c.Chain) == 0 || len(c.Faults) == 0 {
		return c, false
	}
	quiet := c
	quiet.Faults = nil
	return asControl(quiet, "box"), true
}

// asControl names a control by all that makes it what it is, so that cases
// which need the same one share it. It proves what an undisturbed run can.
func asControl(c catalogue.Case, kind string) catalogue.Case {
	words := []string{"control: " + kind, c.Dialect + " gateway"}
	for _, k := range c.Knobs {
		words = append(words, k.Name+" "+k.Value)
	}
	words = append(words, "think "+c.Think.String(), c.Chain.String())
	if c.Contact != nil {
		words = append(words, "contact "+c.Contact.String())
	}
	if c.Clients > 1 {
		words = append(words, fmt.Sprint(c.Clients, " clients"))
	}
	for _, word := range []string{string(c.Proxy), string(c.Level)} {
		if word != "" {
			words = append(words, word)
		}
	}
	c.ID = strings.Join(append(words, c.Workload.String()), "; ")
	c.Title, c.Why = "the same without the disturbance", "a client that fails undisturbed cannot be judged disturbed"
	c.Proves = slices.Clone(undisturbed)
	return c
}

var undisturbed = []requirement.ID{"command.carried-out"}
