package mutants

import (
	"fmt"
	"strings"

	"gauntlet/harness/msn/msnhttp"
)

// encodes each character of a SessionID.
var encodes = Mutant{
	Name:    "encodes",
	Defect:  "percent-encodes the whole SessionID",
	Correct: true,
	Seen:    "Escargot's web client encodes what it can",
	New:     onRequests(encodeAll),
}

func encodeAll(request []byte) []byte {
	return requery(request, func(q string) string {
		before, id, ok := strings.Cut(q, "SessionID=")
		if !ok {
			return q
		}
		var out strings.Builder
		for _, c := range []byte(msnhttp.Unescape(id)) {
			fmt.Fprintf(&out, "%%%02X", c)
		}
		return before + "SessionID=" + out.String()
	})
}
