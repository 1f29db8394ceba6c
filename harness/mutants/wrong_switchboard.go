package mutants

import (
	"strings"

	"gauntlet/harness/judge/requirement"
)

// wrongSwitchboard leaves it to the gateway to know where the chat is.
var wrongSwitchboard = Mutant{
	Name:     "wrong-switchboard",
	Defect:   "opens a switchboard session at the notification server's name",
	Violates: "open.switchboard",
	Seen:     "BitlBee: leaves IP out",
	Also:     []Collateral{{thrownOut, []requirement.ID{"connection.session-survives", "command.carried-out", "command.not-lost"}}},
	New:      onRequests(misplace),
}

func misplace(request []byte) []byte {
	return requery(request, func(q string) string {
		if before, _, ok := strings.Cut(q, "&IP="); ok && strings.Contains(q, "Server=SB") {
			return before + "&IP=messenger.hotmail.com"
		}
		return q
	})
}
