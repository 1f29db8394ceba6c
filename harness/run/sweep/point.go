// Package sweep strikes a session everywhere: from the record of an undisturbed
// run it lists the points at which a fault can strike, has them run, puts the
// failures together by their causes, makes each as small as it can be while it
// fails for the same reason, and says from which exchange on it was certain.
//
// It knows cases and outcomes, and no client, network or worker: who runs cases
// is given to it, so that it may be a pool of processes or a queue. The command
// imports it. It starts no goroutine.
package sweep

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/workload"
	"gauntlet/proxies"
	"gauntlet/proxies/fault"
)

// World is where a session runs when nothing strikes it.
type World struct {
	Workload workload.Script
	Dialect  string           // of the gateway
	Knobs    []catalogue.Knob // turned from where the dialect has them, in the order of their names
	Chain    proxies.Chain
}

// turned stands between a dialect and the knobs that are turned.
const turned = " with "

// gateway is the dialect and its knobs, as a name has them: "documented with gw-ip name".
func (w World) gateway() string {
	text := w.Dialect
	for _, k := range w.Knobs {
		text += turned + k.Name + " " + k.Value
	}
	return text
}

// Point is a world, and what strikes the session there.
type Point struct {
	World
	Faults []fault.Fault
	// Class is what the point has in common with all that are read alike. It is no
	// part of the name.
	Class string
}

// between stands between the parts of a name.
const between = " | "

// Name is the point in a line from which Parse makes the same point again.
func (p Point) Name() string {
	parts := []string{cmp.Or(p.Workload.Name(), p.Workload.String()), p.gateway(), p.Chain.String()}
	for _, f := range p.Faults {
		parts = append(parts, f.String())
	}
	return strings.Join(parts, between)
}

// Parse reads a point's name.
func Parse(name string, v catalogue.Vocabulary) (p Point, err error) {
	parts := strings.Split(name, strings.TrimSpace(between))
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	if len(parts) < 3 {
		return p, fmt.Errorf("point %q is not WORKLOAD | DIALECT | BOXES | FAULT | ... and so on", name)
	}
	if p.World, err = ParseWorld(parts[0], parts[1], parts[2], v); err != nil {
		return p, err
	}
	v.Faults.Hops, v.Faults.Streams = len(p.Chain)+1, p.Chain.Streams()
	for _, text := range parts[3:] {
		f, err := fault.Parse(text, v.Faults)
		if err != nil {
			return p, err
		}
		p.Faults = append(p.Faults, f)
	}
	return p, nil
}

// ParseWorld reads a world: the name of a workload or its steps with semicolons
// between, a dialect, with knobs or without, and boxes with arrows between.
func ParseWorld(script, gateway, chain string, v catalogue.Vocabulary) (w World, err error) {
	var named bool
	if w.Workload, named = workload.Named(script); !named {
		lines := strings.Split(script, ";")
		for i := range lines {
			lines[i] = strings.TrimSpace(lines[i])
		}
		if w.Workload, err = workload.Parse(lines); err != nil {
			return w, fmt.Errorf("workload %q is none of %s, and as steps: %w", script, strings.Join(workload.Names(), ", "), err)
		}
	}
	parts := strings.Split(gateway, turned)
	if w.Dialect, err = oneOf("dialect", parts[0], v.Dialects); err != nil {
		return w, err
	}
	for _, part := range parts[1:] {
		var k catalogue.Knob
		k.Name, k.Value, _ = strings.Cut(part, " ")
		if _, err = oneOf("knob", k.Name, v.Knobs); err == nil {
			err = v.Turn(k.Name, k.Value)
		}
		if err != nil {
			return w, err
		}
		w.Knobs = append(w.Knobs, k)
	}
	slices.SortFunc(w.Knobs, func(a, b catalogue.Knob) int { return cmp.Compare(a.Name, b.Name) })
	w.Chain, err = v.Boxes.ParseChain(chain)
	return w, err
}

func oneOf(what, word string, allowed []string) (string, error) {
	for _, a := range allowed {
		if a == word {
			return word, nil
		}
	}
	return "", fmt.Errorf("no %s %q; there are %s", what, word, strings.Join(allowed, ", "))
}

// about is what a point is about: the session goes on, and what the user asks for
// is done.
var about = []requirement.ID{"connection.session-survives", "command.carried-out"}

// Case is the point as a case, with the point's name for its id.
func (p Point) Case() catalogue.Case {
	return catalogue.Case{
		ID: p.Name(), Title: "a session that is struck at one point", Why: "found by enumeration, not by thinking of it",
		Proves: about, Dialect: p.Dialect, Knobs: p.Knobs, Think: catalogue.DefaultThink, Chain: p.Chain, Faults: p.Faults, Workload: p.Workload,
	}
}

// slug is an id for a case file: words that tell, and a digest of the name.
func (p Point) slug() string {
	sum := sha256.Sum256([]byte(p.Name()))
	words := []string{"found", p.Dialect}
	for _, f := range p.Faults {
		words = append(words, f.Effect.Name, f.Landmark.At.String())
	}
	text := strings.Join(append(words, hex.EncodeToString(sum[:4])), "-")
	clean := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, strings.ToLower(text))
	for strings.Contains(clean, "--") {
		clean = strings.ReplaceAll(clean, "--", "-")
	}
	return clean
}

// stateOf is where in the protocol the first of the faults strikes, by the words
// of its trigger.
func stateOf(faults []fault.Fault) string {
	if len(faults) == 0 {
		return "nowhere"
	}
	switch t := faults[0].Trigger; t.On {
	case fault.Exchange:
		return strings.Join(append(append([]string{}, t.Qualifiers...), t.Word), " ")
	case fault.Connection:
		return "connection"
	case fault.Idle:
		return "idle"
	case fault.Lookup:
		return "look-up"
	}
	return "any moment"
}
