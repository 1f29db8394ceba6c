package mutants

import (
	"net/http"
	"strings"
	"sync"
	"time"

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
