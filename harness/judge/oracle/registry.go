package oracle

import (
	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/judge/trace"
	"maps"
)

// Oracle judges one requirement.
type Oracle func(*trace.Trace) Assessment

// Row is an oracle and the condition of which it judges.
type Row struct {
	Judge Oracle
	Of    Condition
}

// Assess asks the oracle, and takes back a pass where the condition did not come
// about.
func (r Row) Assess(t *trace.Trace) Assessment {
	f := r.Judge(t)
	if r.Of.Occurred != nil && !r.Of.Occurred(t) && !f.failed {
		f.checked = 0
		f.Missing("%s", r.Of.Missing)
	}
	return f
}

// Unsaid is why an oracle has no verdict, where it asks nothing of anybody in this run.
func (r Row) Unsaid(t *trace.Trace) string {
	if r.Of.Occurred != nil && !r.Of.Occurred(t) {
		return r.Of.Missing
	}
	return r.Judge(t).reason
}

// Registry says how each requirement is judged.
type Registry map[requirement.ID]Row

// General are the oracles that judge a client of any polling protocol; the caller
// owns the copy. A protocol adds its own.
func General() Registry { return maps.Clone(general) }

var general = Registry{
	"exchange.one-in-flight":      {oneInFlight, twoRequests(false)},
	"exchange.final-answer":       {finalAnswer, In(Requests, func(_ *trace.Trace, r *trace.Request) bool { return r.Surplus || len(r.Interims) > 0 }, "no interim answer came, and nothing behind an answer's end")},
	"poll.keeps-going":            {keepsGoing, signedIn()},
	"poll.not-too-often":          {pollNotTooOften, rested()},
	"poll.pace":                   {pollPace, rested()},
	"session-id.newest":           {newestID, In(Requests, func(_ *trace.Trace, r *trace.Request) bool { return !r.IsOpen() && r.Ordinal > 0 }, "no request with a token was seen")},
	"close.says-out":              {takesLeave, aliveAtTheEnd()},
	"close.honoured":              {closeHonoured, In(Requests, func(_ *trace.Trace, r *trace.Request) bool { return r.Closes() }, "no answer ended a session")},
	"close.reopens-once":          {reopensOnce, In(sessionsOf, func(_ *trace.Trace, s *trace.Session) bool { return s.Refusal() != nil && !s.ClientLeft }, "the gateway forgot no session")},
	"close.reopening-bounded":     {reopeningBounded, Condition{reopened, "no session was opened after the gateway had forgotten one"}},
	"close.stays-away":            {staysAway, Condition{toldOfAnother, "nobody signed in elsewhere, or no answer told the client that its session was over"}},
	"connection.session-survives": {sessionSurvives, In((*trace.Trace).Losses, func(*trace.Trace, trace.Loss) bool { return true }, "nothing was lost")},
	"connection.kept":             {connectionKept, twoRequests(true)},
	"connection.backs-off":        {backsOff, Condition{errorsInRow, "fewer than three errors in a row were seen"}.or(In(comebacks, func(t *trace.Trace, b comeback) bool { return b.rested(t) }, "nobody told the client when to come back, or it did not wait"))},
	"connection.recovers":         {recovers, struck()},
	"connection.waits-as-told":    {waitsAsTold, In(Requests, func(_ *trace.Trace, r *trace.Request) bool { _, told := retryAfter(r); return told }, "nobody told the client when to come back")},
	"route.proxy-port": {proxyPort, In(dialsOf, func(t *trace.Trace, d trace.Dial) bool {
		return t.Route.Proxied() && trace.HostOf(d.Address) == trace.HostOf(t.Route.Proxy)
	}, "the client never connected to a proxy that it was told of")},
	"route.switch":            {proxySwitch, In(dialsOf, func(t *trace.Trace, _ trace.Dial) bool { return t.Route.Proxy != "" }, "no proxy was given, or the client never connected")},
	"route.no-direct-attempt": {noDirectAttempt, In(dialsOf, func(t *trace.Trace, _ trace.Dial) bool { return t.Route.Told }, "no attempt to connect was seen")},
	"route.no-socks": {noSOCKS, In(connectionsOf, func(t *trace.Trace, c *history.Connection) bool {
		return t.Route.Proxied() && (greetingOf(c) != 0 || speaksHTTP(c))
	}, "nothing was sent to a proxy")},
	"route.credentials":    {givesCredentials, In(connectionsOf, func(t *trace.Trace, c *history.Connection) bool { return t.Credentials != "" && speaksHTTP(c) }, "no proxy that asks for credentials was asked for anything")},
	"route.challenge-told": {toldOfChallenge, Condition{func(t *trace.Trace) bool { return len(turnedAway(t)) > 0 }, "no proxy turned the client away"}},
	"route.certificate":    {checksCertificate, Condition{sawCertificate, "no server showed a certificate that was not to be trusted"}},
	"route.no-redirect":    {keepsCommands, In(redirects, func(*trace.Trace, redirection) bool { return true }, "nobody sent the client elsewhere")},
	"route.intercepted":    {intercepted, In(redirected, func(*trace.Trace, *trace.Request) bool { return true }, "no request went by way of an intercepting proxy")},
	"route.without-proxy":  {withoutProxy, Condition{func(t *trace.Trace) bool { return seen(t) && !t.Route.Proxied() }, "the client was told to use a proxy, or nothing was seen of it"}},
	"route.file-read":      {readsFile, byFile(func(t *trace.Trace) bool { return len(filesAsked(t)) > 0 || len(t.Connections) > 0 || len(t.Dials) > 0 }, "the client was told of no file that says its proxy, or did nothing")},
	"route.file-next": {goesToTheNext, byFile(func(t *trace.Trace) bool {
		_, came := fileCame(t)
		return came && len(t.Route.Named) > 1
	}, "no file named two proxies, or it was not read")},
	"route.file-told":         {tellsOfNoFile, byFile(func(t *trace.Trace) bool { return t.Route.How == trace.NoFile }, "no file was missing")},
	"command.carried-out":     {carriedOut, askedFor()},
	"command.at-once":         {atOnce, Condition{func(t *trace.Trace) bool { return len(submitted(t)) > 1 }, "the user sent no two messages in a row"}},
	"command.not-lost":        {notLost, Condition{func(t *trace.Trace) bool { return len(submitted(t)) > 0 }, "the user sent no message"}.or(lostCommand())},
	"command.not-doubled":     {notDoubled, passed(theUser, 1, "no message of the user's arrived").or(lostCommand())},
	"command.in-order":        {inOrder, passed(theUser, 2, "no two messages of the user's arrived")},
	"command.one-per-request": {onePerRequest, Spoke()},
	"answer.delivered":        {delivered, passed(theContact, 1, "nothing was sent to the user").or(In(eventsOf, func(t *trace.Trace, ev history.Event) bool { return ev.Kind == history.Challenged && ev.User == t.User }, "it was not challenged"))},
	"client.leaves-nothing": {leavesNothing, In(eventsOf, func(_ *trace.Trace, ev history.Event) bool {
		return ev.Kind == history.ClientClosed && ev.Given > 0 || ev.Kind == history.LeftOpen
	}, "no client was closed that had made connections")},
}

// AlwaysPass is an oracle that has seen one thing and found it good: specs put
// it in the place of a real one and expect to be told.
func AlwaysPass(*trace.Trace) Assessment { return Assessment{checked: 1} }

// Judge asks every oracle of the registry, in the order of the requirements.
func (r Registry) Judge(t *trace.Trace) []Verdict {
	var verdicts []Verdict
	for _, q := range requirement.All() {
		if row, ok := r[q.ID]; ok {
			if f := row.Assess(t); !f.moot || f.checked > 0 {
				verdicts = append(verdicts, f.Verdict(q))
			}
		}
	}
	return verdicts
}
