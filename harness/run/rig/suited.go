package rig

import (
	"fmt"
	"slices"
	"time"

	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/judge/trace"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/protocol"
	"gauntlet/harness/run/workload"
	"gauntlet/proxies"
	"gauntlet/proxies/fault"
)

// Suited is a case as a client of the kind and with the abilities of o can run it.
// The reason says why the case cannot be put so.
//
// For one that only connects the server side does what the user would: the
// contact calls, where the user was to call; what the user was to say is left
// out; what the contact says is not waited for, as nobody tells when it was
// shown. What a client does not say that it can it is not asked for: where the
// case is not about that it is left out, with the requirements on it.
func Suited(c catalogue.Case, o Options) (suited catalogue.Case, reason string) {
	if o.ClientKind == adapter.InProcess {
		return c, ""
	}
	t := &tailor{of: c, suited: c, kind: o.ClientKind, can: o.Abilities, speaks: &o.Speaks}
	for _, suit := range []func() string{t.serverDriven, t.withoutReopening, t.withoutChat, t.withoutOut} {
		if reason := suit(); reason != "" {
			return c, reason
		}
	}
	if lack := t.can.Lack(t.suited.Workload); lack != "" {
		return c, lack
	}
	return t.suited, ""
}

// tailor makes a case suit a client. Each of its steps returns a reason if that
// cannot be.
type tailor struct {
	of     catalogue.Case // as it is in the catalogue
	suited catalogue.Case
	kind   adapter.Kind
	can    adapter.Abilities
	speaks *protocol.Protocol
}

// leave leaves requirements out, and reports whether any is left.
func (t *tailor) leave(out []requirement.ID) bool {
	t.suited.Proves = slices.DeleteFunc(slices.Clone(t.suited.Proves), func(id requirement.ID) bool { return slices.Contains(out, id) })
	return len(t.suited.Proves) > 0
}

// serverDriven has the server side do what the user would.
func (t *tailor) serverDriven() string {
	if t.kind != adapter.BlackBox {
		return ""
	}
	t.suited.Workload = nil
	for _, step := range t.of.Workload {
		if s, kept := serverStep(step); kept {
			t.suited.Workload = append(t.suited.Workload, s)
		}
	}
	switch {
	case has(t.of.Workload, workload.Vain), has(t.of.Workload, workload.FailCall):
		return "nobody but the client itself can tell what its user was told"
	case lastWords(t.of.Workload) && !t.leave([]requirement.ID{"answer.delivered"}), !t.leave(ofUser):
		return "all that it proves needs a client that can be told what to say, and tells what it shows"
	case t.strikesCallsAlone() && !t.leave(ofCaller):
		return "all that it proves is asked of a client that calls: one that is called has a ticket that is good once"
	case slices.Equal(t.suited.Workload, t.of.Workload):
		return ""
	}
	if other := t.waitsFor(true); other != "" {
		return fmt.Sprintf("its fault waits for what the user does (%s), and this client only connects", other)
	}
	return ""
}

func serverStep(step workload.Step) (workload.Step, bool) {
	switch step.Verb {
	case workload.OpenChat:
		return workload.Step{Verb: workload.Invited}, true
	case workload.Hear:
		step.Verb = workload.Said
		return step, true
	case workload.Send, workload.Leave:
		return step, false
	}
	return step, true
}

// The requirements that cannot be judged without an ability.
var (
	ofUser = []requirement.ID{"command.not-lost", "command.not-doubled", "command.in-order", "exchange.lengths"} // on what the user says
	ofChat = append([]requirement.ID{"open.switchboard"}, ofUser...)
	ofOut  = []requirement.ID{"close.says-out"}
	// A client that lost the open with which it answered a call cannot try again.
	ofCaller = []requirement.ID{"connection.session-survives"}
)

// strikesCallsAlone reports whether the faults fire only on the opens of chats. A client that
// only connects makes these to answer calls.
func (t *tailor) strikesCallsAlone() bool {
	if !has(t.of.Workload, workload.OpenChat) || len(t.of.Faults) == 0 {
		return false
	}
	chat := t.speaks.Reader.Words().Chat
	return !slices.ContainsFunc(t.of.Faults, func(f fault.Fault) bool {
		return !f.Effect.OfAttempts() && (f.Trigger.Word != trace.Open || !slices.Contains(f.Trigger.Qualifiers, chat))
	})
}

