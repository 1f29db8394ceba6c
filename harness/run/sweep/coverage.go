package sweep

import (
	"maps"
	"slices"

	"gauntlet/proxies/fault"
)

// Cell is what became of the points with an effect in a state of the protocol.
type Cell struct {
	Runs      int `json:"runs"`
	Passed    int `json:"passed"`
	Failed    int `json:"failed"`
	Excused   int `json:"excused"` // failed where nobody could do better
	Unreached int `json:"never_reached"`
}

// Coverage is the map of a sweep: by state, then by the name of an effect.
type Coverage map[string]map[string]*Cell

// cell is that of the point's first fault; it is made if there is none.
func (c Coverage) cell(p Point) *Cell {
	state, effect := stateOf(p.Faults), "nothing"
	if len(p.Faults) > 0 {
		effect = p.Faults[0].Effect.Name
	}
	if c[state] == nil {
		c[state] = map[string]*Cell{}
	}
	if c[state][effect] == nil {
		c[state][effect] = &Cell{}
	}
	return c[state][effect]
}

// States are the states that were met, in order.
func (c Coverage) States() []string { return slices.Sorted(maps.Keys(c)) }

// Add counts a schedule that somebody runs, without an outcome.
func (c Coverage) Add(faults []fault.Fault) {
	for i := range faults {
		c.cell(Point{Faults: faults[i : i+1]}).Runs++
	}
}

// Empty are the effects, by name, that could strike in a state and never were
// tried there, or never fired.
func (c Coverage) Empty(state string) (names []string) {
	for _, name := range EffectNames() {
		if cell := c[state][name]; CanStrike(state, name) && (cell == nil || cell.Runs == cell.Unreached) {
			names = append(names, name)
		}
	}
	return names
}

// EffectNames are those of all effects, in order.
func EffectNames() []string { return slices.Sorted(maps.Keys(fault.Effects())) }

// CanStrike reports whether an effect can strike in a state: before anything is said
// only what needs no message.
func CanStrike(state, effect string) bool {
	k, _ := fault.Effect{Name: effect}.Kind()
	switch state {
	case "connection":
		return k.MeansSomethingAt(fault.AtAccept)
	case "look-up":
		return k.MeansSomethingAt(fault.AtLookup)
	case "idle":
		return k.MeansSomethingAt(fault.AtIdle)
	case "any moment":
		return k.MeansSomethingAt(fault.AtMoment)
	}
	return slices.ContainsFunc(k.At, func(p fault.Place) bool {
		return p != fault.AtAccept && p != fault.AtMoment && p != fault.AtLookup
	})
}
