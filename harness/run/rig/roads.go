package rig

import (
	"gauntlet/harness/run/catalogue"
	"gauntlet/proxies/fault"
)

// roadless says why a case's faults on the road cannot strike in this mode; empty
// if they can, or if there are none.
func roadless(c catalogue.Case, m Mode) string {
	kinds := fault.Effects()
	for _, f := range c.Faults {
		switch {
		case !kinds[f.Effect.Name].Road:
		case m != Netns:
			return f.Effect.Name + " is something that only a kernel on the way can do: --mode netns"
		case f.Effect.Name == "forget flow" && f.Hop != 0:
			return "only the client's own router, before hop 0, translates addresses that it could forget"
		}
	}
	return ""
}
