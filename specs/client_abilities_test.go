//go:build unix

package specs

import (
	"context"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/msn/client"
	"gauntlet/harness/run/rig"
	"gauntlet/proxies"
)

// onlySignsIn has no windows: it signs in, polls, and leaves on SIGTERM. One
// that is fragile ends where it would have to connect again.
func onlySignsIn(fragile bool) func() {
	return func() {
		left := make(chan os.Signal, 1)
		signal.Notify(left, syscall.SIGTERM)
		user := client.NewUser(client.Options{
			Network: &connectsOnce{fragile: fragile}, Route: proxies.Route{Kind: proxies.HTTPProxy, Proxy: os.Args[1]},
			Gateway: "gateway.messenger.hotmail.com", Email: rig.UserEmail, Password: "secret",
		})
		if err := user.SignIn(context.Background()); err != nil {
			panic(err)
		}
		<-left
		if err := user.SignOut(context.Background()); err != nil {
			panic(err)
		}
	}
}

// connectsOnce is the network of a client that ends at its second connection.
type connectsOnce struct {
	plainly
	fragile bool
	dials   atomic.Int32
}

func (c *connectsOnce) DialContext(ctx context.Context, kind, address string) (net.Conn, error) {
	if c.dials.Add(1) > 1 && c.fragile {
		os.Exit(1)
	}
	return c.plainly.DialContext(ctx, kind, address)
}

// texter has no call: whom it writes to first, it calls.
type texter struct {
	tamed
	contact string
	mum     bool // it never says OUT
}

func (t *texter) obey(o order) error {
	switch o.Type {
	case "call":
		t.contact, t.chat = o.Contact, nil
		return nil
	case "send":
		if t.chat == nil {
			if err := t.tamed.obey(order{Type: "call", Contact: t.contact}); err != nil {
				return err
			}
		}
	case "sign out":
		if t.mum {
			select {} // there is no such button
		}
	}
	return t.tamed.obey(o)
}

func texts(mum bool) func() {
	return func() {
		t := &texter{tamed: tamed{say: speaker(os.Stdout)}, mum: mum}
		obeys(t.say, "texts", t.obey)
	}
}

// quietCases are short: how long a client that only connects is watched after a
// fault in the catalogue's cases is a test of the rig's.
const quietCases = `
id: chats
title: the contact is heard
why: not everybody can be called
proves: [command.carried-out]
chain: [forward port 8080]
workload: [sign in, open chat, hear 1 message, leave chat, sign out]
---
id: forgets
title: the gateway forgets its sessions
why: not everybody begins anew
proves: [close.reopens-once, command.carried-out]
chain: [forward port 8080]
workload: [sign in, gateway forgets, stay 5s, sign out]
---
id: loses-a-message
title: the answer to a message is lost
why: not everybody can be told to write
proves: [connection.session-survives, command.carried-out]
chain: [forward port 8080]
faults: ["hop 0: on MSG 2, answer: reset"]
workload: [sign in, open chat, send 2 messages, leave chat, sign out]
---
id: loses-a-poll
title: the connection breaks between two polls
why: whoever stays connected has to come back
proves: [connection.session-survives, command.carried-out]
chain: [forward port 8080]
faults: ["hop 0: on NS poll 2, idle 500ms: reset"]
workload: [sign in, stay 8s, sign out]
`

const chattyCases = `
id: texts
title: a chat, and the sign-out
why: who calls by text, or never says OUT, is judged on the rest
proves: [command.carried-out, command.not-lost, answer.delivered, open.switchboard, close.says-out]
chain: [forward port 8080]
workload: [sign in, open chat, stay 1s, send 2 messages, hear 1 message, leave chat, sign out]
---
id: hears-first
title: the contact says the first word
why: nobody is there to hear it
proves: [command.carried-out]
chain: [forward port 8080]
workload: [sign in, open chat, hear 1 message, leave chat, sign out]
---
id: says-out
title: the sign-out
why: it is all about that
proves: [close.says-out]
chain: [forward port 8080]
workload: [sign in, stay 1s, sign out]
---
id: is-called
title: the contact calls
why: not everybody can be called
proves: [command.carried-out]
chain: [forward port 8080]
workload: [sign in, invited, hear 1 message, leave chat, sign out]
`

var _ = Describe("What the file of a client says that it can", Ordered, waits, Label("programs"), func() {
	type verdict struct {
		status oracle.Status
		reason string
	}
	type trial struct {
		animal, change, cases string
		want                  map[string]verdict
		called                called
	}
	notApplicable := func(reason string) verdict { return verdict{oracle.NotApplicable, reason} }
	pass := verdict{oracle.Pass, ""}
	lacks := func(why, ability string) verdict {
		return notApplicable(why + ", and the client does not say that it can: " + ability)
	}
	trials := []*trial{
		{
			animal: "signs in", change: "mode: black-box\nsupports: [sign-out]", cases: quietCases,
			want: map[string]verdict{
				"chats":           lacks("it needs a chat", "invited"),
				"forgets":         lacks("it has the client open a new session when the gateway has forgotten the old one", "reopen"),
				"loses-a-message": notApplicable("its fault waits for what the user does (on MSG 2), and this client only connects"),
				"loses-a-poll":    pass,
			},
		},
		{
			animal: "signs in once", change: "mode: black-box\nsupports: [sign-out]", cases: quietCases,
			want: map[string]verdict{
				"chats":        lacks("it needs a chat", "invited"),
				"loses-a-poll": {oracle.Fail, "the client ended by itself, status 1"},
			},
		},
		{
			animal: "texts", change: "mode: driven\nsupports: [call-by-text, sign-out]", cases: chattyCases,
			want: map[string]verdict{
				"texts":       pass,
				"hears-first": notApplicable(`the client calls by its first message (call-by-text), and "hear 1 message" comes before any`),
				"says-out":    pass, "is-called": lacks("it needs a chat", "invited"),
			},
		},
		{
			animal: "texts mum", change: "mode: driven\nsupports: [call-by-text]", cases: chattyCases,
			want: map[string]verdict{"texts": pass, "says-out": lacks("it has the client say OUT", "sign-out")},
		},
	}

	BeforeAll(func() {
		var all sync.WaitGroup
		for _, t := range trials {
			dir := GinkgoT().TempDir()
			args := []string{"certify", "--json", "--no-namespace", "--client", clientFile(dir, t.animal, "mode: driven", t.change), "--file", caseFile(dir, t.cases), "--out", filepath.Join(dir, "out")}
			all.Go(func() {
				defer GinkgoRecover()
				t.called = run(dir, exec.Command(command, args...))
			})
		}
		all.Wait()
	})

	for _, t := range trials {
		It("is all that is asked of it: "+t.animal, func() {
			got := map[string]rig.Result{}
			for _, r := range t.called.results() {
				got[r.ID] = r
			}
			for id, want := range t.want {
				Expect(got).To(HaveKey(id), t.called.stderr)
				Expect(got[id].Status).To(Equal(want.status), id+": "+got[id].Reason)
				Expect(got[id].Reason).To(ContainSubstring(want.reason), id)
				if want.status == oracle.NotApplicable {
					Expect(got[id].Wall).To(BeNumerically("<", 1000), id+" was run")
				}
			}
		})
	}
})
