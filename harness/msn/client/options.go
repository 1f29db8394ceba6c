package client

import (
	"context"
	"net"
	"time"

	"gauntlet/harness/msn/session"
	"gauntlet/proxies"
	"gauntlet/proxies/network"
)

// DispatchHost is where an NS session is opened (S5, S38).
const DispatchHost = "gateway.messenger.hotmail.com"

// usualTimeout is after how long without a whole answer a request is taken for lost.
const usualTimeout = 20 * time.Second

// Options is what a User needs. Network and Email must be set.
type Options struct {
	Network         network.Network
	Route           proxies.Route
	PAC             string  // http URL of the file that says the route, at each sign-in; "" means Route
	FindRoutes      Finding // by PAC; the function of that name
	Email, Password string
	Gateway         string        // host of the gateway; DispatchHost
	Secure          Securing      // nil: the gateway is reached by http
	PollEvery       time.Duration // 2 s
	AnswerTimeout   time.Duration // 20 s
	Reopens         int           // how often a lost session is opened again; 0 means once, below 0 never
	// Brain decides what each session does next; nil is the documented client.
	Brain func(session.Config) Brain
	// Report hears, in order, what the user would see. It must not block.
	Report func(Report)
}

func (o Options) withDefaults() Options {
	if o.Gateway == "" {
		o.Gateway = DispatchHost
	}
	if o.AnswerTimeout == 0 {
		o.AnswerTimeout = usualTimeout
	}
	if o.FindRoutes == nil {
		o.FindRoutes = FindRoutes
	}
	if o.Reopens == 0 {
		o.Reopens = 1
	}
	return o
}

// Securing makes of a connection to a host one over TLS.
type Securing func(ctx context.Context, conn net.Conn, host string) (net.Conn, error)

// ReportKind says what the user sees.
type ReportKind string

// What a user can see.
const (
	Received  ReportKind = "received"  // Text came from From
	Uncertain ReportKind = "uncertain" // nobody knows whether Text arrived
	Reopened  ReportKind = "reopened"  // the session was lost and another opened
	Trouble   ReportKind = "trouble"   // Text is an error
	Closed    ReportKind = "closed"    // signed out, or signed out by the server
)

// Report is one thing that the user sees.
type Report struct {
	Kind ReportKind
	From string
	Text string
}
