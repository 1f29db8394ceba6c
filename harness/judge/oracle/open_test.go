package oracle_test

import (
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/requirement"
)

// openTales are histories in which something happens, and nothing that a
// requirement could be judged by.
func openTales() map[requirement.ID]*tale {
	unheard := func() *tale { // its dials come to nothing
		return newTale().direct().step("sign in").dial(gatewayNamed+":80", "refused").wait(time.Second)
	}
	brief := func() *tale { return start().wait(time.Second) } // signed in, and the run is over
	opened := func() *tale { return newTale().direct().connect(gatewayNamed + ":80").open("NS") }
	return map[requirement.ID]*tale{
		"open.begins":                 unheard(),
		"open.dispatch-host":          unheard(),
		"open.switchboard":            brief(),
		"open.carries-command":        unheard(),
		"exchange.one-in-flight":      unheard(),
		"exchange.form":               unheard(),
		"exchange.habits":             unheard(),
		"poll.keeps-going":            unheard(),
		"poll.not-too-often":          brief(),
		"poll.pace":                   brief(),
		"session-id.newest":           opened(),
		"session-id.escaped":          brief(),
		"gateway-ip.followed":         opened(),
		"gateway-ip.reconnected":      brief(),
		"close.says-out":              brief(),
		"close.honoured":              brief(),
		"close.reopens-once":          brief(),
		"close.reopening-bounded":     brief(),
		"close.stays-away":            kickedOut().rig(history.RunEnded, ""), // too soon
		"connection.session-survives": brief(),
		"connection.kept":             opened(),
		"connection.backs-off":        brief(),
		"connection.recovers":         brief(),
		"connection.waits-as-told":    brief(),
		"route.no-redirect":           brief(),
		"exchange.lengths":            brief(),
		"route.challenge-told":        brief(),
		"route.certificate":           shownTo("has expired"),
		"exchange.final-answer":       brief(),
		"route.proxy-port":            brief(),
		"route.file-read":             brief(),
		"route.file-next":             readFile(proxyAddress).connect(proxyAddress),
		"route.file-told":             readFile(proxyAddress),
		"route.switch":                brief(),
		"route.no-direct-attempt":     newTale().direct().step("sign in").wait(time.Second),
		"route.no-socks":              brief(),
		"route.intercepted":           brief(),
		"route.credentials":           brief(),
		"route.without-proxy":         newTale().proxied().connect(proxyAddress).open("NS"),
		"command.carried-out":         newTale().direct().step("sign in").wait(time.Second),
		"command.at-once":             brief().says(history.Submitted, "one").send("MSG 3 A 3\r\none"),
		"command.doubt-founded":       confirmedLater(false).says(history.Uncertain, "one"),
		"command.not-lost":            brief(),
		"command.not-doubled":         brief(),
		"command.in-order":            brief(),
		"command.no-png":              unheard(),
		"command.one-per-request":     unheard(),
		"profile.accepted":            brief(),
		"answer.delivered":            brief().says(history.Submitted, "one"),
		"client.leaves-nothing":       brief(),
	}
}
