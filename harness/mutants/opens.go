package mutants

import (
	"fmt"
	"strings"
	"time"

	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/msn/builtin"
	"gauntlet/harness/msn/client"
	"gauntlet/harness/msn/session"
	"gauntlet/harness/run/adapter"
)

// wrongAction gives a name to what has none.
var wrongAction = Mutant{
	Name:     "wrong-action",
	Defect:   "sends commands with Action=command",
	Violates: "exchange.form",
	Also:     []Collateral{{thrownOut, []requirement.ID{"close.reopens-once", "command.carried-out"}}},
	New:      onRequests(nameAction),
}

func nameAction(request []byte) []byte {
	return requery(request, func(q string) string {
		if strings.Contains(q, "Action=") {
			return q
		}
		return "Action=command&" + q
	})
}

// wrongHost opens its session where a direct connection would go.
var wrongHost = Mutant{
	Name:     "wrong-host",
	Defect:   "opens its session at messenger.hotmail.com",
	Violates: "open.dispatch-host",
	Seen:     "MSNPSharp",
	New:      newWrongHost,
}

func newWrongHost(s adapter.Setup) (adapter.Client, error) {
	s.Gateway = "messenger.hotmail.com"
	return builtin.New()(s)
}

// wrongServer spells the server otherwise.
var wrongServer = Mutant{
	Name:     "wrong-server",
	Defect:   "opens a switchboard session with Server=sb",
	Violates: "open.begins",
	Also:     []Collateral{{thrownOut, []requirement.ID{"open.switchboard", "command.carried-out", "command.not-lost"}}},
	New:      onRequests(lowerServer),
}

func lowerServer(request []byte) []byte {
	return requery(request, func(q string) string { return strings.Replace(q, "Server=SB", "Server=sb", 1) })
}

// wrongSwitchboard leaves it to the gateway to know where the chat is.
var wrongSwitchboard = Mutant{
	Name:     "wrong-switchboard",
	Defect:   "opens a switchboard session at the notification server's name",
	Violates: "open.switchboard",
	Seen:     "BitlBee: leaves IP out",
	Also:     []Collateral{{thrownOut, []requirement.ID{"connection.session-survives", "command.carried-out", "command.not-lost"}}},
	New:      onRequests(misplace),
}

func misplace(request []byte) []byte {
	return requery(request, func(q string) string {
		if before, _, ok := strings.Cut(q, "&IP="); ok && strings.Contains(q, "Server=SB") {
			return before + "&IP=messenger.hotmail.com"
		}
		return q
	})
}

// miscounts announces less than it sends.
var miscounts = Mutant{
	Name:     "miscounts",
	Defect:   "sends a Content-Length that is too small",
	Violates: "exchange.form",
	Also:     []Collateral{{thrownOut, []requirement.ID{"command.carried-out"}}},
	New:      onRequests(miscount),
}

func miscount(request []byte) []byte {
	_, body := split(request)
	return setField(request, "Content-Length", fmt.Sprint(len(body)/2))
}

// pollsBlank asks as if it had something to say.
var pollsBlank = Mutant{
	Name:     "polls-blank",
	Defect:   "polls by a command with an empty body",
	Violates: "exchange.form",
	New:      onRequests(blankPolls),
}

func blankPolls(request []byte) []byte {
	return requery(request, func(q string) string { return strings.TrimPrefix(q, "Action=poll&") })
}

// countsRefusals takes a connection that never came about for a request that was lost.
var countsRefusals = Mutant{
	Name:     "counts-refusals",
	Defect:   "takes a connection that never came about for a lost open, and gives up after two of these",
	Violates: "connection.session-survives",
	Needs:    NeedsFault,
	Cases:    []string{"sign-in-unreached-then-*"},
	Also:     []Collateral{{fallsSilent, []requirement.ID{"command.carried-out", "route.without-proxy"}}},
	New: minded(func(c session.Config) client.Brain {
		return &counting{Machine: session.New(c)}
	}),
}

type counting struct {
	*session.Machine
	lost int // opens, as it believes
}

// Lost counts what came of an open, whether it left or not.
func (c *counting) Lost(now time.Time, l session.Loss) {
	if c.ID() == "" {
		c.lost++
	}
	c.Machine.Lost(now, l)
}

// Next gives up after the second.
func (c *counting) Next(now time.Time) session.Step {
	if c.lost >= 2 && c.ID() == "" {
		return session.Step{Over: session.OpenLost}
	}
	return c.Machine.Next(now)
}
