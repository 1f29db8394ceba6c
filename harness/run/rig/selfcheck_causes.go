package rig

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/msn/msnhttp"
)

// These find in a self-check that failed what is wrong with the set-up; empty if
// it is something else. Each says the remedy.

var (
	ofTrust = regexp.MustCompile(`^remote error: tls: .*(certificate|certificate authority)`)
	ofNames = regexp.MustCompile(`(?i)getaddrinfo|name or service not known|no such host|could not resolve|enotfound|eai_again|name resolution|nodename nor servname`)
)

// untrusted is a certificate of ours to which the client answered with an alert.
// What clients print of certificates they also print of those that they take.
func untrusted(run Run, _ *oracle.Evidence) string {
	for _, ev := range run.Events {
		if ev.Kind == history.HandshakeFailed && ofTrust.MatchString(ev.Text) {
			return "the client does not trust our CA, it says so by TLS (" + ev.Text + "): give it the file {{.CA}}"
		}
	}
	return ""
}

// ofLogin are the kinds of a login that was not granted.
var ofLogin = []history.Kind{history.LoginRefused, history.SignInRefused, history.HandshakeFailed}

func refusedLogin(run Run, _ *oracle.Evidence) string {
	return firstRefusal(run, "the client's login is refused: ", ofLogin)
}

// unserved is a name or a service of which nobody here knows.
func unserved(run Run, _ *oracle.Evidence) string {
	return firstRefusal(run, "the client is turned away: ", []history.Kind{history.NotServed})
}

func firstRefusal(run Run, words string, kinds []history.Kind) string {
	list := history.Refusals(slices.DeleteFunc(slices.Clone(run.Events), func(e history.Event) bool { return !slices.Contains(kinds, e.Kind) }))
	if len(list) == 0 {
		return ""
	}
	return words + list[0].String()
}

func unresolved(run Run, e *oracle.Evidence) string {
	if len(e.Connections) > 0 || !ofNames.Match(run.Log) {
		return ""
	}
	return "the client looks up a name that it cannot find: behind a proxy names are the proxy's affair, which is {{.Proxy}}"
}

// elsewhere is a dial past the proxy, where dials are seen, and none to it.
func elsewhere(run Run, e *oracle.Evidence) string {
	if len(e.Connections) > 0 {
		return ""
	}
	for _, ev := range run.Events {
		if ev.Kind == history.Dialled {
			return fmt.Sprintf("the client connects to %s and not to its proxy %s: give it {{.Proxy}}", ev.ID, proxyTold(run.Events))
		}
	}
	return ""
}

func silent(run Run, e *oracle.Evidence) string {
	if len(e.Connections) > 0 {
		return ""
	}
	return fmt.Sprintf("nothing came to the proxy %s: the client has to take it from {{.Proxy}} or, if it is driven, from connect", proxyTold(run.Events))
}

// wrongHost is a proxy that was asked for somebody else.
func wrongHost(run Run, _ *oracle.Evidence) string {
	other := ""
	for _, x := range history.Exchanges(run.Events, 0) {
		fields := bytes.Fields(x.Head)
		if len(fields) < 2 {
			continue
		}
		authority, _, err := msnhttp.ParseTarget(string(fields[1]))
		if err == nil && authority == gatewayName {
			return ""
		}
		other = string(fields[1])
	}
	if other == "" {
		return ""
	}
	return fmt.Sprintf("the proxy was asked for %s and not for the gateway %s: give the client {{.Gateway}}", other, gatewayName)
}

func proxyTold(events []history.Event) string {
	for _, ev := range events {
		if ev.Kind == history.Configured {
			return ev.ID
		}
	}
	return ""
}
