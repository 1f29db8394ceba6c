package mutants

import (
	"bytes"
	"context"
	"net"
	"regexp"
	"slices"
	"strings"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/msn/builtin"
	"gauntlet/harness/msn/msnhttp"
	"gauntlet/harness/run/adapter"
	"gauntlet/proxies/http1"
)

// balks takes ClientPort 0 for nonsense, and stops.
var balks = Mutant{
	Name:     "balks",
	Defect:   "stops at a profile with ClientPort 0",
	Violates: "profile.accepted",
	Also:     []Collateral{{fallsSilent, []requirement.ID{"poll.keeps-going", "command.carried-out"}}},
	New:      diesOf(portless),
}

func portless(a *answer) bool { return bytes.Contains(a.body, []byte("\r\nClientPort: 0\r\n")) }

// caseSensitive knows the header in one spelling.
var caseSensitive = Mutant{
	Name:     "case-sensitive",
	Defect:   "does not see the session header in another spelling",
	Violates: "connection.session-survives",
	Seen:     "papyon, pymsn, msn-pecan, Kopete, SIM, MSNPSharp",
	Needs:    NeedsSetting,
	Cases:    []string{"header-name-*"},
	Also:     []Collateral{{thrownOut, []requirement.ID{"command.carried-out"}}},
	New:      onAnswers(exactName),
}

func exactName(a *answer) {
	exact := func(f http1.Field) bool { return f.Name == msnhttp.HeaderName }
	if !slices.ContainsFunc(a.head.Fields, exact) {
		a.set(msnhttp.HeaderName, "")
	}
}

// staysOn takes each connection for one that stays.
var staysOn = Mutant{
	Name:     "stays-on",
	Defect:   "goes on with a connection of which an answer said that it ends",
	Violates: "exchange.form",
	Needs:    NeedsFault,
	Cases:    []string{"close-announced-*"},
	New:      onAnswers(func(a *answer) { a.set("Connection", "") }),
}

// diesOfChunks looks for a Content-Length and for nothing else.
var diesOfChunks = Mutant{
	Name:     "dies-of-chunks",
	Defect:   "dies of an answer in chunks",
	Violates: "command.carried-out",
	Seen:     "msn-pecan, aMSN",
	Needs:    NeedsFault,
	Cases:    []string{"effect-head-chunked"},
	Also:     []Collateral{{fallsSilent, []requirement.ID{"connection.recovers", "connection.session-survives", "poll.keeps-going"}}},
	New: diesOf(func(a *answer) bool {
		return strings.EqualFold(a.field("Transfer-Encoding"), "chunked")
	}),
}

// diesOfHTTP10 knows one version.
var diesOfHTTP10 = Mutant{
	Name:     "dies-of-http10",
	Defect:   "dies of an answer of HTTP/1.0",
	Violates: "command.carried-out",
	Seen:     "msn-pecan until 2008",
	Needs:    NeedsFault,
	Cases:    []string{"effect-head-http10"},
	Also:     []Collateral{{fallsSilent, []requirement.ID{"connection.session-survives", "connection.recovers"}}},
	New:      diesOf(func(a *answer) bool { return a.version() == "HTTP/1.0" }),
}

// diesOfVia expects the header fields that it has seen on a straight way.
var diesOfVia = Mutant{
	Name:     "dies-of-via",
	Defect:   "dies of an answer with a field of a proxy's",
	Violates: "command.carried-out",
	Needs:    NeedsSetting,
	Cases:    []string{"effect-head-marked", "signed-*"},
	Also:     []Collateral{{fallsSilent, []requirement.ID{"connection.session-survives", "connection.recovers"}}},
	New:      diesOf(func(a *answer) bool { return a.field("Via") != "" || a.field("X-Cache") != "" }),
}

// dropsLast hears that it is over, and does not listen to the end.
var dropsLast = Mutant{
	Name:     "drops-last",
	Defect:   "drops the body of an answer with Session=close",
	Violates: "answer.delivered",
	Seen:     "Kopete, pymsn, emesene 1, gtmess-gw",
	Needs:    NeedsSetting,
	Cases:    []string{"last-words-*"},
	New:      onAnswers(dropLast),
}

func dropLast(a *answer) {
	if h, ok := a.session(); ok && h.Close {
		a.cutTo(0)
	}
}