// afterFault is how long a client without a chat is watched where something is
// in its way: it has nothing to do by which it would show sooner that it is gone.
const afterFault = 40 * time.Second

// withoutChat leaves the chats out of a case for which they are only what the
// user happens to do.
func (t *tailor) withoutChat() string {
	lacking := t.lacking()
	if lacking == "" {
		return ""
	}
	usual, _ := workload.Named("chat")
	about := !slices.Equal(t.of.Workload, usual) || slices.ContainsFunc(t.of.Proves, func(id requirement.ID) bool { return slices.Contains(ofChat, id) })
	if t.kind == adapter.Driven { // one that only connects is challenged instead
		t.leave([]requirement.ID{"answer.delivered"})
	}
	if !t.leave(ofChat) || t.of.Contact != nil || t.waitsFor(false) != "" || about && !disturbed(t.of) {
		return t.without(lacking, "it needs a chat")
	}
	t.suited.Workload = unchatted(t.suited.Workload, disturbed(t.of))
	return ""
}

// lacking is the ability for a chat that the case needs and the client has not.
func (t *tailor) lacking() adapter.Ability {
	for _, step := range t.suited.Workload {
		if need := adapter.Needs(step.Verb); (need == adapter.Chat || need == adapter.Invited) && !t.can.Has(need) {
			return need
		}
	}
	return ""
}

// without is the reason for what needs an ability.
func (t *tailor) without(lacking adapter.Ability, why string) string {
	return fmt.Sprintf("%s, and the client does not say that it can: %s", why, lacking)
}

// withoutReopening refuses what asks for a second session.
func (t *tailor) withoutReopening() string {
	if t.can.Has(adapter.Reopen) {
		return ""
	}
	if forgets(t.of) || slices.Contains(t.of.Proves, "close.reopens-once") {
		return t.without(adapter.Reopen, "it has the client open a new session when the gateway has forgotten the old one")
	}
	return ""
}

// withoutOut leaves the sign-out away: the client is ended, and no OUT is asked.
func (t *tailor) withoutOut() string {
	if t.can.Has(adapter.SignOut) {
		return ""
	}
	if !t.leave(ofOut) || slices.ContainsFunc(t.of.Faults, func(f fault.Fault) bool { return f.Trigger.Word == t.leaving() }) {
		return t.without(adapter.SignOut, "it has the client say "+t.leaving())
	}
	t.suited.Workload = slices.DeleteFunc(slices.Clone(t.suited.Workload), func(s workload.Step) bool { return s.Verb == workload.SignOut })
	return ""
}

// ofChats are the steps of a chat.
var ofChats = []workload.Verb{workload.OpenChat, workload.Invited, workload.Send, workload.Hear, workload.Said, workload.Leave, workload.Types, workload.Parts, workload.CloseSB, workload.FailCall}

// unchatted is a script without its chats, its pauses put together. Where
// anything disturbs the client, they are long enough to miss one that is gone.
func unchatted(script workload.Script, disturbs bool) (bare workload.Script) {
	for _, step := range script {
		last := len(bare) - 1
		switch {
		case slices.Contains(ofChats, step.Verb):
		case step.Verb == workload.Stay && last >= 0 && bare[last].Verb == workload.Stay:
			bare[last].For += step.For
		default:
			bare = append(bare, step)
		}
	}
	if short := afterFault - bare.Length(); disturbs && short > 0 {
		at := slices.IndexFunc(bare, func(s workload.Step) bool { return s.Verb == workload.SignIn }) + 1
		if at == len(bare) || bare[at].Verb != workload.Stay {
			bare = slices.Insert(bare, at, workload.Step{Verb: workload.Stay})
		}
		bare[at].For += short
	}
	return bare
}

// disturbed reports whether a case has anything but a usual gateway that stays,
// and boxes that do their work.
func disturbed(c catalogue.Case) bool {
	return len(c.Faults) > 0 || len(c.Knobs) > 0 || forgets(c) || c.Dialect != catalogue.DefaultDialect || c.Think != catalogue.DefaultThink ||
		slices.ContainsFunc(c.Chain, func(s proxies.Spec) bool { return !plain(s) })
}

// leaving is the command by which a client leaves.
func (t *tailor) leaving() string { return t.speaks.Reader.Words().Leave }

