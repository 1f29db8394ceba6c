package mutants

import "gauntlet/harness/judge/requirement"

// fortyChars has room for ids as it has seen them.
var fortyChars = Mutant{
	Name:     "forty-chars",
	Defect:   "keeps the first 39 characters of a SessionID",
	Violates: "session-id.newest",
	Seen:     "Miranda 0.5: reads it into 40 bytes",
	Needs:    NeedsSetting,
	Cases:    []string{"id-long-last"},
	Also:     []Collateral{{thrownOut, []requirement.ID{"connection.session-survives", "command.carried-out"}}},
	New:      onIDs(firstChars),
}

func firstChars(id string) string { return id[:min(len(id), 39)] }
