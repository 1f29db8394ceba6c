package mutants

import (
	"slices"
	"strings"
)

// bareHead sends what HTTP asks for, and nothing that the official client adds.
var bareHead = Mutant{
	Name:     "bare-head",
	Defect:   "sends no header field but Host and Content-Length",
	Correct:  true,
	Violates: "exchange.habits",
	Seen:     "BitlBee",
	New:      onRequests(undress),
}

func undress(request []byte) []byte {
	head, body := split(request)
	lines := strings.Split(strings.TrimSpace(string(head)), "\r\n")
	kept := slices.DeleteFunc(lines, func(line string) bool {
		return !strings.HasPrefix(line, "POST ") && !strings.HasPrefix(line, "Host: ") && !strings.HasPrefix(line, "Content-Length: ")
	})
	return append([]byte(strings.Join(kept, "\r\n")+"\r\n\r\n"), body...)
}
