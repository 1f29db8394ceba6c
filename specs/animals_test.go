package specs

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"testing"

	"gauntlet/harness/msn/client"
	"gauntlet/harness/run/virtual"
	"gauntlet/proxies"
	"gauntlet/proxies/netns"
	"gauntlet/proxies/network"
)

// animalVariable makes the test binary a client under test, of the kind that it
// names: the tame one is the reference client, driven by what it reads; the wild
// ones are in zoo_test.go, and those that play real clients in real_player_test.go.
const animalVariable = "GAUNTLET_ANIMAL"

func TestMain(m *testing.M) {
	if err := netns.PlayRole(); err != nil { // of the probe whether there can be namespaces
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	kind := os.Getenv(animalVariable)
	real, is := strings.CutPrefix(kind, "real ")
	switch {
	case kind == "":
		virtual.BoundHeap() // collects seldom, as workers do
		os.Exit(m.Run())
	case kind == "tame":
		tame(os.Stdout)
	case is:
		playReal(real)
	default:
		wild[kind]()
	}
	os.Exit(0)
}

// order is what a driven client reads, as far as the tame one wants to know it.
type order struct {
	Type, User, Password, Contact, Text string
	ID                                  int
	Gateway                             struct{ Name string }
	Proxy                               *struct {
		Address string
		Enabled bool
	}
}

// tame performs what it is told with the reference client.
func tame(stdout *os.File) {
	say := speaker(stdout)
	t := &tamed{say: say}
	obeys(say, "tame", t.obey)
	if t.user != nil {
		t.user.Close()
	}
}

// obeys says hello and does what it is told until it is told to quit.
func obeys(say func(any), name string, obey func(order) error) {
	say(map[string]any{"type": "hello", "name": name, "version": "1", "protocol": 1, "abilities": []string{"chat", "invited", "reopen"}})
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		var o order
		if err := json.Unmarshal(in.Bytes(), &o); err != nil || o.Type == "quit" {
			break
		}
		answer := map[string]any{"type": "done", "id": o.ID}
		if err := obey(o); err != nil {
			answer = map[string]any{"type": "error", "id": o.ID, "text": err.Error()}
		}
		say(answer)
	}
}

// speaker writes one object a line, from any goroutine.
func speaker(out *os.File) func(any) {
	var mu sync.Mutex
	return func(v any) {
		line, err := json.Marshal(v)
		if err != nil {
			panic(err)
		}
		mu.Lock()
		defer mu.Unlock()
		fmt.Fprintf(out, "%s\n", line)
	}
}

type tamed struct {
	say  func(any)
	user *client.User
	chat *client.Chat
}

func (t *tamed) obey(o order) (err error) {
	ctx := context.Background()
	switch o.Type {
	case "connect":
		t.user = client.NewUser(client.Options{
			Network: &plainly{}, Route: routeOf(o), Gateway: o.Gateway.Name, Email: o.User, Password: o.Password, Report: t.report,
		})
		return t.user.SignIn(ctx)
	case "call":
		t.chat, err = t.user.Call(ctx, o.Contact)
	case "await":
		t.chat, err = t.user.Invited(ctx)
	case "send":
		return t.chat.Send(o.Text)
	case "leave":
		return t.chat.Leave(ctx)
	case "sign out":
		return t.user.SignOut(ctx)
	}
	return err
}

// plainly is the network in which the process happens to be.
type plainly struct{ network.Loopback }

func (*plainly) DialContext(ctx context.Context, kind, address string) (net.Conn, error) {
	return new(net.Dialer).DialContext(ctx, kind, address)
}

func routeOf(o order) proxies.Route {
	if o.Proxy == nil || !o.Proxy.Enabled {
		return proxies.Route{}
	}
	return proxies.Route{Kind: proxies.HTTPProxy, Proxy: o.Proxy.Address}
}

var words = map[client.ReportKind]string{
	client.Received: "received", client.Uncertain: "uncertain", client.Reopened: "reopened", client.Trouble: "error", client.Closed: "closed",
}

func (t *tamed) report(r client.Report) {
	if word := words[r.Kind]; word != "" {
		t.say(map[string]any{"type": word, "from": r.From, "text": r.Text})
	}
}
