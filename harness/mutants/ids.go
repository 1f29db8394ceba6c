package mutants

import (
	"strings"

	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/msn/msnhttp"
	"gauntlet/harness/run/adapter"
)

// cutsAtDash takes an id for a word.
var cutsAtDash = Mutant{
	Name:     "cuts-at-dash",
	Defect:   "reads a SessionID up to its first dash",
	Violates: "session-id.newest",
	Seen:     "a Kotlin client: matches \\w+",
	Needs:    NeedsSetting,
	Cases:    []string{"id-uuid-last", "id-unreserved-last"},
	Also:     []Collateral{{thrownOut, []requirement.ID{"connection.session-survives", "command.carried-out"}}},
	New:      onIDs(beforeDash),
}

func beforeDash(id string) string {
	before, _, _ := strings.Cut(id, "-")
	return before
}

// cutsAtDot takes the id for the number that does not change.
var cutsAtDot = Mutant{
	Name:     "cuts-at-dot",
	Defect:   "keeps of a SessionID what stands before its dot",
	Violates: "session-id.newest",
	Seen:     "Escargot's web client and a Kotlin client: use the constant part",
	Also:     []Collateral{{thrownOut, []requirement.ID{"connection.session-survives", "command.carried-out"}}},
	New:      onIDs(beforeDot),
}

func beforeDot(id string) string {
	before, _, _ := strings.Cut(id, ".")
	return before
}

// fortyChars has room for ids as it has seen them.
var fortyChars = Mutant{
	Name:     "forty-chars",
	Defect:   "keeps the first 39 characters of a SessionID",
	Violates: "session-id.newest",
	Seen:     "Miranda 0.5: reads it into 40 bytes",
	Needs:    NeedsSetting,
	Cases:    []string{"id-long-last"},
	Also:     []Collateral{{thrownOut, []requirement.ID{"connection.session-survives", "command.carried-out"}}},
	New:      onIDs(firstChars),
}

func firstChars(id string) string { return id[:min(len(id), 39)] }

// keepsFirstID reads the SessionID in the answer to its open and in no other.
var keepsFirstID = Mutant{
	Name:     "keeps-first-id",
	Defect:   "goes on with the first SessionID for ever",
	Violates: "session-id.newest",
	Seen:     "Escargot's web client: never looks at the header again",
	Cases:    []string{"contacts-none-direct"}, // the session is short
	Floods:   true,
	Also: []Collateral{
		{misread, []requirement.ID{"close.says-out", "close.reopens-once", "connection.session-survives", "command.carried-out", "answer.delivered"}},
		{fallsSilent, []requirement.ID{"poll.keeps-going"}},
	},
	New: onAnswers(forgetID),
}

// forgetID has the answer say what the request had said.
func forgetID(a *answer) {
	asked := query(a.asked)
	if h, ok := a.session(); ok && asked.SessionID != "" {
		h.SessionID = asked.SessionID
		a.setSession(h)
	}
}

// needsDot looks for the dot and uses what it did not find.
var needsDot = Mutant{
	Name:     "needs-dot",
	Defect:   "dies of a SessionID without a dot",
	Violates: "session-id.newest",
	Seen:     "msn-pecan, Gaim 0.8x: crash on an id without a dot",
	Needs:    NeedsSetting,
	Cases:    []string{"id-nodot-last"},
	Also:     []Collateral{{fallsSilent, []requirement.ID{"command.carried-out"}}},
	New:      diesOf(dotless),
}

func dotless(a *answer) bool {
	h, ok := a.session()
	return ok && h.SessionID != "" && !strings.Contains(h.SessionID, ".")
}

// needsOrder cuts the header at fixed words, and keeps what it had if they are
// not there.
var needsOrder = Mutant{
	Name:     "needs-order",
	Defect:   "keeps its old SessionID when the header is laid out otherwise",
	Violates: "session-id.newest",
	Seen:     "emesene 1: cuts at \"; GW-IP=\"; Kopete, libpurple and Miranda need the order too",
	Needs:    NeedsSetting,
	Cases:    []string{"header-varied"}, // with header-reordered it floods
	Also: []Collateral{
		{misread, []requirement.ID{"gateway-ip.followed", "close.reopens-once", "command.carried-out", "command.not-lost", "answer.delivered"}},
		{fallsSilent, []requirement.ID{"poll.keeps-going"}},
	},
	New: onAnswers(standardOnly),
}

