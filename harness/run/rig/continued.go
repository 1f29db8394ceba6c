package rig

import (
	"context"

	"gauntlet/harness/run/catalogue"
)

// Continued is a Runner that takes the outcomes which are there already, by the
// ids of their cases, and has the others run.
func Continued(run Runner, finished map[string]Outcome) Runner {
	return func(ctx context.Context, cases []catalogue.Case, done func(Outcome)) error {
		var rest []catalogue.Case
		for _, c := range cases {
			o, there := finished[c.ID]
			if !there {
				rest = append(rest, c)
				continue
			}
			o.Case = c
			done(o)
		}
		return run(ctx, rest, done)
	}
}
