package proxies

import (
	"maps"
	"slices"
	"time"
)

// Quirks is how a box departs from the faithful one; the zero value departs in
// nothing. Each field is explained in the file that is named after its word.
type Quirks struct {
	AnswersVersion        string        // answers-version: 1.0 or 1.1 in every status line, or the server's
	AsksVersion           string        // asks-version: 1.0 upstream, or the client's
	Basic                 string        // basic: user:password that a client needs
	BuffersAnswers        bool          // buffers-answers: passes an answer on when it is whole
	Caches                Caching       // caches: answers from memory
	Cancels               bool          // cancels: the request upstream when the client leaves
	CanonicalNames        bool          // canonical-names: spells and orders header fields its own way
	ChunksAnswers         bool          // chunks-answers: that have no length
	ClientIdle            Idle          // client-idle: closes connections of clients that are silent
	ClosesAfterAnswer     string        // closes-after-answer: announced or silently
	ClosesOld             bool          // closes-old: every connection of an HTTP/1.0 client
	ClosesOnFailure       bool          // closes-on-failure: the client's connection after a 502
	CompletesCut          bool          // completes-cut: hides that a chunked answer was cut
	ConnectStatus         int           // connect-status: in place of a tunnel
	Cuts                  string        // cuts: no 502 but a closed connection; always, fresh or reused
	Dates                 bool          // dates: adds Date to answers
	Doubles               bool          // doubles: sends each POST twice, at once
	Egress                int           // egress: how many addresses it dials from, in turn; 0 means one
	FailureInHead         int           // failure-in-head: status when the answer's head was cut
	FailureStatus         int           // failure-status: for every upstream failure; 0 means 502 or 504
	FreshUpstream         bool          // fresh-upstream: one connection upstream for each request
	HeedsProxyConnection  bool          // heeds-proxy-connection: keep-alive of an HTTP/1.0 client
	HoldsBody             bool          // holds-body: a body that is reset is lost whole
	InventsAcceptEncoding bool          // invents-accept-encoding: asks for gzip and unpacks it
	InventsFields         bool          // invents-fields: User-Agent, Cache-Control, Date, Content-Type
	KeepsAbsoluteForm     bool          // keeps-absolute-form: upstream as well
	Login                 string        // login: user or user:password that a SOCKS client needs
	LosesPipelined        bool          // loses-pipelined: requests that come before the answer
	LowerCaseNames        bool          // lower-case-names: of all header fields
	MeasuresRequests      bool          // measures-requests: gathers a body that comes in chunks
	NamesHost             string        // names-host: its own Host upstream
	OnContinue            string        // on-continue: passes, fails or stalls at a server's 100 Continue
	OnExpect              string        // on-expect: passes or answers a client's expectation, not both
	PassesHopByHop        bool          // passes-hop-by-hop: fields meant for one hop only
	PassesProxyConnection bool          // passes-proxy-connection: upstream
	PoolBound             bool          // pool-bound: a connection upstream serves one client connection
	PoolPerHost           int           // pool-per-host: idle connections kept to one server; 0 means plenty
	Redirects             bool          // redirects: a portal's 302 in place of its page
	Reframes              bool          // reframes: turns chunks into a length and the other way round
	ReordersFields        bool          // reorders-fields: of requests
	RefusedStatus         int           // refused-status: when nobody listens upstream
	Retries               Retrying      // retries: sends a request again when its connection died
	SaysConnection        string        // says-connection: the Connection field upstream
	SetsInAnswer          string        // sets-in-answer: Name:value,Name:value
	SetsInRequest         string        // sets-in-request: Name:value,Name:value
	TakesCutHead          bool          // takes-cut-head: for a whole one
	TakesOriginForm       bool          // takes-origin-form: a forward proxy that goes by Host as well
	UpstreamIdle          Idle          // upstream-idle: closes pooled connections
	UpstreamTimeout       time.Duration // upstream-timeout: for dialling and for an answer to begin; 0 means two minutes
	Via                   Signing       // via: signs what it forwards
	XForwardedFor         bool          // x-forwarded-for: names the client's address
}

