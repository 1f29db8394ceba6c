package adapter

import (
	"net/url"

	"gauntlet/harness/judge/history"
	"gauntlet/proxies"
)

// What a client says of itself, for clients that know nothing of histories.
// Each may be called from any goroutine, until Close has returned.

// Received tells that the user was shown a message.
func (s Setup) Received(from, text string) {
	s.Report(history.Event{Kind: history.Delivered, ID: from, Text: text})
}

// Uncertain tells that the user was warned: of this message nobody knows
// whether it arrived.
func (s Setup) Uncertain(text string) {
	s.Report(history.Event{Kind: history.Uncertain, Text: text})
}

// Reopened tells that the user was told of a lost session, in whose place the
// client has opened another.
func (s Setup) Reopened(why string) {
	s.Report(history.Event{Kind: history.Reopened, Text: why})
}

// Trouble tells that the user was shown an error.
func (s Setup) Trouble(text string) {
	s.Report(history.Event{Kind: history.Failed, Text: text})
}

// ProxyURL is the proxy that the user has configured, in the form that
// http.Transport takes; nil is none.
func (s Setup) ProxyURL() *url.URL {
	if s.Route.Kind != proxies.HTTPProxy {
		return nil
	}
	return s.Route.URL()
}
