package rig

import (
	"slices"
	"strings"
	"testing"
	"time"

	"gauntlet/harness/judge/requirement"
	msn "gauntlet/harness/msn/servers"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/protocol"
	"gauntlet/harness/run/workload"
	"gauntlet/proxies"
	"gauntlet/proxies/external"
	"gauntlet/proxies/fault"
	"gauntlet/proxies/pac"
)

// chained is a case behind those boxes, in the words of a catalogue.
func chained(t *testing.T, chain string, faults ...string) catalogue.Case {
	t.Helper()
	c := catalogue.Case{
		ID: "chained", Dialect: catalogue.DefaultDialect, Think: catalogue.DefaultThink, Proves: []requirement.ID{carriedOut},
		Workload: workload.Script{{Verb: workload.SignIn}, {Verb: workload.Stay, For: 5 * time.Second}, {Verb: workload.SignOut}},
	}
	var err error
	if chain != "" {
		if c.Chain, err = proxies.Profiles(nil).ParseChain(chain); err != nil {
			t.Fatal(err)
		}
	}
	words := msn.Vocabulary(nil).Faults
	words.Hops = len(c.Chain) + 1
	for _, line := range faults {
		f, err := fault.Parse(line, words)
		if err != nil {
			t.Fatal(err)
		}
		c.Faults = append(c.Faults, f)
	}
	return c
}