// quirkWords is the registry: the word in a spec's text, what it sets, and for
// which boxes it means something.
func quirkWords() map[string]quirk { //nolint:funlen // a registry, a line for each word
	return map[string]quirk{
		"answers-version":         choice(func(q *Quirks) *string { return &q.AnswersVersion }, "1.0", "1.1", fromServer),
		"asks-version":            choice(func(q *Quirks) *string { return &q.AsksVersion }, "1.0", "client"),
		"basic":                   text(func(q *Quirks) *string { return &q.Basic }, isLogin, "user:password").on(Forward, TLS, Connect),
		"buffers-answers":         flag(func(q *Quirks) *bool { return &q.BuffersAnswers }),
		"caches":                  caching(),
		"cancels":                 flag(func(q *Quirks) *bool { return &q.Cancels }),
		"canonical-names":         flag(func(q *Quirks) *bool { return &q.CanonicalNames }),
		"chunks-answers":          flag(func(q *Quirks) *bool { return &q.ChunksAnswers }),
		"client-idle":             idle(func(q *Quirks) *Idle { return &q.ClientIdle }).on(Forward, TLS, Intercept, Portal),
		"closes-after-answer":     choice(func(q *Quirks) *string { return &q.ClosesAfterAnswer }, announced, silently).on(Forward, TLS, Intercept, Portal),
		"closes-old":              flag(func(q *Quirks) *bool { return &q.ClosesOld }),
		"closes-on-failure":       flag(func(q *Quirks) *bool { return &q.ClosesOnFailure }),
		"completes-cut":           flag(func(q *Quirks) *bool { return &q.CompletesCut }),
		"connect-status":          number(func(q *Quirks) *int { return &q.ConnectStatus }, 400, 599).on(Forward),
		"cuts":                    choice(func(q *Quirks) *string { return &q.Cuts }, "always", "fresh", "reused"),
		"dates":                   flag(func(q *Quirks) *bool { return &q.Dates }),
		"doubles":                 flag(func(q *Quirks) *bool { return &q.Doubles }),
		"egress":                  number(func(q *Quirks) *int { return &q.Egress }, 2, 100).on(Forward, TLS, Intercept, Connect, Relay, Socks4, Socks4a, Socks5),
		"failure-in-head":         number(func(q *Quirks) *int { return &q.FailureInHead }, 400, 599),
		"failure-status":          number(func(q *Quirks) *int { return &q.FailureStatus }, 400, 599).on(Forward, TLS, Intercept, Connect),
		"fresh-upstream":          flag(func(q *Quirks) *bool { return &q.FreshUpstream }),
		"heeds-proxy-connection":  flag(func(q *Quirks) *bool { return &q.HeedsProxyConnection }),
		"holds-body":              flag(func(q *Quirks) *bool { return &q.HoldsBody }),
		"invents-accept-encoding": flag(func(q *Quirks) *bool { return &q.InventsAcceptEncoding }),
		"invents-fields":          flag(func(q *Quirks) *bool { return &q.InventsFields }),
		"keeps-absolute-form":     flag(func(q *Quirks) *bool { return &q.KeepsAbsoluteForm }),
		"login":                   text(func(q *Quirks) *string { return &q.Login }, isWord, "user or user:password").on(Socks4, Socks4a, Socks5),
		"loses-pipelined":         flag(func(q *Quirks) *bool { return &q.LosesPipelined }),
		"lower-case-names":        flag(func(q *Quirks) *bool { return &q.LowerCaseNames }),
		"measures-requests":       flag(func(q *Quirks) *bool { return &q.MeasuresRequests }),
		"names-host":              text(func(q *Quirks) *string { return &q.NamesHost }, isWord, "a host"),
		"on-continue":             choice(func(q *Quirks) *string { return &q.OnContinue }, "passes", "fails", "stalls"),
		"on-expect":               choice(func(q *Quirks) *string { return &q.OnExpect }, "passes", "answers"),
		"passes-hop-by-hop":       flag(func(q *Quirks) *bool { return &q.PassesHopByHop }),
		"passes-proxy-connection": flag(func(q *Quirks) *bool { return &q.PassesProxyConnection }),
		plainWord:                 bundle(goproxyPlain()),
		"pool-bound":              flag(func(q *Quirks) *bool { return &q.PoolBound }),
		"pool-per-host":           number(func(q *Quirks) *int { return &q.PoolPerHost }, 1, 10000),
		"redirects":               flag(func(q *Quirks) *bool { return &q.Redirects }).on(Portal),
		"reframes":                flag(func(q *Quirks) *bool { return &q.Reframes }),
		"refused-status":          number(func(q *Quirks) *int { return &q.RefusedStatus }, 400, 599).on(Forward, TLS, Intercept, Connect),
		"reorders-fields":         flag(func(q *Quirks) *bool { return &q.ReordersFields }),
		"retries":                 retrying(),
		"says-connection":         text(func(q *Quirks) *string { return &q.SaysConnection }, isWord, "close", "keep-alive"),
		"sets-in-answer":          text(func(q *Quirks) *string { return &q.SetsInAnswer }, areFields, "Name:value,Name:value"),
		"sets-in-request":         text(func(q *Quirks) *string { return &q.SetsInRequest }, areFields, "Name:value,Name:value"),
		"takes-cut-head":          flag(func(q *Quirks) *bool { return &q.TakesCutHead }),
		"takes-origin-form":       flag(func(q *Quirks) *bool { return &q.TakesOriginForm }).on(Forward, TLS),
		"upstream-idle":           idle(func(q *Quirks) *Idle { return &q.UpstreamIdle }),
		"upstream-timeout":        duration(func(q *Quirks) *time.Duration { return &q.UpstreamTimeout }).on(Forward, TLS, Intercept, Connect, Socks4, Socks4a, Socks5),
		"via":                     signing(),
		"x-forwarded-for":         flag(func(q *Quirks) *bool { return &q.XForwardedFor }),
	}
}

func quirkNames() []string { return slices.Sorted(maps.Keys(quirkWords())) }

// words prints the quirks, those of a bundle as the bundle's one word.
func (q Quirks) words() []string {
	if q == (Quirks{}) {
		return nil // most boxes have none, and boxes are printed often
	}
	var out []string
	if q.contains(goproxyPlain()) {
		out, q = append(out, plainWord), q.without(goproxyPlain())
	}
	known := quirkWords()
	for _, name := range slices.Sorted(maps.Keys(known)) {
		k := known[name]
		if name == plainWord || !k.isSet(q) {
			continue
		}
		out = append(out, name)
		if value := k.print(q); value != "" {
			out = append(out, value)
		}
	}
	return out
}
