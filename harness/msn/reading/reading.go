// Package reading reads the traffic of MSN over HTTP for the trace: what a
// request asks of the gateway, what an answer gives, and which commands a body
// carries, for judges and in words for people. It passes no judgement and keeps no
// state.
package reading

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/trace"
	"gauntlet/harness/msn/msnhttp"
	"gauntlet/harness/msn/msnp"
	"gauntlet/proxies/http1"
)

// MSN is the reader of MSN over HTTP.
type MSN struct{}

// Words are what MSN calls things.
func (MSN) Words() trace.Words {
	return trace.Words{
		Home: msnhttp.ServerNS, Chat: msnhttp.ServerSB, Leave: "OUT", Call: "XFR", Challenge: "CHL", Proof: "QRY",
		Token: "SessionID", Closing: "Session=close", OwnPort: "1863", Protocol: "MSNP",
	}
}

// Request is what a request's target asks for.
func (MSN) Request(target string) (trace.Asked, error) {
	authority, q, err := msnhttp.ParseTarget(target)
	return trace.Asked{
		Authority: authority, Action: q.Action, Server: q.Server, Behind: q.IP, Token: q.SessionID, Hold: q.Lifespan, Repeated: q.Repeated,
	}, err
}

// Answer is what X-MSN-Messenger says; nil without one that can be read, and has a
// SessionID.
func (MSN) Answer(head *http1.Head) *trace.Given {
	value := head.Get(msnhttp.HeaderName)
	h, err := msnhttp.ParseSessionHeader(value)
	if err != nil || h.SessionID == "" {
		return nil
	}
	return &trace.Given{Token: h.SessionID, Gateway: h.GatewayIP, Close: h.Close}
}

// Leaves finds OUT at the start of a line. A message's text could hold one
// too, but then in a body that begins with MSG.
func (MSN) Leaves(body []byte) bool {
	return bytes.HasPrefix(body, []byte("OUT")) || (!bytes.HasPrefix(body, []byte("MSG")) && bytes.Contains(body, []byte("\nOUT\r")))
}

// Commands are the names of the MSNP commands in a client's body.
func (MSN) Commands(body []byte) []string {
	list, _ := msnp.Decode(msnp.Client, body) // what precedes an error was decoded
	names := make([]string, len(list))
	for i, c := range list {
		names[i] = c.Name
	}
	return names
}

// Transactions are the commands with a TrID, but for MSG.
func (MSN) Transactions(body []byte) (list []trace.Transaction) {
	commands, _ := msnp.Decode(msnp.Client, body) // what precedes an error was decoded
	for _, c := range commands {
		if _, numbered := c.TrID(); numbered && c.Name != "MSG" {
			list = append(list, trace.Transaction{Name: c.Name, Text: string(c.Bytes())})
		}
	}
	return list
}

// Challenges finds CHL.
func (MSN) Challenges(body []byte) bool {
	commands, _ := msnp.Decode(msnp.Server, body) // what precedes an error was decoded
	return slices.ContainsFunc(commands, func(c msnp.Command) bool { return c.Name == "CHL" })
}

// Tickets are those for a switchboard in a command as it was sent: the user
// asked for one (XFR), or a contact calls (RNG).
func (MSN) Tickets(sent *history.Event) (list []trace.Ticket) {
	commands, _ := msnp.Decode(msnp.Server, sent.Data) // one
	for _, c := range commands {
		switch {
		case c.Name == "XFR" && c.Arg(1) == msnhttp.ServerSB:
			list = append(list, trace.Ticket{At: sent.At, Host: trace.HostOf(c.Arg(2))})
		case c.Name == "RNG":
			list = append(list, trace.Ticket{At: sent.At, Called: true, Host: trace.HostOf(c.Arg(1))})
		}
	}
	return list
}

// InWords describes a body for people: a single command in full, a message by its text,
// and of several commands the names, with … if something that is no command follows. It
// is empty for a body that begins with no command.
func InWords(from msnp.Side, body []byte) string {
	commands, err := msnp.Decode(from, body)
	if len(commands) == 1 && err == nil {
		return oneInWords(commands[0])
	}
	var names []string
	for i, n := 0, 1; i < len(commands); i, n = i+n, 1 {
		for i+n < len(commands) && commands[i+n].Name == commands[i].Name {
			n++
		}
		name := commands[i].Name
		if n > 1 {
			name = fmt.Sprintf("%s ×%d", name, n)
		}
		names = append(names, name)
	}
	if err != nil && len(names) > 0 {
		names = append(names, "…")
	}
	return strings.Join(names, ", ")
}

// oneInWords returns a command's line; for a text message, its text in place of its headers.
func oneInWords(c msnp.Command) string {
	if m, err := msnp.ParseMessage(c.Payload); c.Name == "MSG" && err == nil && m.IsText() {
		return fmt.Sprintf("MSG %s: %s", c.Arg(0), m.Text)
	}
	return strings.Join(append([]string{c.Name}, c.Args...), " ")
}
