package proxies

import (
	"fmt"
	"net"
	"net/http"
	"net/textproto"
	"strings"
	"time"

	"gauntlet/proxies/heads"
	"gauntlet/proxies/http1"
)

// fieldQuirks are about the fields of messages. The faithful box adds none of its
// own, takes none away but those for one hop, and leaves the others alone.
func fieldQuirks() []Quirk {
	return []Quirk{
		{
			Word:   "invents-accept-encoding",
			Help:   "drops the client's Accept-Encoding, asks for gzip, and unpacks the answer",
			effect: does(func(b *behaviour) { b.asksForGzip = true }),
		},
		{
			Word:   "invents-fields",
			Help:   "adds User-Agent, Cache-Control with Pragma, Date, and a guessed Content-Type, as net/http does",
			effect: does(func(b *behaviour) { b.inventsNothing = false }),
		},
		{
			Word:   "passes-hop-by-hop",
			Help:   "forwards an answer's fields that are meant for one hop only, of a request's Keep-Alive, TE and Upgrade, and a client's close upstream, as goproxy does",
			effect: does(func(b *behaviour) { b.dropsHopByHop = false }),
		},
		{
			Word: "passes-proxy-connection",
			Help: "sends Proxy-Connection upstream, as everything does that does not know that it is a proxy",
			effect: does(func(b *behaviour) {
				b.forwarded = append(b.forwarded, func(x *exchange, r *http.Request) { passField(r.Header, x.request, "Proxy-Connection") })
			}),
		},
		// The faithful box answers an expectation itself and passes it on as well.
		{
			Word:   "on-expect",
			Help:   "only passes Expect: 100-continue on, and the client waits for the server's word; only answers it, and the server never knows; or refuses the request by a 417",
			effect: takes(choice("passes", "answers", "refuses"), onExpect),
		},
		{
			Word: "via",
			Help: "adds itself to Via, in requests and answers, or in answers only",
			effect: takes(optional(text(isWord, "a name"), "answers"), func(b *behaviour, name with[string]) {
				if !name.word {
					b.pseudonym = name.value
					b.forwarded = append(b.forwarded, func(_ *exchange, r *http.Request) { addVia(r.Header, r.ProtoMinor, name.value) })
				}
				b.answer = append(b.answer, func(resp *http.Response) { addVia(resp.Header, resp.ProtoMinor, name.value) })
			}),
		},
		{
			Word: "x-forwarded-for",
			Help: "adds the client's IP to X-Forwarded-For",
			effect: does(func(b *behaviour) {
				b.forwarded = append(b.forwarded, func(x *exchange, r *http.Request) { addForwardedFor(r.Header, x.client) })
			}),
		},
		{
			Word: "names-host",
			Help: "sends this Host upstream, as nginx names the group of servers to which it forwards",
			effect: takes(text(isWord, "a host"), func(b *behaviour, host string) {
				b.forwarded = append(b.forwarded, func(_ *exchange, r *http.Request) { r.Host = host })
			}),
		},
		{
			Word: "says-connection",
			Help: "sends this Connection field upstream; close also ends the connection after the answer",
			effect: takes(text(isWord, "close", "keep-alive"), func(b *behaviour, word string) {
				b.forwarded = append(b.forwarded, func(x *exchange, r *http.Request) {
					r.Header["Connection"] = []string{word}
					x.saysEnd = word == "close"
				})
			}),
		},
		// RFC 9110 bids a recipient with a clock do so, and most products do.
		{
			Word:   "dates",
			Help:   "adds a Date to an answer without one",
			effect: does(func(b *behaviour) { b.answer = append(b.answer, addDate) }),
		},
		{
			Word: "sets-in-request",
			Help: "puts these fields into each request, in place of their namesakes; names and values are without spaces and commas",
			effect: takes(text(areFields, "Name:value,Name:value"), func(b *behaviour, fields string) {
				b.forwarded = append(b.forwarded, func(_ *exchange, r *http.Request) { setFields(r.Header, fields) })
			}),
		},
		{
			Word: "sets-in-answer",
			Help: "puts these fields into each answer, in place of their namesakes; names and values are without spaces and commas",
			effect: takes(text(areFields, "Name:value,Name:value"), func(b *behaviour, fields string) {
				b.answer = append(b.answer, func(resp *http.Response) { setFields(resp.Header, fields) })
			}),
		},
	}
}

// onExpect decides who hears of an expectation. The server gets a second to
// answer it where the client waits for that.
func onExpect(b *behaviour, how string) {
	if how == "refuses" {
		b.admit = append(b.admit, func(x *exchange, _ *http.Request) bool { return !x.request.Has("Expect") || refuse(x, "417") })
		return
	}
	if how == "answers" {
		b.forwarded = append(b.forwarded, func(_ *exchange, r *http.Request) { delete(r.Header, "Expect") })
		return
	}
	b.awaitsContinue = time.Second
	b.forwarded = append(b.forwarded, func(x *exchange, r *http.Request) { passField(r.Header, x.request, "Expect") })
	b.readHead = append(b.readHead, func(head []byte) []byte { // net/http would answer it
		h := http1.Parse(head)
		h.Remove("Expect")
		return h.Bytes()
	})
}

// passField puts back a field as it came.
func passField(h http.Header, original *http1.Head, key string) {
	for _, f := range original.Fields {
		if f.Is(key) {
			h[key] = append(h[key], f.Value)
		}
	}
}

// addVia signs behind whoever has signed before.
func addVia(h http.Header, minor int, name string) {
	all := append(h["Via"], fmt.Sprintf("1.%d %s", minor, name))
	h["Via"] = []string{strings.Join(all, ", ")}
}

func addForwardedFor(h http.Header, client net.Conn) {
	host, _, err := net.SplitHostPort(client.RemoteAddr().String())
	if err != nil {
		host = "unknown"
	}
	h["X-Forwarded-For"] = []string{strings.Join(append(h["X-Forwarded-For"], host), ", ")}
}

func addDate(resp *http.Response) {
	if resp.Header.Get("Date") == "" {
		resp.Header["Date"] = []string{time.Now().UTC().Format(http.TimeFormat)}
	}
}

func areFields(text string) bool {
	for part := range strings.SplitSeq(text, ",") {
		if name, value, ok := strings.Cut(part, ":"); !ok || name == "" || value == "" {
			return false
		}
	}
	return true
}

// setFields writes the names as they are spelled.
func setFields(h http.Header, fields string) {
	for part := range strings.SplitSeq(fields, ",") {
		name, value, _ := strings.Cut(part, ":")
		delete(h, textproto.CanonicalMIMEHeaderKey(name))
		h[name] = []string{value}
	}
}

// keepOwnFields undoes what net/http invented, or would, for a request whose
// head came as original. A present key without a value keeps net/http silent.
func keepOwnFields(h http.Header, original *http1.Head) {
	if !original.Has("Cache-Control") {
		h.Del("Cache-Control")
	}
	if !original.Has("User-Agent") {
		h["User-Agent"] = nil
	}
}

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
