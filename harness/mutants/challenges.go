package mutants

import (
	"strings"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/requirement"
)

// hushes knows why it does not get in, and leaves its user waiting.
var hushes = Mutant{
	Name:     "hushes",
	Defect:   "does not tell its user that the proxy wants to be shown something else",
	Violates: "route.challenge-told",
	Needs:    NeedsSetting,
	Cases:    []string{"turned-away-forward", "turned-away-midway-forward-scheme"},
	Also:     []Collateral{{fallsSilent, []requirement.ID{"command.carried-out"}}},
	New:      silentOn(func(e history.Event) bool { return e.Kind == history.Failed && strings.Contains(e.Text, "407") }),
}

// insists tries a password until the account is locked.
var insists = Mutant{
	Name:     "insists",
	Defect:   "asks a proxy that turns it away twice a second, on and on",
	Violates: "route.challenge-told",
	Needs:    NeedsSetting,
	Cases:    []string{"turned-away-midway-forward-*"},
	Also:     []Collateral{{uncurbed, []requirement.ID{"connection.backs-off"}}},
	New:      minded(backingOff(500 * time.Millisecond)),
}
