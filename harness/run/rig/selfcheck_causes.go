package rig

import (
	"bytes"
	"fmt"
	"regexp"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/msn/msnhttp"
)

// These find in a self-check that failed what is wrong with the set-up; empty if
// it is something else. Each says the remedy.

var (
	ofTrust = regexp.MustCompile(`(?i)certificate.{0,40}(verif|unknown|untrusted|not trusted)|unknown authority|self.signed|x509:|unable to get (local )?issuer`)
	ofNames = regexp.MustCompile(`(?i)getaddrinfo|name or service not known|no such host|could not resolve|enotfound|eai_again|name resolution|nodename nor servname`)
)

func untrusted(run Run, _ *oracle.Evidence) string {
	if !ofTrust.Match(run.Log) {
		return ""
	}
	return "the client does not trust our CA: give it the file {{.CA}}"
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
