package client

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"gauntlet/harness/msn/msnhttp"
	"gauntlet/harness/msn/msnp"
	"gauntlet/proxies/simnet"
)

// office is a gateway with servers behind it, all written down by the test: what
// a server replies to a command, and which answers go wrong. It lives in a
// bubble.
type office struct {
	*testing.T
	net *simnet.Net
	wg  sync.WaitGroup

	mu        sync.Mutex
	replies   map[string]string   // by server and command's name: the reply to it, %d for its number
	spoils    map[string][]string // by the same, or "NS open", "NS poll": what becomes of the first such requests; see spoil
	heard     []string            // commands, each behind its server
	opened    []string            // the servers of the sessions
	addresses []string            // where they were to be opened
	said      map[int]string      // what is to go with a session's next answer
	conns     map[net.Conn]bool   // open ones
	dialled   int
	reports   []string
}

const alice, bob = "alice@example.com", "bob@example.com"

// inOffice runs a test with an office that knows how a user signs in, calls Bob,
// and leaves.
func inOffice(t *testing.T, test func(o *office)) {
	synctest.Test(t, func(t *testing.T) {
		o := &office{
			T: t, net: simnet.New(simnet.Options{}), said: map[int]string{}, conns: map[net.Conn]bool{}, spoils: map[string][]string{},
			replies: map[string]string{
				"NS VER": "VER %d MSNP8\r\n", "NS CVR": "CVR %d x\r\n", "NS SYN": "SYN %d 1\r\n", "NS CHG": "CHG %d NLN\r\n", "NS USR": "USR %d OK\r\n",
				"NS XFR": "XFR %d SB 10.0.0.1:1863 CKI ticket\r\n", "SB USR": "USR %d OK\r\n", "SB CAL": "CAL %d RINGING 7\r\nJOI " + bob + " Bob\r\n",
				"SB MSG": "ACK %d\r\n", "SB ANS": "ANS %d OK\r\n",
			},
		}
		l, err := o.net.Host("10.0.0.1", DispatchHost).Listen(":80")
		if err != nil {
			t.Fatal(err)
		}
		o.net.Host("10.0.0.2")
		o.wg.Go(func() { o.serve(l) })
		test(o)
		_ = l.Close()
		_ = o.net.Close()
		o.wg.Wait()
	})
}

func (o *office) serve(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		o.mu.Lock()
		o.conns[c] = true
		o.dialled++
		o.mu.Unlock()
		o.wg.Go(func() {
			o.converse(c)
			_ = c.Close()
			o.mu.Lock()
			delete(o.conns, c)
			o.mu.Unlock()
		})
	}
}

func (o *office) converse(c net.Conn) {
	in := bufio.NewReader(c)
	for {
		r, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		answer := o.answer(r, body)
		if _, err := io.WriteString(c, strings.TrimSuffix(answer, "cut")); err != nil || answer == "" || strings.HasSuffix(answer, "cut") {
			return
		}
	}
}

// answer is what an HTTP request gets.
func (o *office) answer(r *http.Request, body []byte) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	_, q, err := msnhttp.ParseTarget(r.RequestURI)
	if err != nil {
		o.Errorf("%q: %v", r.RequestURI, err)
	}
	var number, seq int
	_, _ = fmt.Sscanf(q.SessionID, "%d.%d", &number, &seq)
	if q.Action == msnhttp.ActionOpen {
		o.opened = append(o.opened, q.Server)
		o.addresses = append(o.addresses, q.IP)
		number = len(o.opened)
	}
	server := o.opened[number-1]
	spoilt := o.spoil(server, q.Action, body)
	if spoilt != "" && !strings.Contains(spoilt, "%s") {
		return strings.TrimPrefix(spoilt, "lost")
	}
	said := o.said[number] + o.hear(server, body)
	o.said[number] = ""
	id := fmt.Sprintf("%d.%d", number, seq+1)
	if spoilt != "" {
		return fmt.Sprintf(spoilt, id, len(said), said)
	}
	return whole("", id, said)
}

