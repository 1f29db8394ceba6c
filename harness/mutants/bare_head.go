package mutants

import (
	"slices"
	"strings"
)

// bareHead sends what HTTP asks for, and nothing that the official client adds.
var bareHead = Mutant{
	Name:     "bare-head",
	Defect:   "sends no header field but Host, Content-Length and what a proxy wants of its users",
	Correct:  true,
	Violates: "exchange.habits",
	Seen:     "BitlBee",
	New:      onRequests(undress),
}

func undress(request []byte) []byte {
	head, body := split(request)
	lines := strings.Split(strings.TrimSpace(string(head)), "\r\n")
	kept := slices.DeleteFunc(lines, func(line string) bool {
		return !slices.ContainsFunc([]string{"POST ", "Host: ", "Content-Length: ", "Proxy-Authorization: "}, func(needed string) bool {
			return strings.HasPrefix(line, needed)
		})
	})
	return append([]byte(strings.Join(kept, "\r\n")+"\r\n\r\n"), body...)
}
