package mutants

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gauntlet/harness/msn/builtin"
	"gauntlet/harness/msn/msnhttp"
	"gauntlet/harness/run/adapter"
	"gauntlet/proxies/http1"
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
	head, _ := split(request)
	h := http1.Parse(head)
	return h.Get(name)
}

// bareHead sends what HTTP asks for, and nothing that the official client adds.
var bareHead = Mutant{
	Name:     "bare-head",
	Defect:   "sends no header field but Host, Content-Length and what a proxy wants of its users",
	Correct:  true,
	Violates: "exchange.habits",
	Seen:     "BitlBee",
	New:      onRequests(undress),
}

func undress(request []byte) []byte {
	return rehead(request, func(h *http1.Head) {
		h.Fields = slices.DeleteFunc(h.Fields, func(f http1.Field) bool {
			return !slices.ContainsFunc([]string{"Host", "Content-Length", "Proxy-Authorization"}, f.Is)
		})
	})
}

// batches sends all that waits in one body.
var batches = Mutant{
	Name:     "batches",
	Defect:   "puts several commands into a body",
	Correct:  true,
	Violates: "command.one-per-request",
	Seen:     "aMSN, Miranda, MSNPSharp, the official client 7",
	New:      minded(allAtOnce),
}

// emptyOpen opens first and speaks then.
var emptyOpen = Mutant{
	Name:     "empty-open",
	Defect:   "opens with an empty body",
	Correct:  true,
	Violates: "open.carries-command",
	Seen:     "aMSN, GalouMessenger",
	New:      minded(notInTheOpen),
}

// encodes each character of a SessionID.
var encodes = Mutant{
	Name:    "encodes",
	Defect:  "percent-encodes the whole SessionID",
	Correct: true,
	Seen:    "Escargot's web client encodes what it can",
	New:     onRequests(encodeAll),
}

func encodeAll(request []byte) []byte {
	return requery(request, func(q string) string {
		before, id, ok := strings.Cut(q, "SessionID=")
		if !ok {
			return q
		}
		var out strings.Builder
		for _, c := range []byte(msnhttp.Unescape(id)) {
			fmt.Fprintf(&out, "%%%02X", c)
		}
		return before + "SessionID=" + out.String()
	})
}

// fiveSeconds polls at the pace of some clients.
var fiveSeconds = Mutant{
	Name:    "five-seconds",
	Defect:  "polls every five seconds",
	Correct: true,
	Seen:    "papyon, GalouMessenger, aMSN 0.8",
	New:     paced(5 * time.Second),
}

// hostPort names the port where nobody does.
var hostPort = Mutant{
	Name:    "host-port",
	Defect:  "writes the port into Host",
	Correct: true,
	Seen:    "papyon",
	New:     onRequests(addPort),
}

func addPort(request []byte) []byte {
	host := fieldOf(request, "Host")
	if strings.Contains(host, ":") {
		return request
	}
	return setField(request, "Host", host+":80")
}

// longPolls lets the gateway hold its polls.
var longPolls = Mutant{
	Name:    "long-polls",
	Defect:  "polls with a Lifespan of ten seconds",
	Correct: true,
	Seen:    "MSNPSharp, BitlBee",
	Needs:   NeedsSetting,
	Cases:   []string{"long-poll-*"},
	New:     onRequests(hold),
}

func hold(request []byte) []byte {
	return requery(request, func(q string) string { return strings.Replace(q, "Action=poll&", "Action=poll&Lifespan=10&", 1) })
}

// lowerCase writes the names of its header fields in small letters.
var lowerCase = Mutant{
	Name:    "lower-case",
	Defect:  "sends lower-case header names",
	Correct: true,
	Seen:    "clients on HTTP/2 libraries",
	New:     onRequests(lowerNames),
}

func lowerNames(request []byte) []byte {
	return rehead(request, func(h *http1.Head) {
		for i, f := range h.Fields {
			h.Fields[i] = http1.NewField(strings.ToLower(f.Name), f.Value)
		}
	})
}

// reconnects takes a new connection for each request.
var reconnects = Mutant{
	Name:     "reconnects",
	Defect:   "makes a new connection for each request",
	Correct:  true,
	Violates: "connection.kept",
	Seen:     "MSNPSharp, emesene 2: what their libraries do",
	New:      onAnswers(announceClose),
}

// announceClose has the client believe that each answer is the connection's
// last.
func announceClose(a *answer) {
	a.set("Proxy-Connection", "")
	a.set("Connection", "close")
}

// slow takes its time with everything.
var slow = Mutant{
	Name:    "slow",
	Defect:  "thinks for four seconds before each step, and polls every nine",
	Correct: true,
	Seen:    "SIM polls every ten seconds",
	New:     newSlow,
}

type ponderer struct{ adapter.Client }

func newSlow(s adapter.Setup) (adapter.Client, error) {
	c, err := paced(9 * time.Second)(s)
	return ponderer{c}, err
}

// Do thinks, and performs the step.
func (p ponderer) Do(ctx context.Context, task adapter.Task) error {
	timer := time.NewTimer(4 * time.Second)
	defer timer.Stop()
	select {
	case <-timer.C:
		return p.Client.Do(ctx, task)
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// replays does what a gateway with a log wants, and says twice what one without
// a log has carried out.
var replays = Mutant{
	Name:     "replays",
	Defect:   "repeats a lost request as it was, whatever the gateway makes of it",
	Correct:  true,
	Violates: "command.not-doubled",
	Seen:     "aMSN, emesene 1",
	Needs:    NeedsFault,
	Cases:    []string{"dialect-naive-message-answer-*", "dialect-escargot-message-answer-*"},
	New:      builtin.New(),
}

// strayCRLF ends each request with a line end that no length counts.
var strayCRLF = Mutant{
	Name:    "stray-crlf",
	Defect:  "sends a stray line end behind each request",
	Correct: true,
	Seen:    "an early aMSN: its final line ends come twice",
	New:     onRequests(addLineEnd),
}

func addLineEnd(request []byte) []byte { return append(request, "\r\n"...) }
