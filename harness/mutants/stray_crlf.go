package mutants

// strayCRLF ends each request with a line end that no length counts.
var strayCRLF = Mutant{
	Name:    "stray-crlf",
	Defect:  "sends a stray line end behind each request",
	Correct: true,
	Seen:    "an early aMSN: its final line ends come twice",
	New:     onRequests(addLineEnd),
}

func addLineEnd(request []byte) []byte { return append(request, "\r\n"...) }
