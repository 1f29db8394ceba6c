package oracle_test

import (
	"time"

	"gauntlet/harness/judge/history"
	. "gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
)

func routeEdges() map[string]edge {
	greets := func(how string, version byte) *tale {
		return newTale().begin(how, proxyAddress).connect(proxyAddress).hop(history.Event{Kind: history.Opaque, By: "peer", Data: []byte{version, 1, 0}})
	}
	long := requirement.BackMust + time.Second
	other := newTale().proxied().connect("10.1.1.9:8080")
	untold := newTale().dial("h:1863", "refused")
	unheard := newTale().begin("socks5 proxy", proxyAddress).connect(proxyAddress)
	two := interceptedTale().raw("POST http://A:80/gateway/gateway.dll?Action=open&Server=NS HTTP/1.1\r\nHost: a\r\n\r\n", "")
	elsewhere := interceptedTale()
	elsewhere.conn = 7
	gaveUp := newTale().direct().dial(firstHost+":80", "refused").wait(time.Second).rig(history.StepFailed, "sign in: not done")
	byName := start()
	byName.ask("Action=poll&SessionID="+byName.on.id, "").answer(200, "SessionID=1.9; GW-IP="+gatewayNamed, "").ask("Action=poll&SessionID=1.9", "").lost()
	byName.wait(time.Second).connect(firstHost+":80").ask("Action=poll&SessionID=1.9", "")
	return map[string]edge{
		"GW-IP is a name, and only an address is seen": {"gateway-ip.reconnected", Inconclusive, byName},

		"SOCKS 4 as told":              {"route.no-socks", Pass, greets("socks4 proxy", 4)},
		"SOCKS 4a as told":             {"route.no-socks", Pass, greets("socks4a proxy", 4)},
		"SOCKS 5 as told":              {"route.no-socks", Pass, greets("socks5 proxy", 5)},
		"SOCKS 5 for 4":                {"route.no-socks", Fail, greets("socks4 proxy", 5)},
		"SOCKS 4 for HTTP":             {"route.no-socks", Fail, greets("http proxy", 4)},
		"nothing that begins so":       {"route.no-socks", Inconclusive, greets("socks5 proxy", 6)},
		"nothing said":                 {"route.no-socks", Inconclusive, unheard},
		"a request without a head":     {"route.no-socks", Inconclusive, newTale().proxied().connect(proxyAddress).hop(history.Event{Kind: history.RequestBegan})},
		"HTTP as told":                 {"route.no-socks", Pass, newTale().proxied().connect(proxyAddress).open("NS")},
		"another proxy":                {"route.proxy-port", Inconclusive, other},
		"its port":                     {"route.proxy-port", Pass, newTale().proxied().connect(proxyAddress)},
		"a proxy that is on":           {"route.switch", Pass, newTale().proxied().connect(proxyAddress)},
		"a proxy that is not used":     {"route.switch", Inconclusive, other},
		"a proxy that is off, refused": {"route.switch", Fail, newTale().switchedOff().dial(proxyAddress, "refused")},
		"not told of a way":            {"route.no-direct-attempt", Inconclusive, untold},
		"straight as told":             {"route.no-direct-attempt", Pass, newTale().direct().dial("h:80", "refused")},
		"its proxy's other port":       {"route.no-direct-attempt", Pass, newTale().proxied().connect("10.1.1.1:80")},
		"the proxy at port 1863":       {"route.no-direct-attempt", Fail, newTale().begin("http proxy", "10.1.1.1:1863").connect("10.1.1.1:1863")},
		"two spellings of a host":      {"route.intercepted", Inconclusive, two},
		"named in the target alone":    {"route.intercepted", Inconclusive, interceptedTale().raw("POST http://a/gateway/gateway.dll?Action=open&Server=NS HTTP/1.1\r\n\r\n", "")},
		"a port that ends like theirs": {"route.no-direct-attempt", Pass, newTale().direct().dial("h:11863", "refused")},
		"and served":                   {"route.intercepted", Pass, interceptedTale().open("NS")},
		"not intercepted":              {"route.intercepted", Inconclusive, elsewhere.open("NS")},
		"served once":                  {"route.without-proxy", Pass, mute().wait(long).rig(history.RunEnded, "")},
		"not served, and gave up":      {"route.without-proxy", Fail, gaveUp},
		"tries, and is not served":     {"route.without-proxy", Inconclusive, newTale().direct().dial(firstHost+":80", "refused").wait(requirement.BackShould).rig(history.RunEnded, "")},
	}
}

// What a client leaves is what it had made itself.
func leavingsEdges() map[string]edge {
	return map[string]edge{
		"made nothing, asked nothing":     {"client.leaves-nothing", Inconclusive, newTale().direct().rig(history.ClientClosed, "")},
		"made connections":                {"client.leaves-nothing", Pass, newTale().direct().rig(history.ClientClosed, "").connections(1)},
		"another process":                 {"client.leaves-nothing", NotApplicable, start().rig(history.ClientClosed, "")},
		"another process, of one request": {"client.leaves-nothing", NotApplicable, newTale().direct().connect(gatewayNamed+":80").open("NS").rig(history.ClientClosed, "")},
		"nobody closed it":                {"client.leaves-nothing", Inconclusive, start().rig(history.Stalled, "").connections(300)},
	}
}
