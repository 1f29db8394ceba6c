package mutants

import (
	"strings"
)

// hostPort names the port where nobody does.
var hostPort = Mutant{
	Name:    "host-port",
	Defect:  "writes the port into Host",
	Correct: true,
	Seen:    "papyon",
	New:     onRequests(addPort),
}

func addPort(request []byte) []byte {
	host := fieldOf(request, "Host")
	if strings.Contains(host, ":") {
		return request
	}
	return setField(request, "Host", host+":80")
}
