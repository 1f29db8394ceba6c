package adapter

import (
	"fmt"
	"slices"

	"gauntlet/harness/run/workload"
)

// Ability is something that not every client can do.
type Ability string

// The abilities.
const (
	Chat       Ability = "chat"
	CallByText Ability = "call-by-text"
	Invited    Ability = "invited"
	Reopen     Ability = "reopen"
	SignOut    Ability = "sign-out"
	TLS        Ability = "tls"
	PAC        Ability = "pac"
)

// Doc says what a client can do that has the ability.
func (a Ability) Doc() string {
	return map[Ability]string{
		Chat:       "call a contact, send and show messages",
		CallByText: "do the same as with chat, but it is the first message that calls the contact",
		Invited:    "be called into a chat",
		Reopen:     "open a new session when the gateway has forgotten the old one",
		SignOut:    "sign out in the end",
		TLS:        "reach the gateway by https",
		PAC:        "find its proxy by an auto-configuration file",
	}[a]
}

// EveryAbility lists them.
func EveryAbility() Abilities { return Abilities{Chat, CallByText, Invited, Reopen, SignOut, TLS, PAC} }

// Abilities are what a client says that it can; nil: all that its kind can.
type Abilities []Ability

// Has reports whether an ability is among them. Who calls by text can chat. TLS is no
// part of a client of those days, and PAC one of browsers: they have to be named.
func (a Abilities) Has(one Ability) bool {
	switch {
	case a == nil:
		return one != CallByText && one != TLS && one != PAC
	case one == Chat && slices.Contains(a, CallByText):
		return true
	}
	return slices.Contains(a, one)
}

// needs are the abilities without which a step cannot be done.
var needs = map[workload.Verb]Ability{
	workload.OpenChat: Chat, workload.Send: Chat, workload.Hear: Chat,
	workload.FailCall: Chat, workload.Types: Chat, workload.Parts: Chat, workload.CloseSB: Chat,
	workload.Invited: Invited, workload.Forget: Reopen, workload.ForgetSB: Reopen, workload.Restart: Reopen, workload.SignOut: SignOut,
}

// bySwitchboard are the steps in a chat that ask for nothing of the client's own.
var bySwitchboard = []workload.Verb{workload.Hear, workload.Types, workload.Parts, workload.CloseSB}

// Needs is the ability without which a step cannot be done; empty if there is
// none.
func Needs(v workload.Verb) Ability { return needs[v] }

// Lack says why a client with these abilities cannot perform a script; empty if
// it can.
func (a Abilities) Lack(script workload.Script) string {
	called := true
	for _, step := range script {
		if need := needs[step.Verb]; need != "" && !slices.Contains(bySwitchboard, step.Verb) && !a.Has(need) {
			return fmt.Sprintf("the client does not say that it has the ability %q, which %q needs", need, step)
		}
		switch step.Verb {
		case workload.OpenChat:
			called = !a.Has(CallByText)
		case workload.Send, workload.Invited:
			called = true
		case workload.FailCall:
			if a.Has(CallByText) {
				return fmt.Sprintf("the client calls by its first message (%s), and %q is about a call alone", CallByText, step)
			}
		case workload.Hear, workload.Said, workload.Types, workload.Parts, workload.CloseSB, workload.Leave:
			if !called {
				return fmt.Sprintf("the client calls by its first message (%s), and %q comes before any", CallByText, step)
			}
		}
	}
	return ""
}
