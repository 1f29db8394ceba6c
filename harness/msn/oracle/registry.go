// Package oracle holds what is required of a client of MSN over HTTP alone:
// how its sessions are opened, how its requests look, and what it must never
// send. What any polling client has to do is judged by the general oracles.
package oracle

import (
	"maps"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/trace"
	"gauntlet/harness/msn/msnhttp"
)

// Oracles is the full registry for MSN, the general oracles included; the caller
// owns the copy.
func Oracles() oracle.Registry {
	all := oracle.General()
	maps.Copy(all, oracle.Registry{
		"open.begins": {Judge: openBegins, Of: oracle.In(oracle.Requests, func(t *trace.Trace, r *trace.Request) bool { return r.IsOpen() }, "no session was opened")},
		"open.dispatch-host": {Judge: openDispatchHost, Of: oracle.In(oracle.Requests, func(t *trace.Trace, r *trace.Request) bool {
			return r.IsOpen() && r.Asked.Server == t.Words.Home && t.Route.Gateway != ""
		}, "no NS session was opened")},
		"open.switchboard": {Judge: openSwitchboard, Of: oracle.In(oracle.Requests, func(t *trace.Trace, r *trace.Request) bool {
			return r.IsOpen() && (r.Asked.Server == t.Words.Chat || len(t.Tickets) > 0)
		}, "no SB session was opened")},
		"open.carries-command": {Judge: openCarriesCommand, Of: oracle.In(oracle.Requests, func(t *trace.Trace, r *trace.Request) bool { return r.IsOpen() && r.Received }, "no session was opened")},
		"exchange.form":        {Judge: exchangeForm, Of: oracle.In(oracle.Requests, func(t *trace.Trace, r *trace.Request) bool { return r.Received }, "no whole request was seen")},
		"exchange.lengths":     {Judge: lengthsInBytes, Of: oracle.In(oracle.Requests, beyondASCII, "nothing was sent but ASCII")},
		"exchange.habits":      {Judge: exchangeHabits, Of: oracle.In(oracle.Requests, func(t *trace.Trace, r *trace.Request) bool { return r.Ordinal > 0 }, "no request was seen")},
		"session-id.escaped": {Judge: idEscaped, Of: oracle.In(oracle.Requests, func(t *trace.Trace, r *trace.Request) bool {
			return r.Served() && r.Given.Token != msnhttp.EscapeID(r.Given.Token)
		}, "no SessionID needed escaping")},
		"gateway-ip.followed":    {Judge: gatewayIPFollowed, Of: oracle.Condition{Occurred: sentElsewhere, Missing: "no request came after a GW-IP that is a name, or another than where the client was"}},
		"gateway-ip.reconnected": {Judge: gatewayIPReconnected, Of: oracle.Condition{Occurred: func(t *trace.Trace) bool { return !t.Route.Proxied() && len(t.Connections) > 1 }, Missing: "the client was told to use a proxy, or connected once"}},
		"command.doubt-founded":  {Judge: doubtFounded, Of: oracle.Condition{Occurred: anyConfirmed, Missing: "no message was confirmed to a client that says of itself"}},
		"command.no-png":         {Judge: noPNG, Of: oracle.Spoke()},
		"profile.accepted":       {Judge: profileAccepted, Of: oracle.Condition{Occurred: func(t *trace.Trace) bool { _, arrived := profileArrived(t); return arrived }, Missing: "the profile with ClientPort 0 arrived in no single answer"}},
	})
	return all
}
