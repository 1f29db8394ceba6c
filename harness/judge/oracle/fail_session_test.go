package oracle_test

import (
	"fmt"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/requirement"
)

// broken is a tale in which a requirement is broken, and what is to be said.
type broken struct {
	id     requirement.ID
	reason string
	tale   *tale
}

// odd is an exchange with that query.
func (t *tale) odd(query, body string) *tale { return t.ask(query, body).answer(200, t.header(), "") }

func opensThatAreWrong() map[string]broken {
	begin := func() *tale { return newTale().direct().connect("h:80") }
	elsewhere := begin()
	elsewhere.on.host = "messenger.hotmail.com"
	return map[string]broken{
		"an unknown server":    {"open.begins", `with the server "sb"`, begin().odd("Action=open&Server=sb&IP=h", "")},
		"no open":              {"open.begins", "is the first of its session and no open", early()},
		"another host":         {"open.dispatch-host", `at "messenger.hotmail.com", not at`, elsewhere.odd("Action=open&Server=NS&IP=h", "VER")},
		"a switchboard's name": {"open.switchboard", `IP="messenger.hotmail.com"`, start().sent("XFR 3 SB 10.9.0.2:1863 CKI 1\r\n").odd("Action=open&Server=SB&IP=messenger.hotmail.com", "USR")},
		"another switchboard":  {"open.switchboard", `"10.9.0.2"`, start().sent("RNG 1 10.9.0.2:1863 CKI 1 a b\r\n").odd("Action=open&Server=SB&IP=10.9.0.3", "ANS")},
		"a chat as NS":         {"open.switchboard", "as one of Server=NS", start().sent("XFR 3 SB 10.9.0.2:1863 CKI 1\r\n").odd("Action=open&Server=NS&IP=10.9.0.2", "USR")},
		"an empty open":        {"open.carries-command", "with an empty body", begin().odd("Action=open&Server=NS&IP=h", "")},
	}
}

// early is a command that goes out before its session's open.
func early() *tale {
	t := newTale().direct().connect("h:80")
	t.ask("SessionID=1.1", "CVR 2\r\n").answer(400, "", "")
	return t.open("NS")
}

func formsThatAreWrong() map[string]broken {
	raw := func(head string) *tale { return newTale().direct().connect("h:80").raw(head, "") }
	path := "POST /gateway/gateway.dll?Action=poll&SessionID=1.1"
	return map[string]broken{
		"GET":                 {"exchange.form", `method is "GET"`, raw("GET" + path[4:] + " HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n")},
		"another path":        {"exchange.form", "not the gateway's path", raw("POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n")},
		"another version":     {"exchange.form", `version is "HTTP/2.0"`, raw(path + " HTTP/2.0\r\nHost: h\r\nContent-Length: 0\r\n\r\n")},
		"no Host":             {"exchange.form", "0 Host fields", raw(path + " HTTP/1.1\r\nContent-Length: 0\r\n\r\n")},
		"two Hosts":           {"exchange.form", "2 Host fields", raw(path + " HTTP/1.1\r\nHost: h\r\nHost: i\r\nContent-Length: 0\r\n\r\n")},
		"no length":           {"exchange.form", "no Content-Length", raw(path + " HTTP/1.1\r\nHost: h\r\n\r\n")},
		"twice the same":      {"exchange.form", "it repeats SessionID", start().odd("SessionID=1.2&SessionID=1.2", "X")},
		"an unknown action":   {"exchange.form", `the action "command" is unknown`, start().odd("Action=command&SessionID=1.2", "X")},
		"an open with an id":  {"exchange.form", "an open with a SessionID", start().odd("Action=open&Server=NS&SessionID=1.2", "X")},
		"an open for nothing": {"exchange.form", "an open without Server", start().odd("Action=open", "X")},
		"no id":               {"exchange.form", "a request without a SessionID", start().odd("Action=poll", "")},
		"a length too small":  {"exchange.form", "is its Content-Length right?", start().hop(history.Event{Kind: history.Opaque, By: "peer", Data: []byte("rest")})},
		"a line that is none": {"exchange.form", `the line "text/plain" in its head is no field`, raw(path + " HTTP/1.1\r\nHost: h\r\ntext/plain\r\nContent-Length: 0\r\n\r\n")},
		"no version":          {"exchange.form", `begins with "POST /xHost: h", which is no request line`, newTale().direct().connect("h:80").hop(history.Event{Kind: history.Opaque, By: "peer", Data: []byte("POST /xHost: h\r\n")})},
		"a length too large":  {"exchange.form", "says that its body has 19 bytes, and after 18 of them the client waited", waiting(2)},
		"another user agent":  {"exchange.habits", `User-Agent "Go"; the official client sends "msmsgs"`, raw(path + " HTTP/1.1\r\nHost: h\r\nUser-Agent: Go\r\nProxy-Connection: keep-alive\r\nPragma: no-cache\r\nContent-Length: 0\r\n\r\n")},
		"two commands":        {"command.one-per-request", "carries 2 commands", start().send("CHG 3 NLN\r\nCHG 4 BSY\r\n")},
		"PNG":                 {"command.no-png", "carries PNG", start().send("PNG\r\n")},
	}
}