func TestWhatCannotBeExpressed(t *testing.T) {
	product := &external.Product{Name: "squid"}
	with := func(c catalogue.Case, change func(*catalogue.Case)) catalogue.Case {
		change(&c)
		return c
	}
	moves := func(c *catalogue.Case) {
		c.Workload = workload.Script{{Verb: workload.SignIn}, {Verb: workload.Move}, {Verb: workload.SignOut}}
	}
	six := func(c *catalogue.Case) { c.Knobs = []catalogue.Knob{{Name: "family", Value: "ipv6"}} }
	https := func(c *catalogue.Case) { c.Knobs = []catalogue.Knob{{Name: "front", Value: "tls"}} }
	forward, intercepting, two := chained(t, "forward port 8080"), chained(t, "intercept"), chained(t, "forward port 8080 → forward port 3128")
	for _, test := range []struct {
		name string
		c    catalogue.Case
		o    Options
		want string // in the reason; empty: it can be expressed
	}{
		{"a proxy, in memory", forward, Options{Mode: Virtual, ClientKind: adapter.InProcess}, ""},
		{"a proxy, on loopback", forward, Options{Mode: Loopback, ClientKind: adapter.InProcess}, ""},
		{"a proxy, on loopback, for a program", forward, Options{Mode: Loopback, ClientKind: adapter.Driven}, ""},
		{"interception, in memory", intercepting, Options{Mode: Virtual, ClientKind: adapter.InProcess}, ""},
		{"interception, on loopback", intercepting, Options{Mode: Loopback, ClientKind: adapter.InProcess}, "interception needs addresses"},
		{"interception, by hand", intercepting, Options{Mode: Attached, ClientKind: adapter.InProcess}, "interception needs addresses"},
		{"interception, in namespaces", intercepting, Options{Mode: Netns, ClientKind: adapter.Driven}, ""},
		{"a contact's own way, on loopback", with(forward, func(c *catalogue.Case) { c.Contact = two.Chain }), Options{Mode: Loopback, ClientKind: adapter.InProcess}, "the contact's own way"},
		{"a contact's own way, in memory", with(forward, func(c *catalogue.Case) { c.Contact = two.Chain }), Options{Mode: Virtual, ClientKind: adapter.InProcess}, ""},
		{"no proxy, on loopback", chained(t, ""), Options{Mode: Loopback, ClientKind: adapter.InProcess}, ""},
		{"no proxy, on loopback, for a program", chained(t, ""), Options{Mode: Loopback, ClientKind: adapter.Driven}, "looks for the gateway by itself"},
		{"dials, on loopback, of a program", with(forward, func(c *catalogue.Case) { c.Proves = []requirement.ID{"route.switch"} }), Options{Mode: Loopback, ClientKind: adapter.Driven}, "tries to connect to is not seen"},
		{"dials, on loopback, in this process", with(forward, func(c *catalogue.Case) { c.Proves = []requirement.ID{"route.switch"} }), Options{Mode: Loopback, ClientKind: adapter.InProcess}, ""},
		{"messages, of a client that only connects", with(forward, func(c *catalogue.Case) { c.Proves = []requirement.ID{"command.not-lost"} }), Options{Mode: Netns, ClientKind: adapter.BlackBox}, "told what to say"},
		{"a proxy switched off, of a program", with(forward, func(c *catalogue.Case) { c.Proxy = catalogue.SwitchedOff }), Options{Mode: Netns, ClientKind: adapter.Driven}, "{{.ProxyOff}}"},
		{"a name that moves, and a driven client", with(chained(t, ""), moves), Options{Mode: Netns, ClientKind: adapter.Driven}, ""},
		{"a name that is gone, and a program on loopback", chained(t, "socks4", "hop 0: on lookup 2: no such name"), Options{Mode: Loopback, ClientKind: adapter.Driven}, "finds no names of ours"},
		{"a name that is gone, and a client in this process", chained(t, "", "hop 0: on lookup 2: no such name"), Options{Mode: Loopback, ClientKind: adapter.InProcess}, ""},
		{"a name that our box does not find, on loopback", chained(t, "forward", "hop 1: on lookup 2: no such name"), Options{Mode: Loopback, ClientKind: adapter.Driven}, ""},
		{"a name that a product is not to find", chained(t, "forward", "hop 1: on lookup 2: no such name"), Options{Mode: Loopback, Product: product, ClientKind: adapter.InProcess}, "a real product"},
		{"IPv6 that is dead, in namespaces", chained(t, "", "hop 0: on lookup 2: ipv6 first dead"), Options{Mode: Netns, ClientKind: adapter.Driven}, ""},
		{"IPv6 that is dead, on loopback", chained(t, "", "hop 0: on lookup 2: ipv6 first dead"), Options{Mode: Loopback, ClientKind: adapter.InProcess}, "loses each SYN"},
		{"a gateway with IPv6 alone, on loopback", with(forward, six), Options{Mode: Loopback, ClientKind: adapter.Driven}, ""},
		{"a gateway with IPv6 alone, in namespaces", with(chained(t, ""), six), Options{Mode: Netns, ClientKind: adapter.BlackBox}, ""},
		{"a gateway with IPv6 alone that moves", with(with(forward, six), moves), Options{Mode: Virtual, ClientKind: adapter.InProcess}, "is one machine, and cannot move"},
		{"a gateway with IPv6 alone, behind a product", with(forward, six), Options{Mode: Loopback, Product: product, ClientKind: adapter.InProcess}, "with an IPv4 address"},
		{"a name that moves, a driven client, and a proxy that looks it up", with(forward, moves), Options{Mode: Netns, ClientKind: adapter.Driven}, ""},
		{"a name that moves, on loopback", with(forward, moves), Options{Mode: Loopback, ClientKind: adapter.InProcess}, "on loopback names are no more than a table, and lead where they did at first"},
		{"https, in this process", with(forward, https), Options{}, ""},
		{"https, of who says nothing of it", with(forward, https), Options{Mode: Netns, ClientKind: adapter.Driven}, "does not say that it can: tls"},
		{"https, of who can", with(forward, https), Options{Mode: Netns, ClientKind: adapter.Driven, Abilities: adapter.Abilities{adapter.SignOut, adapter.TLS}}, ""},
		{"https, past an intercepting box", with(intercepting, https), Options{}, "https goes to port 443"},
		{"https, behind a real product", with(forward, https), Options{Mode: Loopback, Product: product}, "reached by http"},
		{"a proxy at an IPv6 address, in namespaces", chained(t, "forward ipv6"), Options{Mode: Netns, ClientKind: adapter.InProcess}, ""},
		{"a proxy at an IPv6 address, on loopback", chained(t, "forward ipv6"), Options{Mode: Loopback, ClientKind: adapter.Driven}, ""},
		{"an unplugged box on loopback", chained(t, "forward unplugged for 2s from 1s"), Options{Mode: Loopback, ClientKind: adapter.InProcess}, "an unplugged box answers nobody who connects, and on loopback the kernel does"},
		{"a proxy switched off, with a place in its file", with(forward, func(c *catalogue.Case) { c.Proxy = catalogue.SwitchedOff }), Options{Mode: Netns, ClientKind: adapter.Driven, HearsOff: true}, ""},
		{"a proxy switched off, of one that connects", with(intercepting, func(c *catalogue.Case) { c.Proxy = catalogue.SwitchedOff }), Options{Mode: Netns, ClientKind: adapter.BlackBox}, "{{.ProxyOff}}"},
		{"a proxy switched off, beside interception", with(intercepting, func(c *catalogue.Case) { c.Proxy = catalogue.SwitchedOff }), Options{Mode: Netns, ClientKind: adapter.Driven}, ""},
		{"a file, in memory", with(forward, byFile(catalogue.File)), Options{Mode: Virtual}, ""},
		{"a file, of who says nothing of it", with(forward, byFile(catalogue.File)), Options{Mode: Netns, ClientKind: adapter.Driven}, "does not say that it can: pac"},
		{"a file, of who can", with(forward, byFile(catalogue.File)), Options{Mode: Loopback, ClientKind: adapter.Driven, Abilities: adapter.Abilities{adapter.PAC}}, ""},
		{"a file, with a place in its own", with(forward, byFile(catalogue.File)), Options{Mode: Netns, ClientKind: adapter.BlackBox, WithPAC: true}, ""},
		{"a file, by hand", with(forward, byFile(catalogue.File)), Options{Mode: Attached}, "a person is told of the proxy itself"},
		{"a file, behind a product", with(forward, byFile(catalogue.FileDead)), Options{Mode: Loopback, Product: product}, ""},
		{"no file, in namespaces", with(forward, byFile(catalogue.FileMissing)), Options{Mode: Netns}, ""},
		{"no file, on loopback", with(forward, byFile(catalogue.FileMissing)), Options{Mode: Loopback}, "who goes another way"},
		{"a file by its name, on loopback", with(forward, byFile(catalogue.FileAtWPAD)), Options{Mode: Loopback}, ""},
		{"a file by its name, on loopback, of a program", with(forward, byFile(catalogue.FileAtWPAD)), Options{Mode: Loopback, ClientKind: adapter.Driven, WithPAC: true}, "no names of ours"},
		{"two clients, in memory", with(forward, func(c *catalogue.Case) { c.Clients = 2 }), Options{Mode: Virtual, ClientKind: adapter.InProcess}, ""},
		{"two clients, on loopback", with(forward, func(c *catalogue.Case) { c.Clients = 2 }), Options{Mode: Loopback, ClientKind: adapter.InProcess}, "crowd of clients"},
		{"a product in place of a proxy", forward, Options{Mode: Loopback, Product: product, ClientKind: adapter.InProcess}, ""},
		{"a product in place of nothing", chained(t, ""), Options{Mode: Loopback, Product: product, ClientKind: adapter.InProcess}, ""},
		{"a product in place of two", two, Options{Mode: Loopback, Product: product, ClientKind: adapter.InProcess}, "squid stands for a single forward proxy"},
		{"a product in place of SOCKS", chained(t, "socks5"), Options{Mode: Loopback, Product: product, ClientKind: adapter.InProcess}, "squid stands for a single forward proxy"},
		{"a flow lost, in memory", chained(t, "forward port 8080", "hop 1: on poll 2, forward: lose flow to client"), Options{Mode: Virtual, ClientKind: adapter.InProcess}, "lose flow is something that only a kernel"},
		{"a flow lost, in namespaces", chained(t, "forward port 8080", "hop 1: on poll 2, forward: lose flow to client"), Options{Mode: Netns, ClientKind: adapter.InProcess}, ""},
		{"a flow forgotten before the client", chained(t, "forward port 8080", "hop 0: on poll 2, forward: forget flow"), Options{Mode: Netns, ClientKind: adapter.InProcess}, ""},
		{"a client that moves, in memory", chained(t, "forward port 8080", "hop 0: on poll 2, answer: client moves"), Options{Mode: Virtual, ClientKind: adapter.InProcess}, ""},
		{"a client that moves, in namespaces", chained(t, "", "hop 0: on poll 2, answer: client moves"), Options{Mode: Netns, ClientKind: adapter.BlackBox}, ""},
		{"a client that moves, on loopback", chained(t, "forward port 8080", "hop 0: on poll 2, answer: client moves"), Options{Mode: Loopback, ClientKind: adapter.InProcess}, "a client has one"},
		{"a box that moves", chained(t, "forward port 8080", "hop 1: on poll 2, answer: client moves"), Options{Mode: Virtual, ClientKind: adapter.InProcess}, "means the client"},
		{"refused, then an open lost, in memory", chained(t, "forward port 8080", "hop 0: on connection 1: refuse", "hop 0: on open 1, answer: reset"), Options{Mode: Virtual, ClientKind: adapter.InProcess}, ""},
		{"refused, then an open lost, in namespaces", chained(t, "forward port 8080", "hop 0: on connection 1: refuse", "hop 0: on open 1, answer: reset"), Options{Mode: Netns, ClientKind: adapter.Driven}, "refused once it has come about"},
		{"refused, then a poll lost, in namespaces", chained(t, "forward port 8080", "hop 0: on connection 2: refuse", "hop 0: on poll 1, answer: reset"), Options{Mode: Netns, ClientKind: adapter.Driven}, ""},
		{"a flow forgotten elsewhere", chained(t, "forward port 8080", "hop 1: on poll 2, forward: forget flow"), Options{Mode: Netns, ClientKind: adapter.InProcess}, "only the client's own router"},
	} {
		got := Inexpressible(test.c, test.o)
		if (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

// byFile has a case tell of the proxy by a file.
func byFile(setting catalogue.ProxySetting) func(*catalogue.Case) {
	return func(c *catalogue.Case) { c.Proxy = setting }
}

func TestSuited(t *testing.T) {
	chat, _ := workload.Named("chat")
	plainChat := chained(t, "forward port 8080", "hop 0: on poll 3, answer: reset")
	plainChat.Workload = chat
	ofMessages := plainChat
	ofMessages.Proves = []requirement.ID{"command.not-lost", carriedOut}
	forgotten := chained(t, "forward port 8080")
	forgotten.Workload = workload.Script{{Verb: workload.SignIn}, {Verb: workload.Forget}, {Verb: workload.SignOut}}
	vain := chained(t, "forward port 8080")
	vain.Workload = workload.Script{{Verb: workload.Vain, For: time.Minute}}
	onMSG := chained(t, "forward port 8080", "hop 0: on MSG 1, forward: reset")
	onMSG.Workload = chat
	onCall := chained(t, "forward port 8080", "hop 0: on SB open 1, answer: reset")
	onCall.Workload, onCall.Proves = chat, []requirement.ID{survives, carriedOut}
	onCallAlone, onMore := onCall, chained(t, "forward port 8080", "hop 0: on SB open 1, answer: reset", "hop 0: on poll 3, answer: reset")
	onCallAlone.Proves, onMore.Workload, onMore.Proves = []requirement.ID{survives}, chat, []requirement.ID{survives}
	nothing := adapter.Abilities{}
	for _, test := range []struct {
		name   string
		c      catalogue.Case
		kind   adapter.Kind
		can    adapter.Abilities
		script string // "=" is the case's own
		reason string
	}{
		{"in this process a client can do everything", ofMessages, adapter.InProcess, nothing, "=", ""},
		{"who says nothing of it is driven as it stands", ofMessages, adapter.Driven, nil, "=", ""},
		{"one that only connects is called and told", plainChat, adapter.BlackBox, nil, "sign in; stay 5s; invited; stay 3s; contact says 3 messages; contact says 2 messages; stay 10s; stay 4s; sign out", ""},
		{"what only a user could see", vain, adapter.BlackBox, nil, "", "nobody but the client itself"},
		{"a fault that waits for a user's word", onMSG, adapter.BlackBox, nil, "", "its fault waits for what the user does"},
		{"the open that answers a call", onCall, adapter.BlackBox, nil, "sign in; stay 5s; invited", ""},
		{"nothing but that", onCallAlone, adapter.BlackBox, nil, "", "a ticket that is good once"},
		{"that and something else", onMore, adapter.BlackBox, nil, "sign in; stay 5s; invited", ""},
		{"the open of one that calls", onCallAlone, adapter.Driven, nil, "=", ""},
		{"no second session", forgotten, adapter.Driven, adapter.Abilities{adapter.Chat, adapter.SignOut}, "", "open a new session"},
		{"a second session", forgotten, adapter.Driven, adapter.Abilities{adapter.Reopen, adapter.SignOut}, "=", ""},
		{"no chat, and it is not about one", plainChat, adapter.Driven, adapter.Abilities{adapter.SignOut}, "sign in; stay 40s; sign out", ""},
		{"no chat, and its fault waits for one", onMSG, adapter.Driven, adapter.Abilities{adapter.SignOut}, "", "it needs a chat"},
		{"no OUT", chained(t, "forward port 8080"), adapter.Driven, nothing, "sign in; stay 5s", ""},
		{"no OUT, and a fault that waits for it", chained(t, "forward port 8080", "hop 0: on OUT 1, forward: reset"), adapter.Driven, nothing, "", "say OUT"},
	} {
		got, reason := Suited(test.c, Options{Speaks: msn.MSN(), ClientKind: test.kind, Abilities: test.can})
		if (reason == "") != (test.reason == "") || !strings.Contains(reason, test.reason) {
			t.Errorf("%s: reason %q, want %q", test.name, reason, test.reason)
			continue
		}
		if asked := slices.Contains(got.Proves, survives); reason == "" && strings.HasPrefix(test.name, "the open that") && asked {
			t.Errorf("%s: asked for %v", test.name, got.Proves)
		}
		want := test.script
		if want == "=" {
			want = test.c.Workload.String()
		}
		if reason == "" && !strings.HasPrefix(got.Workload.String(), want) {
			t.Errorf("%s: %q, want %q", test.name, got.Workload, want)
		}
	}
}

func TestWhoSpeaksWhileTheUserLeaves(t *testing.T) {
	for text, want := range map[string]bool{
		"contact says 2 messages; leave chat":          true,
		"contact says 2 messages; stay 1s; leave chat": false,
		"leave chat; stay 1s; sign out":                false,
	} {
		script, err := workload.Parse(append([]string{"sign in", "open chat"}, strings.Split(text, "; ")...))
		if err != nil || lastWords(script) != want {
			t.Errorf("%s: %v, %v", text, lastWords(script), err)
		}
	}
}

func TestAPACSaysWhoseProxyIsWhose(t *testing.T) {
	speaks := protocol.Protocol{Names: []string{"gw.example"}, Login: protocol.Login{Names: []string{"login.example"}, Apart: []string{"passport.example"}}}
	for want, r := range map[string]proxies.Route{
		`return "PROXY 10.1.1.1:8080";`:  {Kind: proxies.HTTPProxy, Proxy: "10.1.1.1:8080"},
		`return "SOCKS5 10.1.1.1:1080";`: {Kind: proxies.Socks5Proxy, Proxy: "10.1.1.1:1080"},
		`return "DIRECT";`:               {},
	} {
		text := fileOf([]string{pac.Of(r)}, "10.1.97.1:3128", speaks)
		for _, part := range []string{want, `host == "gw.example"`, `host == "login.example"`, `dnsDomainIs(host, ".passport.example")`, "\n  return \"PROXY 10.1.97.1:3128\";\n}"} {
			if !strings.Contains(text, part) {
				t.Errorf("no %s in\n%s", part, text)
			}
		}
	}
}