// waitsFor is the trigger that waits for anything but what each client does by
// itself, with or without a call into a chat; empty if there is none.
func (t *tailor) waitsFor(called bool) string {
	words := t.speaks.Alone
	if called {
		words = slices.Concat(words, t.speaks.Called)
	}
	for _, f := range t.of.Faults {
		on := f.Trigger
		if on.Word != "" && !slices.Contains(words, on.Word) || !called && slices.Contains(on.Qualifiers, t.speaks.Reader.Words().Chat) {
			return on.String()
		}
	}
	return ""
}

// forgets reports whether the gateway forgets sessions by the script.
func forgets(c catalogue.Case) bool {
	return has(c.Workload, workload.Restart) || has(c.Workload, workload.Forget) || has(c.Workload, workload.ForgetSB)
}

func has(script workload.Script, verb workload.Verb) bool {
	return slices.ContainsFunc(script, func(s workload.Step) bool { return s.Verb == verb })
}

// Inexpressible says why this mode or product cannot express the case; empty
// if it can.
func Inexpressible(c catalogue.Case, o Options) string {
	if reason := needsAddresses(c, o); reason != "" {
		return reason
	}
	if reason := needsTLS(c, o); reason != "" {
		return reason
	}
	if _, reason := Suited(c, o); reason != "" {
		return reason
	}
	if !hearsOff(c, o) {
		return "the client's file has no place, such as {{.ProxyOff}}, for a proxy that is switched off"
	}
	if reason := needsFile(c, o); reason != "" {
		return reason
	}
	if o.Mode != Virtual && c.Clients > 1 {
		return "whose traffic is whose in a crowd of clients can only be told in virtual time"
	}
	if o.Product != nil && len(c.Chain) > 0 && (len(c.Chain) != 1 || !ordinary(c.Chain[0])) {
		return o.Product.Name + " stands for a single forward proxy without quirks, and this case has another chain"
	}
	if o.Mode != Virtual && refusedBeforeOpen(c.Faults) {
		return "on real sockets a connection is refused once it has come about, and nobody can tell whether the open was on it: --mode virtual"
	}
	if slices.ContainsFunc(c.Faults, func(f fault.Fault) bool { return f.OnLookup() && !looksUp(c, f.Hop, o) }) {
		return "a program finds no names of ours on loopback, nor does a real product"
	}
	return lacksKernel(c, o.Mode)
}

// needsTLS says why a gateway that is reached by https cannot be put before a client.
func needsTLS(c catalogue.Case, o Options) string {
	switch {
	case !secured(c):
	case o.ClientKind != adapter.InProcess && !o.Abilities.Has(adapter.TLS):
		return fmt.Sprintf("it needs https, and the client does not say that it can: %s", adapter.TLS)
	case intercepts(c.Chain):
		return "our intercepting boxes take what goes to port 80, and https goes to port 443"
	case o.Product != nil:
		return "real products are told of a gateway that is reached by http"
	case c.Contact != nil:
		return "the contact's own client reaches the gateway by http"
	}
	return ""
}

// looksUp reports whether names are looked up where a fault can disturb that: by our
// boxes, and by clients but for programs on loopback.
func looksUp(c catalogue.Case, hop int, o Options) bool {
	if hop == 0 {
		return o.ClientKind == adapter.InProcess || !o.Mode.onLoopback()
	}
	return o.Product == nil
}

// refusedBeforeOpen reports whether a connection is refused, and an open is lost
// behind it. A client that knows of the refusal has lost one open, else two.
func refusedBeforeOpen(faults []fault.Fault) bool {
	refused := slices.ContainsFunc(faults, func(f fault.Fault) bool { return f.Effect.Name == "refuse" })
	return refused && slices.ContainsFunc(faults, func(f fault.Fault) bool {
		return f.Trigger.Word == "open" && f.Effect.Name != "status"
	})
}

