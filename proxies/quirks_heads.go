package proxies

import (
	"net/http"
	"strings"

	"gauntlet/proxies/heads"
)

// fromServer is the version that the server's answer has.
const fromServer = "server"

// headQuirks are about the lines of a head. The faithful box writes fields in the
// order and spelling in which they came, both ways, and the status line with the
// server's own reason: there are clients that look for `X-MSN-Messenger` letter
// by letter. It asks in HTTP/1.1 and in origin-form, and answers in the client's
// version.
func headQuirks() []Quirk {
	return []Quirk{
		{
			Word:   "canonical-names",
			Help:   "writes heads as net/http does: X-Msn-Messenger, sorted",
			effect: does(func(b *behaviour) { b.restoresHeads = false }),
		},
		{
			Word: "keeps-absolute-form",
			Help: "leaves the request line as the client wrote it, as HAProxy does",
			effect: does(func(b *behaviour) {
				b.requestLine = append(b.requestLine, func(x *exchange, _ string) string { return x.request.Start() })
			}),
		},
		// A request in chunks, which 1.0 does not know, keeps its 1.1.
		{
			Word: "asks-version",
			Help: "asks in HTTP/1.0, or in its client's version; only the request line says so",
			effect: takes(choice("1.0", "client"), func(b *behaviour, asks string) {
				b.requestLine = append(b.requestLine, func(x *exchange, line string) string {
					if x.request.Has("Transfer-Encoding") || asks == "client" && !strings.HasSuffix(x.request.Start(), "HTTP/1.0") {
						return line
					}
					return heads.WithVersion(line, "1.0")
				})
			}),
		},
		{
			Word:   "answers-version",
			Help:   "answers in this version of HTTP, or in the server's; in 1.0 without chunks, and a client of 1.1 loses its connection after each answer",
			effect: takes(choice("1.0", "1.1", fromServer), answersVersion),
		},
		{
			Word:   "reorders-fields",
			Help:   "sorts the fields of requests, Host in front",
			effect: does(func(b *behaviour) { b.requestHead = append(b.requestHead, heads.Sort) }),
		},
		{
			Word: "lower-case-names",
			Help: "writes all field names in lower case, both ways, as HAProxy does",
			effect: does(func(b *behaviour) {
				b.requestHead, b.answerHead = append(b.requestHead, heads.Lower), append(b.answerHead, heads.Lower)
			}),
		},
		// A reset is a failure as ever.
		{
			Word:   "takes-cut-head",
			Help:   "takes what came of an answer's head for all of it when the server closes the connection there",
			effect: does(func(b *behaviour) { b.takesCutHead = true }),
		},
	}
}

func answersVersion(b *behaviour, version string) {
	b.statusLine = append(b.statusLine, func(line, original string) string {
		switch {
		case version != fromServer:
			return heads.WithVersion(line, version)
		case strings.HasPrefix(original, "HTTP/1.0 "):
			return heads.WithVersion(line, "1.0")
		}
		return heads.WithVersion(line, "1.1")
	})
	if version == "1.0" {
		b.chunks = false
		b.closes = append(b.closes, func(r *http.Request) bool { return r.ProtoAtLeast(1, 1) })
	}
}
