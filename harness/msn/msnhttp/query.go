package msnhttp

import (
	"strconv"
	"strings"
	"time"
)

// Values of Action and Server as they are written on the wire.
const (
	ActionOpen = "open" // begin a session; a command has no Action at all
	ActionPoll = "poll" // fetch what is queued
	ServerNS   = "NS"   // notification server
	ServerSB   = "SB"   // switchboard
)

// longestLifespan bounds what is believed of a Lifespan; no client asks for
// more than a minute.
const longestLifespan = 24 * time.Hour

// Parameter is a name and its value, both decoded.
type Parameter struct{ Name, Value string }

// Query is the query of a request to the gateway (S54), decoded. A parameter
// that is missing and one that is empty are the same thing: some clients open
// with an empty SessionID.
type Query struct {
	Action    string        // "open", "poll", or empty for a command
	Server    string        // "NS" or "SB", in an open
	IP        string        // the server that the client means, in an open; a name or an address, maybe with a port
	SessionID string        // what the newest answer said; an arbitrary string (S48)
	Lifespan  time.Duration // how long a poll may be held, whole seconds; 0 if absent
	Extra     []Parameter   // all other parameters, in their order
	Repeated  []string      // names above that came more than once; the first value stands
}

// parseQuery reads what stands behind the "?" of a request target. It never
// fails: names are case-sensitive and percent-decoded, "+" is literal, empty
// pieces (a trailing "&") are skipped, and what is not known goes to Extra.
func parseQuery(raw string) Query {
	var q Query
	var seen [parameters]bool
	for raw != "" {
		var piece string
		piece, raw, _ = strings.Cut(raw, "&")
		if piece == "" {
			continue
		}
		name, value, _ := strings.Cut(piece, "=")
		q.take(Unescape(name), Unescape(value), &seen)
	}
	return q
}

// The parameters that Query names; take counts which of them it has seen.
const (
	action = iota
	server
	ip
	sessionID
	lifespan
	parameters
)

// take stores one decoded parameter.
func (q *Query) take(name, value string, seen *[parameters]bool) {
	which := known(name)
	switch {
	case which < 0 || which == lifespan && !isLifespan(value):
		q.Extra = append(q.Extra, Parameter{name, value})
	case seen[which]:
		q.Repeated = append(q.Repeated, name)
	case which == lifespan:
		q.Lifespan, seen[which] = parseLifespan(value), true
	default:
		*q.field(which), seen[which] = value, true
	}
}

// known tells which of the parameters a name means, -1 for none of them. Both
// spellings of Lifespan have been seen.
func known(name string) int {
	switch name {
	case "Action":
		return action
	case "Server":
		return server
	case "IP":
		return ip
	case "SessionID":
		return sessionID
	case "Lifespan", "LifeSpan":
		return lifespan
	}
	return -1
}

// field is where a parameter of type string is kept.
func (q *Query) field(which int) *string {
	switch which {
	case action:
		return &q.Action
	case server:
		return &q.Server
	case ip:
		return &q.IP
	}
	return &q.SessionID
}

// isLifespan reports whether value is a bearable number of whole seconds.
func isLifespan(value string) bool {
	seconds, err := strconv.ParseUint(value, 10, 31)
	return err == nil && time.Duration(seconds)*time.Second <= longestLifespan
}

// parseLifespan reads what isLifespan has approved.
func parseLifespan(value string) time.Duration {
	seconds, _ := strconv.ParseUint(value, 10, 31) // approved
	return time.Duration(seconds) * time.Second
}

// String formats the query in the order that all clients use:
//
//	open     Action=open&Server=NS&IP=messenger.hotmail.com
//	poll     Action=poll[&Lifespan=3]&SessionID=954547325.13160
//	command  SessionID=954547325.13160
//
// Empty parameters are left out, extra ones follow, Repeated is ignored, and
// what a query must escape is escaped. A Lifespan is cut to whole seconds.
func (q Query) String() string {
	out := make([]byte, 0, 32+len(q.IP)+len(q.SessionID))
	out = appendNonEmpty(out, "Action", q.Action)
	if q.Lifespan >= time.Second {
		out = appendParameter(out, "Lifespan", strconv.Itoa(int(q.Lifespan/time.Second)))
	}
	out = appendNonEmpty(out, "Server", q.Server)
	out = appendNonEmpty(out, "IP", q.IP)
	out = appendNonEmpty(out, "SessionID", q.SessionID)
	for _, p := range q.Extra {
		out = appendParameter(out, p.Name, p.Value)
	}
	return string(out)
}

// Target is the whole request target: absolute form with an authority, origin
// form without one.
func (q Query) Target(authority string) string {
	if authority == "" {
		return Path + "?" + q.String()
	}
	return "http://" + authority + Path + "?" + q.String()
}

func appendNonEmpty(out []byte, name, value string) []byte {
	if value == "" {
		return out
	}
	return appendParameter(out, name, value)
}

func appendParameter(out []byte, name, value string) []byte {
	if len(out) > 0 {
		out = append(out, '&')
	}
	// In a name even "=" has to be escaped, or the value would begin there.
	out = append(out, strings.ReplaceAll(EscapeID(name), "=", "%3D")...)
	out = append(out, '=')
	return append(out, EscapeID(value)...)
}
