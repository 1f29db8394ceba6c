package adapter

import (
	"testing"

	"gauntlet/harness/run/workload"
)

func TestAbilities(t *testing.T) {
	for _, c := range []struct {
		can  Abilities
		has  Ability
		want bool
	}{
		{nil, Invited, true}, {nil, CallByText, false}, {nil, TLS, false}, {Abilities{TLS}, TLS, true}, {Abilities{}, Chat, false},
		{Abilities{CallByText}, Chat, true}, {Abilities{Chat}, CallByText, false}, {Abilities{Chat}, SignOut, false},
	} {
		if got := c.can.Has(c.has); got != c.want {
			t.Errorf("%v, %s: %v", c.can, c.has, got)
		}
	}
}

func TestLack(t *testing.T) {
	for _, c := range []struct {
		can    Abilities
		script []string
		want   string
	}{
		{nil, []string{"sign in", "open chat", "hear 1 message", "invited", "gateway forgets", "sign out"}, ""},
		{Abilities{}, []string{"sign in", "stay 5s", "signed in elsewhere"}, ""},
		{Abilities{}, []string{"sign in", "sign out"}, `the client does not say that it has the ability "sign-out", which "sign out" needs`},
		{Abilities{Chat}, []string{"sign in", "invited"}, `the client does not say that it has the ability "invited", which "invited" needs`},
		{Abilities{Invited}, []string{"sign in", "invited", "hear 1 message"}, ""},
		{Abilities{Chat}, []string{"sign in", "gateway forgets"}, `the client does not say that it has the ability "reopen", which "gateway forgets" needs`},
		{Abilities{CallByText}, []string{"sign in", "open chat", "stay 3s", "send 1 message", "hear 1 message", "leave chat"}, ""},
		{Abilities{CallByText}, []string{"sign in", "open chat", "hear 1 message"}, `the client calls by its first message (call-by-text), and "hear 1 message" comes before any`},
	} {
		script, err := workload.Parse(c.script)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.can.Lack(script); got != c.want {
			t.Errorf("%v, %s: %q", c.can, script, got)
		}
	}
}
