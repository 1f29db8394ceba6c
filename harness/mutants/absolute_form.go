package mutants

import (
	"bytes"
)

// absoluteForm writes the whole URL into its requests, proxy or not.
var absoluteForm = Mutant{
	Name:    "absolute-form",
	Defect:  "sends absolute-form always",
	Correct: true,
	Seen:    "the official client 5, libpurple, msn-pecan, pymsn, Kopete, emesene 1",
	New:     onRequests(absolute),
}

func absolute(request []byte) []byte {
	return retarget(request, func(target string) string {
		if target[0] != '/' {
			return target
		}
		return "http://" + fieldOf(request, "Host") + target
	})
}

// fieldOf is the value of a request's header field.
func fieldOf(request []byte, name string) string {
	_, rest, _ := bytes.Cut(request, []byte("\r\n"+name+": "))
	value, _, _ := bytes.Cut(rest, []byte("\r\n"))
	return string(value)
}
