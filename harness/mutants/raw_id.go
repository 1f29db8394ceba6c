package mutants

import (
	"gauntlet/harness/msn/msnhttp"
)

// rawID writes ids into its queries as they are.
var rawID = Mutant{
	Name:     "raw-id",
	Defect:   "does not escape a SessionID",
	Violates: "session-id.escaped",
	Seen:     "every client with a parser of its own",
	Needs:    NeedsSetting,
	Cases:    []string{"id-reserved-*"},
	New:      onRequests(unescapeID),
}

func unescapeID(request []byte) []byte { return requery(request, msnhttp.Unescape) }