// eatsPage takes every answer with 200 for the gateway's, and a page for MSNP.
var eatsPage = Mutant{
	Name:     "eats-page",
	Defect:   "parses a captive portal's page as MSNP",
	Violates: "answer.delivered",
	Seen:     "libpurple 2, papyon, emesene 2, aMSN",
	Needs:    NeedsFault,
	Cases:    []string{"effect-portal-poll-*", "effect-portal-message-*"},
	Also:     []Collateral{{misread, []requirement.ID{"command.carried-out", "command.not-lost", "command.doubt-founded", "connection.session-survives"}}},
	New:      onAnswers(adopt),
}

func adopt(a *answer) {
	asked := query(a.asked)
	if _, ok := a.session(); !ok && a.status() == 200 && asked.SessionID != "" {
		a.setSession(msnhttp.SessionHeader{SessionID: asked.SessionID})
	}
}

// swallowsCut takes what came for all that there is.
var swallowsCut = Mutant{
	Name:     "swallows-cut",
	Defect:   "takes a body that was cut for a whole one",
	Violates: "answer.delivered",
	Seen:     "libpurple 2 without a Content-Length; Miranda",
	Needs:    NeedsFault,
	Cases:    []string{"cut-body-*"},
	Also: []Collateral{
		{misread, []requirement.ID{"session-id.newest", "command.carried-out", "command.doubt-founded"}},
		{swallowed, []requirement.ID{"exchange.one-in-flight", "command.not-lost"}},
	},
	New: onAnswers(acceptCut),
}

func acceptCut(a *answer) {
	if !a.whole {
		a.cutTo(len(a.body))
	}
}

// dropsLate does the same, and takes so long to leave that its polls come first.
var dropsLate = Mutant{
	Name:     "drops-late",
	Defect:   "polls on for a while before it leaves, and drops the body of an answer with Session=close",
	Violates: "answer.delivered",
	Seen:     "emesene 1",
	Needs:    NeedsSetting,
	Cases:    []string{"last-words-*"},
	New:      newDropsLate,
}

func newDropsLate(s adapter.Setup) (adapter.Client, error) {
	c, err := onAnswers(dropLast)(s)
	return ponderer{c}, err
}

// needsAddress asks nobody when an answer does not say whom to ask.
var needsAddress = Mutant{
	Name:     "needs-address",
	Defect:   "stops at an answer without GW-IP",
	Violates: "gateway-ip.followed",
	Seen:     "libmsn: dead without it on the first answer, silent without it on a later one",
	Needs:    NeedsSetting,
	Cases:    []string{"header-without-gateway-*"},
	Also:     []Collateral{{fallsSilent, []requirement.ID{"command.carried-out", "connection.session-survives", "connection.recovers"}}},
	New: diesOf(func(a *answer) bool {
		h, ok := a.session()
		return ok && h.SessionID != "" && h.GatewayIP == ""
	}),
}

// namesNobody shows what was said and not who said it.
var namesNobody = Mutant{
	Name:     "names-nobody",
	Defect:   "shows messages as from nobody",
	Violates: "answer.delivered",
	New: func(s adapter.Setup) (adapter.Client, error) {
		report := s.Report
		s.Report = func(e history.Event) {
			if e.Kind == history.Delivered {
				e.ID = ""
			}
			report(e)
		}
		return builtin.New()(s)
	},
}

// firstLength reads a number as far as there are digits.
var firstLength = Mutant{
	Name:     "first-length",
	Defect:   "takes the first of the lengths in a list for the answer's",
	Violates: "command.doubt-founded",
	Seen:     "parsers that use atoi or strtol",
	Needs:    NeedsFault,
	Cases:    []string{"effect-length-differs-as-a-list-shorter"},
	Also:     []Collateral{{misread, []requirement.ID{"connection.session-survives"}}},
	New:      tampered(cutLists),
}

func cutLists(adapter.Setup) tamper {
	return tamper{dial: func(ctx context.Context, d dialler, address string) (net.Conn, error) {
		conn, err := d(ctx, address)
		if err != nil {
			return nil, err
		}
		return listCutter{conn}, nil
	}}
}

// listCutter is a connection on which a list of lengths has one member. Heads come in
// one piece.
type listCutter struct{ net.Conn }

// Read reads what comes, without what follows the first comma of a length.
func (c listCutter) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	return copy(p, lengthList.ReplaceAll(p[:n], []byte("$1"))), err
}

var lengthList = regexp.MustCompile(`(Content-Length: \d+), \d+`)
