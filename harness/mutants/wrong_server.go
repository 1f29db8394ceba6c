package mutants

import (
	"strings"
)

// wrongServer spells the server otherwise.
var wrongServer = Mutant{
	Name:     "wrong-server",
	Defect:   "opens a switchboard session with Server=sb",
	Violates: "open.begins",
	New:      onRequests(lowerServer),
}

func lowerServer(request []byte) []byte {
	return requery(request, func(q string) string { return strings.Replace(q, "Server=SB", "Server=sb", 1) })
}