// needsAddresses says why a case cannot be expressed where addresses are not our
// own.
func needsAddresses(c catalogue.Case, o Options) string {
	alone := o.ClientKind != adapter.InProcess
	switch {
	case onlyIPv6(c) && has(c.Workload, workload.Move):
		return "with IPv6 alone the gateway is one machine, and cannot move"
	case onlyIPv6(c) && o.Product != nil:
		return "real products are told of a gateway with an IPv4 address"
	}
	if o.Mode.onLoopback() && has(c.Workload, workload.Move) {
		return "on loopback names are no more than a table, and lead where they did at first"
	}
	if o.Mode.onLoopback() && slices.ContainsFunc(c.Knobs, needsHosts) {
		return "on loopback all machines have one address, and this gateway tells them apart"
	}
	switch {
	case !o.Mode.onLoopback():
	case intercepts(c.Chain):
		return "interception needs addresses of our own: on loopback only explicit proxies run"
	case c.Contact != nil:
		return "the contact's own way cannot be told from the user's on loopback"
	case slices.ContainsFunc(c.Chain, proxies.Spec.LosesAttempts):
		return "an unplugged box answers nobody who connects, and on loopback the kernel does"
	case alone && len(c.Chain) == 0:
		return "a program that is told of no proxy looks for the gateway by itself, and on loopback it would not find it; in a namespace it does"
	case alone && slices.ContainsFunc(c.Proves, shownByDials):
		return "what a process of its own tries to connect to is not seen on loopback"
	}
	return ""
}

// needsHosts reports whether a gateway that is set so looks at addresses.
func needsHosts(k catalogue.Knob) bool {
	return k.Name == "machines" && k.Value != "one" || k.Name == "port-1863" && k.Value != "refused" || k == catalogue.Knob{Name: "binding", Value: "address"}
}

// hearsOff reports whether the client can be told of a proxy that is switched off,
// if there is one. Whoever is driven hears of one proxy.
func hearsOff(c catalogue.Case, o Options) bool {
	told := o.ClientKind == adapter.InProcess || o.ClientKind == adapter.Driven && c.Chain.Explicit() == nil
	return c.Proxy != catalogue.SwitchedOff || told || o.HearsOff
}

// needsFile says why a client cannot be told of its proxy by a file.
func needsFile(c catalogue.Case, o Options) string {
	program := o.ClientKind != adapter.InProcess
	switch {
	case !c.Proxy.ByFile():
	case o.Mode == Attached:
		return "a person is told of the proxy itself, and not of a file about it"
	case program && !o.WithPAC && !o.Abilities.Has(adapter.PAC):
		return fmt.Sprintf("it tells of the proxy by a file, and the client does not say that it can: %s; nor has its own file a place such as {{.PAC}}", adapter.PAC)
	case !o.Mode.onLoopback():
	case c.Proxy == catalogue.FileMissing:
		return "on loopback nobody can keep who goes another way from the gateway"
	case program && c.Proxy == catalogue.FileAtWPAD:
		return "a program finds no names of ours on loopback"
	}
	return ""
}

// shownByDials reports whether only attempts to connect show a requirement.
func shownByDials(id requirement.ID) bool {
	return id == "route.proxy-port" || id == "route.switch" || id == "route.no-direct-attempt"
}

// ordinary reports whether a box is a forward proxy and nothing else.
func ordinary(spec proxies.Spec) bool { return spec.Kind == proxies.Forward && plain(spec) }

// plain reports whether a box does what its kind does and nothing else.
func plain(spec proxies.Spec) bool {
	return spec.Profile == "" && spec.Then == nil && len(spec.Quirks) == 0
}

// intercepts reports whether anybody on the chain's way is brought to a box that
// he does not know of.
func intercepts(chain proxies.Chain) bool {
	for i := range chain {
		if chain.NextHop(i) == proxies.Redirected {
			return true
		}
	}
	return len(chain) > 0 && chain.Explicit() == nil
}

// lacksKernel says why a case's faults on the road, or before there is a
// connection, cannot strike in this mode; empty if they can, or if there are none.
func lacksKernel(c catalogue.Case, m Mode) string {
	for _, f := range c.Faults {
		switch kind, _ := f.Effect.Kind(); {
		case kind.Moves && m.onLoopback():
			return f.Effect.Name + " needs addresses of our own: on loopback a client has one"
		case kind.Moves && f.Hop != 0:
			return f.Effect.Name + " means the client, before hop 0"
		case kind.Unanswered && m.onLoopback():
			return f.Effect.Name + " needs a network that loses each SYN of an attempt: --mode virtual or --mode netns"
		case kind.Gate && m != Virtual:
			return f.Effect.Name + " needs a network that loses each SYN of an attempt: --mode virtual"
		case !kind.Road:
		case m != Netns:
			return f.Effect.Name + " is something that only a kernel on the way can do: --mode netns"
		case f.Effect.Name == "forget flow" && f.Hop != 0:
			return "only the client's own router, before hop 0, translates addresses that it could forget"
		}
	}
	return ""
}