// whole is an answer of the gateway's.
func whole(more, id, said string) string {
	return fmt.Sprintf("HTTP/1.1 200 OK\r\nX-MSN-Messenger: SessionID=%s; GW-IP=10.0.0.1%s\r\nContent-Length: %d\r\n\r\n%s", id, more, len(said), said)
}

// What becomes of an answer that is spoilt: with "%s" it is formatted with id,
// length and body; else it is given as it is, and the request was not heard.
const (
	losing  = "lost"
	refused = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"
	page    = "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"
	closing = "HTTP/1.1 200 OK\r\nX-MSN-Messenger: SessionID=%s; GW-IP=10.0.0.1; Session=close\r\nContent-Length: %d\r\n\r\n%s"
	goodbye = "HTTP/1.1 200 OK\r\nX-MSN-Messenger: SessionID=%s; GW-IP=10.0.0.1\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s"
)

func (o *office) spoil(server, action string, body []byte) string {
	name := action
	if name == "" || name == msnhttp.ActionOpen && len(o.spoils[server+" open"]) == 0 {
		name = string(body[:min(3, len(body))])
	}
	key := server + " " + name
	if len(o.spoils[key]) == 0 {
		return ""
	}
	first := o.spoils[key][0]
	o.spoils[key] = o.spoils[key][1:]
	return first
}

// hear writes the commands down and replies.
func (o *office) hear(server string, body []byte) (said string) {
	commands, err := msnp.Decode(msnp.Client, body)
	if err != nil {
		o.Errorf("%s hears %q: %v", server, body, err)
	}
	for _, c := range commands {
		number, _ := c.TrID()
		text := server + " " + strings.TrimSpace(string(c.Bytes()[:len(c.Bytes())-len(c.Payload)]))
		if m, err := msnp.ParseMessage(c.Payload); err == nil && len(c.Payload) > 0 {
			text = server + " MSG " + m.Text
		}
		o.heard = append(o.heard, text)
		reply := o.replies[server+" "+c.Name]
		if strings.Contains(reply, "%d") {
			reply = fmt.Sprintf(reply, number)
		}
		said += reply
	}
	return said
}

// say lets the server of a session speak, with the next answer.
func (o *office) say(session int, what string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.said[session] += what
}

// goWrong has the next requests of that kind go wrong.
func (o *office) goWrong(kind string, how ...string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.spoils[kind] = how
}

func (o *office) user(turns ...func(*Options)) *User {
	opt := Options{Network: o.net.Host("10.0.0.2"), Email: alice, Report: func(r Report) {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.reports = append(o.reports, strings.TrimSpace(fmt.Sprint(r.Kind, " ", r.From, " ", r.Text)))
	}}
	for _, turn := range turns {
		turn(&opt)
	}
	return NewUser(opt)
}

// signedIn is a user who has signed in; close ends him.
func (o *office) signedIn(turns ...func(*Options)) *User {
	o.Helper()
	u := o.user(turns...)
	if err := u.SignIn(context.Background()); err != nil {
		o.Fatal(err)
	}
	o.reported()
	return u
}

// reported wants just these reports since the last call.
func (o *office) reported(want ...string) {
	o.Helper()
	synctest.Wait()
	o.mu.Lock()
	defer o.mu.Unlock()
	if got := o.reports; !slices.Equal(got, want) {
		o.Errorf("reported %q, want %q", got, want)
	}
	o.reports = nil
}

// wasTold wants just these commands since the last call.
func (o *office) wasTold(want ...string) {
	o.Helper()
	synctest.Wait()
	o.mu.Lock()
	defer o.mu.Unlock()
	if got := o.heard; !slices.Equal(got, want) {
		o.Errorf("heard %q\nwant  %q", got, want)
	}
	o.heard = nil
}

// connections are those that have not come to their end, and all.
func (o *office) connections() (open, ever int) {
	time.Sleep(100 * time.Millisecond) // the network's delay
	synctest.Wait()
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.conns), o.dialled
}

// soon is a context that ends after ten seconds.
func soon() context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	context.AfterFunc(ctx, cancel)
	return ctx
}
