package probe

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"gauntlet/harness/msn/gateway"
)

// Likeness is how a gateway compares with a dialect.
type Likeness struct {
	Dialect string   `json:"dialect"`
	Equal   int      `json:"equal"`   // traits that tell and fit
	Differs []string `json:"differs"` // traits that do not, with both values
}

// likenesses compares what was observed with what dialects do, the likest
// first. A trait of which nothing was learnt counts neither way.
func likenesses(traits map[string][]string, dialects map[string]gateway.Dialect) []Likeness {
	list := []Likeness{}
	for _, name := range slices.Sorted(maps.Keys(dialects)) {
		list = append(list, compare(traits, dialects[name]))
	}
	slices.SortStableFunc(list, func(a, b Likeness) int { return cmp.Compare(len(a.Differs), len(b.Differs)) })
	return list
}

func compare(traits map[string][]string, d gateway.Dialect) Likeness {
	l := Likeness{Dialect: d.Name, Differs: []string{}}
	for _, knob := range slices.Sorted(maps.Keys(traits)) {
		seen := traits[knob]
		if knob == "idle" {
			l.idle(seen, d)
			continue
		}
		does, is := d.Value(knob)
		switch {
		case !is:
		case slices.Contains(seen, does):
			l.Equal++
		default:
			l.Differs = append(l.Differs, fmt.Sprintf("%s is %s, not %s", knob, spoken(seen), does))
		}
	}
	return l
}

// idle compares the time-out with the two times between which it lies.
func (l *Likeness) idle(seen []string, d gateway.Dialect) {
	alive, _ := time.ParseDuration(seen[0]) // we wrote them
	dead, _ := time.ParseDuration(seen[1])
	does := d.Idle
	if does <= 0 {
		does = gateway.DefaultIdle
	}
	if alive <= does && does <= dead {
		l.Equal++
		return
	}
	l.Differs = append(l.Differs, fmt.Sprintf("idle is between %s and %s, not %s", seen[0], seen[1], does))
}