func standardOnly(a *answer) {
	value := a.field(msnhttp.HeaderName)
	asked := query(a.asked)
	if asked.SessionID == "" || strings.HasPrefix(value, "SessionID=") && strings.Contains(value, "; GW-IP=") {
		return
	}
	a.setSession(msnhttp.SessionHeader{SessionID: asked.SessionID})
}

// numeric reads ids as a number, a dot and a number.
var numeric = Mutant{
	Name:     "numeric",
	Defect:   "reads a SessionID as digits, a dot and digits",
	Violates: "session-id.newest",
	Seen:     "Gaim 0.8x, msn-pecan, gtmess-gw: expect two numbers with a dot between",
	Needs:    NeedsSetting,
	Cases:    []string{"id-uuid-last", "id-hex-last", "id-unreserved-last"},
	Also:     []Collateral{{thrownOut, []requirement.ID{"connection.session-survives", "command.carried-out"}}},
	New:      onIDs(firstNumber),
}

func firstNumber(id string) string {
	return id[:len(id)-len(strings.TrimLeft(id, "0123456789."))]
}

// onePlace takes an id for two parts with one dot between.
var onePlace = Mutant{
	Name:     "one-place",
	Defect:   "takes a SessionID for what stands before its first dot and behind its last",
	Violates: "session-id.newest",
	Needs:    NeedsSetting,
	Cases:    []string{"id-dots-last"},
	Also:     []Collateral{{thrownOut, []requirement.ID{"connection.session-survives", "command.carried-out"}}},
	New:      onIDs(twoParts),
}

func twoParts(id string) string {
	before, _, dotted := strings.Cut(id, ".")
	if !dotted {
		return id
	}
	return before + id[strings.LastIndex(id, "."):]
}

// rawID writes ids into its queries as they are.
var rawID = Mutant{
	Name:     "raw-id",
	Defect:   "does not escape a SessionID",
	Violates: "session-id.escaped",
	Seen:     "every client with a parser of its own",
	Needs:    NeedsSetting,
	Cases:    []string{"id-reserved-*"},
	New:      onRequests(unescapeID),
}

func unescapeID(request []byte) []byte { return requery(request, msnhttp.Unescape) }

// rushesID believes the head of an answer that was cut, and repeats the command
// under the id that it had shown: for the gateway that is another request.
var rushesID = Mutant{
	Name:     "rushes-id",
	Defect:   "repeats a command under the new id that a cut answer had shown",
	Violates: "session-id.newest",
	Seen:     "MSNPSharp: takes the id from the head, and resends when the body was not read to its end",
	Needs:    NeedsFault,
	Cases:    []string{"cut-body-*"},
	Also:     []Collateral{{sentAgain, []requirement.ID{"command.carried-out", "command.not-doubled", "answer.delivered"}}},
	New:      minded(rash),
}

// letsGo takes what a cut answer had in it for lost, the reply to a command too.
var letsGo = Mutant{
	Name:     "lets-go",
	Defect:   "goes on under the id that a cut answer had shown, and never says again what had no reply",
	Violates: "connection.session-survives",
	Needs:    NeedsFault,
	Cases:    []string{"dialect-strict-poll-shown-*"},
	Also:     []Collateral{{fallsSilent, []requirement.ID{"command.carried-out"}}},
	New:      once(func([]byte) bool { return true }),
}

// onIDs has the client read each SessionID otherwise than it was written.
func onIDs(read func(id string) string) adapter.Factory {
	return onAnswers(func(a *answer) {
		h, ok := a.session()
		if id := read(h.SessionID); ok && id != h.SessionID {
			h.SessionID = id
			a.setSession(h)
		}
	})
}
