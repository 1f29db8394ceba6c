package mutants

import (
	"strings"
)

// lowerCase writes the names of its header fields in small letters.
var lowerCase = Mutant{
	Name:    "lower-case",
	Defect:  "sends lower-case header names",
	Correct: true,
	Seen:    "clients on HTTP/2 libraries",
	New:     onRequests(lowerNames),
}

func lowerNames(request []byte) []byte {
	head, body := split(request)
	lines := strings.Split(string(head), "\r\n")
	for i, line := range lines[1:] {
		if name, value, ok := strings.Cut(line, ":"); ok {
			lines[i+1] = strings.ToLower(name) + ":" + value
		}
	}
	return append([]byte(strings.Join(lines, "\r\n")), body...)
}
