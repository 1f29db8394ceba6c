package mutants

import (
	"strings"
)

// longPolls lets the gateway hold its polls.
var longPolls = Mutant{
	Name:    "long-polls",
	Defect:  "polls with a Lifespan of ten seconds",
	Correct: true,
	Seen:    "MSNPSharp, BitlBee",
	Needs:   NeedsSetting,
	Cases:   []string{"long-poll-*"},
	New:     onRequests(hold),
}

func hold(request []byte) []byte {
	return requery(request, func(q string) string { return strings.Replace(q, "Action=poll&", "Action=poll&Lifespan=10&", 1) })
}