// waiting is a client that says its open has a byte more than it sends, and hangs up when
// there is no answer; so many times.
func waiting(times int) *tale {
	t := newTale().direct()
	for range times {
		t.connect("h:80").cutBody(19, "VER 1 MSNP8 CVR0\r\n").wait(20*time.Second).closed("peer", "FIN")
	}
	return t
}

// endless is a client that ends no head, and hangs up when there is no answer; so many
// times.
func endless(times int) *tale {
	t := newTale().direct()
	for range times {
		t.connect("h:80").cutHead().wait(20*time.Second).closed("peer", "FIN")
	}
	return t
}

// cutHead is an open of whose head the end never comes.
func (t *tale) cutHead() *tale {
	t.hop(history.Event{Kind: history.RequestBegan})
	return t.hop(history.Event{Kind: history.RequestCut, Data: []byte("POST /gateway/gateway.dll?Action=open&Server=NS&IP=h HTTP/1.1\r\nHost: h\r\nContent-Length: 18VER 1 MSNP8 CVR0\r\n")})
}

// cutBody is an open of which no more comes than body, of the bytes that it announces.
func (t *tale) cutBody(announced int, body string) *tale {
	t.requests++
	t.last = t.requests
	t.hop(history.Event{Kind: history.RequestBegan})
	head := fmt.Sprintf("POST /gateway/gateway.dll?Action=open&Server=NS&IP=h HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n", announced)
	t.hop(history.Event{Kind: history.RequestHead, Exchange: t.last, Data: []byte(head)})
	return t.hop(history.Event{Kind: history.RequestCut, Exchange: t.last, Data: []byte(body)})
}

func requestsThatOverlap() map[string]broken {
	two := start()
	query := "Action=poll&SessionID=" + two.on.id
	two.ask(query, "").wait(10*time.Millisecond).connect("h:80").ask("SessionID="+two.on.id, "CHG 3 NLN\r\n")
	one := start()
	one.ask(query, "").ask(query, "")
	late := start()
	late.ask(query, "").wait(20*time.Second).connect("h:80").ask(query, "")
	return map[string]broken{
		"on two connections":                   {"exchange.one-in-flight", "began at", two},
		"on one connection":                    {"exchange.one-in-flight", "of the same session was out since", one},
		"beside a connection that was left":    {"exchange.one-in-flight", "connection 2) began at", late},
		"another id than the newest whole one": {"session-id.newest", "the newest whole answer gave", start().odd("Action=poll&SessionID=1.1", "")},
		"an id that nobody gave":               {"session-id.newest", "which no answer had given", start().odd("Action=poll&SessionID=7", "")},
		"no id at all":                         {"session-id.newest", "carries no SessionID", start().odd("Action=poll", "")},
		"an id as it is":                       {"session-id.escaped", `writes the SessionID "a&b" as "a"`, reserved("a&b")},
	}
}

func hostsThatAreWrong() map[string]broken {
	stays := start()
	stays.on.host = gatewayNamed
	back := start()
	back.ask("Action=poll&SessionID="+back.on.id, "").lost()
	back.wait(time.Second).connect(gatewayNamed+":80").ask("Action=poll&SessionID="+back.on.id, "")
	return map[string]broken{
		"the old gateway":            {"gateway-ip.followed", `had GW-IP "10.9.0.80"`, stays.idle(1)},
		"the old gateway, connected": {"gateway-ip.reconnected", "went to " + gatewayNamed, back},
	}
}
