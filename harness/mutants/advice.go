package mutants

import (
	"bytes"
	"fmt"
	"net/url"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/run/adapter"
	"gauntlet/proxies/http1"
)

// overhears when it is told to come back later.
var overhears = Mutant{
	Name:     "overhears",
	Defect:   "does not see Retry-After",
	Violates: "connection.waits-as-told",
	Needs:    NeedsFault,
	Cases:    []string{"told-to-wait-*"},
	New:      onAnswers(func(a *answer) { a.set("Retry-After", "") }),
}

// reposts a command where it is sent to, as 307 and 308 ask of who trusts them.
var reposts = Mutant{
	Name:     "reposts",
	Defect:   "sends a command once more where a redirect (307, 308) points to",
	Violates: "route.no-redirect",
	Seen:     "papyon, with any redirect; HTTP libraries do by default",
	Needs:    NeedsFault,
	Cases:    []string{"sent-elsewhere-307-*"},
	Also:     []Collateral{{elsewhere, []requirement.ID{"exchange.form", "gateway-ip.followed", "session-id.newest"}}},
	New:      tampered(repost),
}

func repost(adapter.Setup) tamper {
	var to atomic.Pointer[url.URL]
	return tamper{
		answer: func(a *answer) {
			_, body := split(a.asked)
			if at, err := url.Parse(a.field("Location")); err == nil && at.Host != "" && len(body) > 0 && (a.status() == 307 || a.status() == 308) {
				to.Store(at)
			}
		},
		request: func(request []byte) []byte {
			at := to.Swap(nil)
			if at == nil {
				return request
			}
			absolute := strings.HasPrefix(target(request), "http:")
			request = retarget(request, func(string) string {
				if absolute {
					return at.String()
				}
				return at.RequestURI()
			})
			return setField(request, "Host", at.Host)
		},
	}
}

// countsCharacters of a message, where its bytes count.
var countsCharacters = Mutant{
	Name:     "counts-characters",
	Defect:   "gives the length of a message in characters",
	Violates: "exchange.lengths",
	Seen:     "tigase-server 18",
	Cases:    []string{"says-accents-*"},
	New:      onRequests(shortPayload),
}

func shortPayload(request []byte) []byte {
	_, body := split(request)
	line, payload, ok := bytes.Cut(body, []byte("\r\n"))
	if !ok || !bytes.HasPrefix(line, []byte("MSG ")) {
		return request
	}
	words := bytes.Fields(line)
	words[len(words)-1] = fmt.Append(nil, utf8.RuneCount(payload))
	return withBody(request, string(bytes.Join(words, []byte(" ")))+"\r\n"+string(payload))
}

// measuresCharacters of a body, where its bytes count.
var measuresCharacters = Mutant{
	Name:     "measures-characters",
	Defect:   "gives Content-Length in characters",
	Violates: "exchange.lengths",
	Cases:    []string{"says-accents-*"},
	Also: []Collateral{
		{thrownOut, []requirement.ID{"exchange.form", "close.says-out", "connection.session-survives", "route.intercepted"}},
		{crossed, []requirement.ID{"exchange.one-in-flight"}},
	},
	New: onRequests(shortBody),
}

func shortBody(request []byte) []byte {
	_, body := split(request)
	return rehead(request, func(h *http1.Head) { h.Set("Content-Length", fmt.Sprint(utf8.RuneCount(body))) })
}
