package oracle_test

import (
	"encoding/base64"
	"fmt"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/trace"
	"gauntlet/harness/msn/reading"
	"gauntlet/harness/run/workload"
)

// tale is a history that is written by hand, in the order of its time. What a
// step does not say is as it should be: ids, hosts, lengths, the connection.
type tale struct {
	events   []history.Event
	facts    trace.Facts
	now      time.Duration
	conn     int
	requests int
	last     int // the request that was asked last
	sessions int
	told     []*told // by number
	on       *told   // the session that speaks
}

// told is what the client knows of one session.
type told struct {
	number int
	server string
	id     string
	host   string
	ids    int
}

const (
	user, peer   = "alice@example.com", "bob@example.com"
	gatewayNamed = "gateway.messenger.hotmail.com"
	firstHost    = "10.9.0.80"
	proxyAddress = "10.1.1.1:8080"
	board        = "10.9.0.2"
)

func newTale() *tale {
	t := &tale{facts: trace.Facts{Reader: reading.MSN{}, User: user, Contact: peer}, on: &told{host: gatewayNamed}}
	return t
}

// direct, proxied and switchedOff begin a tale: what the client is told.
func (t *tale) direct() *tale      { return t.begin("direct", "") }
func (t *tale) proxied() *tale     { return t.begin("http proxy", proxyAddress) }
func (t *tale) switchedOff() *tale { return t.begin("proxy switched off", proxyAddress) }

func (t *tale) begin(how, proxy string) *tale {
	t.rig(history.Configured, gatewayNamed)
	t.events[len(t.events)-1].How, t.events[len(t.events)-1].ID = how, proxy
	return t
}

func (t *tale) add(e history.Event) *tale {
	e.Seq, e.At = len(t.events)+1, t.now
	t.events = append(t.events, e)
	return t
}

// wait lets time pass.
func (t *tale) wait(d time.Duration) *tale {
	t.now += d
	return t
}

func (t *tale) rig(kind history.Kind, text string) *tale {
	return t.add(history.Event{From: history.AtRig, Kind: kind, Text: text})
}

// step is one of the script's, and begins here.
func (t *tale) step(text string) *tale {
	step, err := workload.ParseStep(text)
	if err != nil {
		panic(err)
	}
	t.facts.Script = append(t.facts.Script, step)
	return t.rig(history.StepBegan, text)
}

// says is the client's own word.
func (t *tale) says(kind history.Kind, text string) *tale {
	e := history.Event{From: history.AtClient, Kind: kind, User: user, Text: text}
	if kind == history.Delivered {
		e.ID = peer
	}
	return t.add(e)
}

// dial connects, or does not.
func (t *tale) dial(address, how string) *tale {
	t.add(history.Event{From: history.AtDial, Kind: history.Dialled, User: user, ID: address, How: how})
	if how == "connected" {
		t.conn++
		t.hop(history.Event{Kind: history.Accepted})
	}
	return t
}

// connect is a dial that comes about.
func (t *tale) connect(address string) *tale { return t.dial(address, "connected") }

func (t *tale) hop(e history.Event) *tale {
	e.From, e.Conn = history.AtHop, t.conn
	return t.add(e)
}

// ask sends a request with that query, addressed to where the session leads.
func (t *tale) ask(query, body string) *tale {
	head := fmt.Sprintf("POST /gateway/gateway.dll?%s HTTP/1.1\r\nUser-Agent: MSMSGS\r\nHost: %s\r\n"+
		"Proxy-Connection: Keep-Alive\r\nPragma: no-cache\r\nContent-Length: %d\r\n\r\n", query, t.on.host, len(body))
	return t.raw(head, body)
}

// shows sends a poll by way of a proxy with these credentials, or none.
func (t *tale) shows(credentials string) *tale {
	field := ""
	if credentials != "" {
		field = "Proxy-Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(credentials)) + "\r\n"
	}
	return t.raw("POST http://h/gateway/gateway.dll?Action=poll&SessionID="+t.on.id+" HTTP/1.1\r\nHost: h\r\n"+field+"\r\n", "")
}

// asked is a client by way of a proxy that wants a password.
func asked(how string) *tale {
	t := newTale().begin(how, proxyAddress).connect(proxyAddress)
	t.facts.Credentials = "alice:se:cret"
	return t
}

// shownTo is a client to which the gateway shows a certificate that is not to be trusted.
func shownTo(flaw string) *tale {
	t := newTale().proxied().connect(proxyAddress)
	t.facts.Distrusted = flaw
	return t
}

// distrusts ends the handshake.
func (t *tale) distrusts() *tale {
	return t.add(history.Event{From: history.AtGateway, Kind: history.HandshakeFailed, Text: "remote error: tls: bad certificate"})
}

