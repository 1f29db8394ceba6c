// Package oracle holds what is required of a client of MSN over HTTP alone:
// how its sessions are opened, how its requests look, and what it must never
// send. What any polling client has to do is judged by the general oracles.
package oracle

import (
	"maps"

	"gauntlet/harness/judge/oracle"
)

// Oracles is the full registry for MSN, the general oracles included; the caller
// owns the copy.
func Oracles() oracle.Registry {
	all := oracle.General()
	maps.Copy(all, oracle.Registry{
		"open.begins":            openBegins,
		"open.dispatch-host":     openDispatchHost,
		"open.switchboard":       openSwitchboard,
		"open.carries-command":   openCarriesCommand,
		"exchange.form":          exchangeForm,
		"exchange.habits":        exchangeHabits,
		"session-id.escaped":     idEscaped,
		"gateway-ip.followed":    gatewayIPFollowed,
		"gateway-ip.reconnected": gatewayIPReconnected,
		"command.doubt-founded":  doubtFounded,
		"command.no-png":         noPNG,
		"profile.accepted":       profileAccepted,
	})
	return all
}
