package rig

import (
	"slices"
	"strings"

	"gauntlet/harness/msn/client"
	"gauntlet/harness/run/catalogue"
)

// The protocol addresses of a run. In virtual time and in namespaces they are
// literal; on loopback a route table maps them to real listeners.
const (
	userHost         = "10.0.0.2"
	gatewayHost      = "10.9.0.80" // also by the names below
	otherGatewayHost = "10.9.0.81" // where a moving GW-IP leads
	switchboardHost  = "10.9.0.2"
	notificationHost = "10.9.0.10"

	gatewayName = client.DispatchHost
	directName  = "messenger.hotmail.com"
)

// UserEmail and ContactEmail are the two accounts of a run: the user whose
// client is under test, and the contact that the harness plays.
const (
	UserEmail    = "alice@example.com"
	ContactEmail = "bob@example.com"
)

// gatewayHosts are all hosts that answer on port 80 as the gateway. An SB open
// may go to the gateway or to the switchboard's own address (S38, S39).
func gatewayHosts() []string { return []string{gatewayHost, otherGatewayHost, switchboardHost} }

// gatewayAddresses are what may stand for the gateway in a request, or as GW-IP:
// its hosts and their names.
func gatewayAddresses() []string { return append(gatewayHosts(), namesOf(gatewayHost)...) }

// reachable wants addresses that lead to the gateway: with any other as GW-IP no
// client gets on.
func reachable(addresses string) error {
	wrong := &catalogue.WordError{Problem: "only these lead to the gateway", Allowed: gatewayAddresses()}
	if strings.TrimSpace(addresses) == "" {
		wrong.Offset = len(addresses)
		return wrong
	}
	for _, word := range strings.Fields(addresses) {
		wrong.Offset += strings.Index(addresses[wrong.Offset:], word)
		if wrong.Word = word; !slices.Contains(wrong.Allowed, word) {
			return wrong
		}
		wrong.Offset += len(word)
	}
	return nil
}
