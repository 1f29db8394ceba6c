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

// What a file says of the way, in tales.
const (
	fileURL   = "http://10.1.98.1/proxy.pac"
	deadProxy = "10.1.96.1:3128"
)

// byFile begins a tale: the client is told of a file, which says how and names these.
func byFile(how, proxy string, named ...string) *tale {
	t := newTale().begin(how, proxy)
	t.events[0].By, t.events[0].Labels = fileURL, named
	return t
}

// asksFile has the client ask for the file.
func (t *tale) asksFile(method string, status int) *tale {
	t.rig(history.FileAsked, fileURL)
	last := &t.events[len(t.events)-1]
	last.How, last.Status = method, status
	return t
}

// readFile is a client that has read that these are the proxies, the last one alive.
func readFile(named ...string) *tale {
	return byFile("http proxy", proxyAddress, named...).asksFile("GET", 200)
}

// noFile is a client that knows that there is no file, and silent one that says nothing
// of itself.
func noFile() *tale { return silent().says(history.Connected, "") }

func silent() *tale { return byFile("file missing", "").asksFile("GET", 404) }

// tellsOfNoFile is one that tells its user.
func tellsOfNoFile() *tale {
	return noFile().says(history.Failed, "there is no such file").wait(time.Minute).rig(history.RunEnded, "")
}

// Of what a file says, the oracles know what it was asked for, when, and what it names.
func fileEdges() map[string]edge {
	unseen := readFile(deadProxy, proxyAddress)
	unseen.conn = 1
	return map[string]edge{
		"a file, and then the proxy":              {"route.file-read", Pass, readFile(proxyAddress).connect(proxyAddress)},
		"a file that was looked for before":       {"route.file-read", Pass, byFile("http proxy", proxyAddress).asksFile("HEAD", 200).asksFile("GET", 200).connect(proxyAddress)},
		"a file that was only looked for":         {"route.file-read", Fail, byFile("http proxy", proxyAddress).asksFile("HEAD", 200).connect(proxyAddress)},
		"a file, posted":                          {"route.file-read", Fail, byFile("http proxy", proxyAddress).asksFile("POST", 405)},
		"the proxy, and then a file":              {"route.file-read", Fail, byFile("http proxy", proxyAddress).connect(proxyAddress).wait(time.Second).asksFile("GET", 200)},
		"no file asked for, and nothing done":     {"route.file-read", Inconclusive, byFile("http proxy", proxyAddress)},
		"a dead proxy, and the next":              {"route.file-next", Pass, readFile(deadProxy, proxyAddress).dial(deadProxy, "refused").connect(proxyAddress)},
		"the next without the first":              {"route.file-next", Fail, readFile(deadProxy, proxyAddress).connect(proxyAddress)},
		"the next, by whose dials are not seen":   {"route.file-next", Pass, unseen.hop(history.Event{Kind: history.Accepted})},
		"a dead proxy alone, for long":            {"route.file-next", Fail, readFile(deadProxy, proxyAddress).dial(deadProxy, "refused").wait(requirement.BackMust+time.Second).rig(history.RunEnded, "")},
		"a dead proxy alone, and gave up":         {"route.file-next", Fail, readFile(deadProxy, proxyAddress).dial(deadProxy, "refused").rig(history.StepFailed, "sign in: no")},
		"a dead proxy alone, in a short run":      {"route.file-next", Inconclusive, readFile(deadProxy, proxyAddress).dial(deadProxy, "refused").rig(history.RunEnded, "")},
		"two proxies in a file that did not come": {"route.file-next", Inconclusive, byFile("http proxy", proxyAddress, deadProxy, proxyAddress)},
		"a dead proxy is no way past the proxy":   {"route.no-direct-attempt", Pass, readFile(deadProxy, proxyAddress).dial(deadProxy, "refused").connect(proxyAddress)},
		"a proxy that no file names":              {"route.no-direct-attempt", Fail, readFile(deadProxy, proxyAddress).dial("10.1.97.1:3128", "refused").connect(proxyAddress)},
		"a dead proxy on the same host":           {"route.proxy-port", Pass, readFile("10.1.1.1:9", proxyAddress).dial("10.1.1.1:9", "refused").connect(proxyAddress)},
		"no file, and told":                       {"route.file-told", Pass, tellsOfNoFile()},
		"no file, and the step says so":           {"route.file-told", Pass, noFile().rig(history.StepDone, "fail to sign in 60s").wait(time.Minute).rig(history.RunEnded, "")},
		"no file, and the step alone says so":     {"route.file-told", Pass, silent().rig(history.StepDone, "fail to sign in 60s").wait(time.Minute).rig(history.RunEnded, "")},
		"no file, and it says so late":            {"route.file-told", Fail, silent().wait(requirement.ToldBy+time.Second).rig(history.StepDone, "fail to sign in 60s").rig(history.RunEnded, "")},
		"no file, and who never speaks":           {"route.file-told", Inconclusive, silent().wait(time.Minute).rig(history.RunEnded, "")},
		"no file, and told late":                  {"route.file-told", Fail, noFile().wait(requirement.ToldBy+time.Second).says(history.Failed, "no file").rig(history.RunEnded, "")},
		"no file, and a short run":                {"route.file-told", Inconclusive, noFile().rig(history.RunEnded, "")},
		"no file, and nobody asked for it":        {"route.file-told", Inconclusive, byFile("file missing", "").says(history.Connected, "").wait(time.Minute).rig(history.RunEnded, "")},
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