// raw sends a request as it is written.
func (t *tale) raw(head, body string) *tale {
	t.requests++
	t.last = t.requests
	t.hop(history.Event{Kind: history.RequestBegan})
	t.hop(history.Event{Kind: history.RequestHead, Exchange: t.last, Data: []byte(head)})
	return t.hop(history.Event{Kind: history.RequestDone, Exchange: t.last, Data: []byte(body)})
}

// answer gives the newest request its answer, after 50 ms.
func (t *tale) answer(status int, header, body string) *tale {
	t.wait(50 * time.Millisecond)
	if header != "" {
		header = "X-MSN-Messenger: " + header + "\r\n"
	}
	head := fmt.Sprintf("HTTP/1.1 %d Said\r\n%sContent-Length: %d\r\n\r\n", status, header, len(body))
	t.hop(history.Event{Kind: history.AnswerHead, Exchange: t.last, Status: status, Data: []byte(head)})
	return t.hop(history.Event{Kind: history.AnswerDone, Exchange: t.last, Status: status, Data: []byte(body)})
}

// closed ends the connection: by peer, box or fault.
func (t *tale) closed(by, how string) *tale {
	return t.hop(history.Event{Kind: history.Closed, By: by, How: how})
}

// lost is a fault that strikes the newest request.
func (t *tale) lost() *tale {
	t.add(history.Event{From: history.AtHop, Kind: history.Fired, Conn: t.conn, Exchange: t.last, Fault: "a fault"})
	return t.closed("fault", "FIN")
}

func (t *tale) gateway(e history.Event) *tale {
	e.From, e.Session, e.Server = history.AtGateway, t.on.number, t.on.server
	return t.add(e)
}

// newID is what the gateway gives next, with the header that says so.
func (t *tale) newID() string {
	t.on.ids++
	t.on.id = fmt.Sprintf("%d.%d", t.on.number, t.on.ids)
	return t.on.id
}

func (t *tale) header() string { return fmt.Sprintf("SessionID=%s; GW-IP=%s", t.on.id, firstHost) }

// opened is the gateway's side of an open.
func (t *tale) opened(server string) *tale {
	t.sessions++
	t.on = &told{number: t.sessions, server: server, host: gatewayNamed}
	t.told = append(t.told, t.on)
	t.gateway(history.Event{Kind: history.SessionOpened, NewID: t.newID()})
	return t.gateway(history.Event{Kind: history.SessionIdentified, User: user})
}

// open opens a session with its first command.
func (t *tale) open(server string) *tale {
	t.on = &told{host: gatewayNamed}
	ip := map[string]string{"NS": "messenger.hotmail.com", "SB": board}[server]
	t.ask("Action=open&Server="+server+"&IP="+ip, "VER 1 MSNP8 CVR0\r\n").opened(server)
	t.answer(200, t.header(), "")
	t.on.host = firstHost
	return t
}

// poll asks for what is queued, and gets body.
func (t *tale) poll(body string) *tale { return t.exchange("Action=poll&SessionID="+t.on.id, "", body) }

// send sends a command.
func (t *tale) send(body string) *tale { return t.exchange("SessionID="+t.on.id, body, "") }

func (t *tale) exchange(query, body, answer string) *tale {
	t.ask(query, body).processed(body)
	return t.answer(200, t.header(), answer)
}

// processed is the gateway's side of a request.
func (t *tale) processed(body string) *tale {
	id := t.on.id
	return t.gateway(history.Event{Kind: history.Processed, ID: id, NewID: t.newID(), Data: []byte(body)})
}

// messenger is what the servers behind the gateway say.
func (t *tale) messenger(e history.Event) *tale {
	e.From = history.AtMessenger
	return t.add(e)
}

func (t *tale) signedIn() *tale {
	return t.messenger(history.Event{Kind: history.SignedIn, User: user}).says(history.Connected, "")
}

// sent is a command from a server to the user.
func (t *tale) sent(line string) *tale {
	return t.messenger(history.Event{Kind: history.Sent, User: user, Data: []byte(line)})
}

// relayed is a message that the switchboard passed on.
func (t *tale) relayed(sender, text string) *tale {
	return t.messenger(history.Event{Kind: history.Relayed, User: sender, Text: text})
}

// start is a client that has signed in directly.
func start() *tale {
	t := newTale().direct().step("sign in").connect(gatewayNamed + ":80").open("NS")
	return t.send("USR 2 TWN S t=1\r\n").signedIn()
}

// idle lets the client poll for a while.
func (t *tale) idle(polls int) *tale {
	for range polls {
		t.wait(2 * time.Second).poll("")
	}
	return t
}
