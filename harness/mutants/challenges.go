package mutants

import (
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/icholy/digest"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/run/adapter"
)

// hushes knows why it does not get in, and leaves its user waiting.
var hushes = Mutant{
	Name:     "hushes",
	Defect:   "does not tell its user that the proxy wants to be shown something else",
	Violates: "route.challenge-told",
	Needs:    NeedsSetting,
	Cases:    []string{"turned-away-forward", "turned-away-midway-forward-scheme"},
	Also:     []Collateral{{fallsSilent, []requirement.ID{"command.carried-out"}}},
	New:      silentOn(func(e history.Event) bool { return e.Kind == history.Failed && strings.Contains(e.Text, "407") }),
}

// insists tries a password until the account is locked.
var insists = Mutant{
	Name:     "insists",
	Defect:   "asks a proxy that turns it away twice a second, on and on",
	Violates: "route.challenge-told",
	Needs:    NeedsSetting,
	Cases:    []string{"turned-away-midway-forward-*"},
	Also:     []Collateral{{uncurbed, []requirement.ID{"connection.backs-off"}}},
	New:      minded(backingOff(500 * time.Millisecond)),
}

// missesStale does not see that a nonce is stale: each digest is of the first.
var missesStale = Mutant{
	Name:     "misses-stale",
	Defect:   "shows a digest of the first nonce for ever, although the proxy says stale and gives another",
	Violates: "route.credentials",
	Seen:     "curl, which took a stale nonce for a wrong password",
	Needs:    NeedsSetting,
	Cases:    []string{"digest-midway"},
	New:      tampered(firstNonce),
}

func firstNonce(adapter.Setup) tamper {
	var mu sync.Mutex
	first := ""
	return tamper{answer: func(a *answer) {
		challenge := a.field("Proxy-Authenticate")
		if a.status() != http.StatusProxyAuthRequired || !strings.HasPrefix(challenge, "Digest ") {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		if first == "" {
			first = challenge
		}
		a.set("Proxy-Authenticate", first)
	}}
}

// countsNone does not count for how many requests it has used a nonce.
var countsNone = Mutant{
	Name:     "counts-none",
	Defect:   "says of each digest that it is the first of its nonce (nc=00000001)",
	Violates: "route.credentials",
	Seen:     "Postman, whose count is always 1",
	Needs:    NeedsSetting,
	Cases:    []string{"digest-midway"},
	New:      tampered(alwaysFirst),
}

func alwaysFirst(s adapter.Setup) tamper {
	var mu sync.Mutex
	asked := map[string]string{} // the challenge, by its nonce
	return tamper{
		answer: func(a *answer) {
			text := a.field("Proxy-Authenticate")
			if challenge, err := digest.ParseChallenge(text); err == nil {
				mu.Lock()
				defer mu.Unlock()
				asked[challenge.Nonce] = text
			}
		},
		request: func(request []byte) []byte {
			shown, err := digest.ParseCredentials(fieldOf(request, "Proxy-Authorization"))
			if err != nil {
				return request
			}
			mu.Lock()
			defer mu.Unlock()
			_, first, _ := strings.Cut(strings.TrimSpace(s.Route.Meets(asked[shown.Nonce], http.MethodPost, shown.URI, 1)), ": ")
			return setField(request, "Proxy-Authorization", first)
		},
	}
}
