package oracle

import (
	"bytes"
	"slices"
	"strconv"
	"unicode/utf8"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/trace"
)

// lengthsInBytes holds that a length is that of the bytes, as a Content-Length is
// (RFC 9110, section 8.6) and the length of a payload: of a text that is not plain
// ASCII there are fewer characters.
func lengthsInBytes(t *trace.Trace) (f oracle.Assessment) {
	rest := restsOf(t)
	f = oracle.Moot()
	for _, r := range t.Requests {
		if !beyondASCII(t, r) {
			continue
		}
		body := slices.Concat(r.Body, rest[r])
		said, payload, ok := onePayload(body)
		switch {
		case len(rest[r]) > 0 && utf8.RuneCount(body) == len(r.Body):
			f.Fail([]int{r.Ordinal}, "request %d has a Content-Length of %d; these are the characters of its body, which has %d bytes", r.Ordinal, len(r.Body), len(body))
		case ok && said != len(payload) && said == utf8.RuneCount(payload):
			f.Fail([]int{r.Ordinal}, "request %d says that its payload has a length of %d; these are its characters, it has %d bytes", r.Ordinal, said, len(payload))
		default:
			f.OK()
		}
	}
	f.Missing("nothing was sent but ASCII")
	return f
}

// beyondASCII reports whether a request with a text came whole that has fewer
// characters than bytes.
func beyondASCII(_ *trace.Trace, r *trace.Request) bool {
	return r.Received && utf8.RuneCount(r.Body) < len(r.Body)
}

// restsOf are the bytes that came behind requests, as no requests.
func restsOf(t *trace.Trace) map[*trace.Request][]byte {
	rests := map[*trace.Request][]byte{}
	for i := range t.Events {
		if ev := &t.Events[i]; ev.Kind == history.Opaque && ev.From == history.AtHop && ev.Hop == 0 && ev.By == "peer" {
			if before := lastBefore(t, ev); before != nil {
				rests[before] = ev.Data
			}
		}
	}
	return rests
}

// onePayload is what a body says of the length of its payload, and all that stands
// behind its first line; ok is false where that is no such command.
func onePayload(body []byte) (said int, payload []byte, ok bool) {
	line, payload, _ := bytes.Cut(body, []byte("\r\n"))
	words := bytes.Fields(line)
	if len(words) < 3 || len(words[0]) != 3 {
		return 0, nil, false
	}
	said, err := strconv.Atoi(string(words[len(words)-1]))
	return said, payload, err == nil
}
