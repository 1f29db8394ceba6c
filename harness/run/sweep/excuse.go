package sweep

import (
	"slices"
	"strings"

	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/judge/trace"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/rig"
	"gauntlet/proxies/fault"
)

// limit is what not even the reference client can keep, and why. Of any other
// client that is found out by the reference client's run in the same place; of the
// reference client itself nobody could say it.
type limit struct {
	of      func(Point, *rig.Result) bool
	excuses []requirement.ID
	because string
}

// goingOn are the requirements that ask for more than honesty.
var goingOn = []requirement.ID{"connection.session-survives", "command.carried-out", "answer.delivered", "poll.keeps-going"}

// limits are all that there are, by their reasons.
func limits() []limit {
	return []limit{
		{
			striking("corrupt", "drop body"), append([]requirement.ID{"close.reopens-once", "close.says-out"}, goingOn...),
			"a command or a reply arrived as another one, in a message that is sound by HTTP: neither end can see it, and nothing asks a client to wait for less than a reply",
		},
		{
			requestsWithoutLength, append([]requirement.ID{"close.reopens-once", "close.says-out"}, goingOn...),
			"the request lost the length of its command on the way, and so the command: to the gateway it is a poll, and it answers that",
		},
		{
			striking("length wrong -"), append([]requirement.ID{"command.doubt-founded"}, goingOn...),
			"the answer is whole by its own word, and lacks the end of a reply",
		},
		{
			striking("crossed answer", "stale answer", "cached"), append([]requirement.ID{"session-id.newest"}, goingOn...),
			"the answer is one of the gateway's own, with a token of its own: nothing in it says that it belongs to another request",
		},
		{
			striking("half-close to box", "repeat after drop"), append([]requirement.ID{"connection.recovers"}, goingOn...),
			"the box's 400, or the gateway's to a request that the box had sent before, reads like that to a token which is forgotten",
		},
		{
			badBeforeItBegan, goingOn,
			"the road was to be bad once the client had signed in, and on a slow machine it was before: that is another point",
		},
		{
			lostAtAStrictGateway, goingOn,
			"the answer was lost, and this gateway keeps none and takes no token but the newest: the session is dead, or goes on without what that answer brought, and honesty is all that is left",
		},
	}
}

// striking reports whether all faults have one of these effects; the first words
// of an effect suffice.
func striking(effects ...string) func(Point, *rig.Result) bool {
	means := func(f fault.Fault) bool {
		return slices.ContainsFunc(effects, func(e string) bool { return strings.HasPrefix(f.Effect.String(), e) })
	}
	return func(p Point, _ *rig.Result) bool {
		return len(p.Faults) > 0 && !slices.ContainsFunc(p.Faults, func(f fault.Fault) bool { return !means(f) })
	}
}

// requestsWithoutLength reports whether all faults take the length from requests.
func requestsWithoutLength(p Point, r *rig.Result) bool {
	atAnswer := func(f fault.Fault) bool { return f.Landmark.At != fault.AtForward }
	return striking("drop header Content-Length")(p, r) && !slices.ContainsFunc(p.Faults, atAnswer)
}

// badBeforeItBegan reports whether a time in which the road is bad met the client's very
// first exchange, and not the first rest in which it begins where a run is as fast as the
// one that was recorded.
func badBeforeItBegan(p Point, r *rig.Result) bool {
	other := func(f fault.Fault) bool { return f.Often.From == 0 }
	return len(p.Faults) > 0 && !slices.ContainsFunc(p.Faults, other) && len(r.Fates) > 0 && r.Fates[0].Exchange == 1
}

// lostAtAStrictGateway reports whether a gateway that keeps no session over a lost
// answer was asked to.
func lostAtAStrictGateway(p Point, r *rig.Result) bool {
	if p.Dialect == catalogue.DefaultDialect {
		return false
	}
	for _, f := range r.Fates {
		if f.Stage == trace.Processed || f.Stage == trace.AnswerLeft || f.Falsified != "" {
			return true
		}
	}
	return false
}

// Excuse is why not even the reference client can keep what it broke at a point;
// empty if nothing excuses it.
func Excuse(p Point, c Cause, r *rig.Result) string {
	for _, l := range limits() {
		if slices.Contains(l.excuses, c.Requirement) && l.of(p, r) {
			return l.because
		}
	}
	return ""
}
