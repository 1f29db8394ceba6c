// Package workload is what the user does during a run: a short script of
// steps, one line each, that parses and prints back. It knows nothing of how a
// client performs a step, nor of the network; the rig drives it and the
// catalogue's cases name it.
package workload

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Verb says what the user does in a step.
type Verb string

// The verbs. The user is the one whose client is under test; the contact is
// played by the harness.
const (
	SignIn   Verb = "sign in"      // connect and become visible to the contacts
	OpenChat Verb = "open chat"    // call the contact to a switchboard and wait until it has come
	Send     Verb = "send"         // Count messages to the contact, numbered over the run
	Hear     Verb = "hear"         // Count messages from the contact, numbered over the run
	Said     Verb = "contact says" // as Hear, but nobody waits until the user was shown them
	Stay     Verb = "stay"         // do nothing for For; the client polls by itself
	Invited  Verb = "invited"      // the contact calls the user to a switchboard
	Leave    Verb = "leave chat"
	FailCall Verb = "fail to open chat"   // call the contact, who has signed out, and be told so within For
	Types    Verb = "contact types"       // as clients tell of it: by a message that nobody is to read
	Parts    Verb = "contact leaves"      // the chat, in which the user stays
	Kicked   Verb = "signed in elsewhere" // somebody signs in on the user's account, and the server ends this session
	Forget   Verb = "gateway forgets"     // the gateway loses all its sessions, as in a restart
	ForgetSB Verb = "gateway forgets chats"
	SignOut  Verb = "sign out"
	Free     Verb = "free"            // what the user likes, for For: only a person can do it
	Vain     Verb = "fail to sign in" // try to connect where nothing can come of it, and be told so within For
)

// Step is one line of a script.
type Step struct {
	Verb  Verb
	Count int           // of Send, Hear and Said
	For   time.Duration // of Stay, Free, Vain and FailCall
}

// form tells how a verb is written.
type form struct {
	verb     Verb
	argument argument
}

type argument int

const (
	noArgument argument = iota
	messages
	duration
)

var forms = []form{
	{SignIn, noArgument}, {OpenChat, noArgument}, {Invited, noArgument},
	{Send, messages}, {Hear, messages}, {Said, messages}, {Stay, duration}, {Free, duration}, {Vain, duration}, {FailCall, duration},
	{Leave, noArgument}, {SignOut, noArgument}, {Kicked, noArgument}, {ForgetSB, noArgument}, {Forget, noArgument},
	{Types, noArgument}, {Parts, noArgument},
}

// Allowed lists the forms of a step, for error messages.
func Allowed() []string {
	words := make([]string, 0, len(forms))
	for _, f := range forms {
		words = append(words, string(f.verb)+map[argument]string{messages: " N messages", duration: " DURATION"}[f.argument])
	}
	return words
}

// ParseStep reads one line such as `send 3 messages` or `stay 20s`.
func ParseStep(text string) (Step, error) {
	for _, f := range forms {
		rest, ok := strings.CutPrefix(text, string(f.verb))
		if !ok || (rest != "" && rest[0] != ' ') {
			continue
		}
		step, err := f.parse(strings.TrimSpace(rest))
		if err != nil {
			return Step{}, fmt.Errorf("step %q: %w", text, err)
		}
		return step, nil
	}
	return Step{}, fmt.Errorf("unknown step %q; allowed: %s", text, strings.Join(Allowed(), ", "))
}

func (f form) parse(rest string) (Step, error) {
	step := Step{Verb: f.verb}
	var err error
	switch f.argument {
	case messages:
		word, unit, _ := strings.Cut(rest, " ")
		step.Count, err = strconv.Atoi(word)
		if err != nil || step.Count < 1 || (unit != "message" && unit != "messages") {
			return step, fmt.Errorf("%q is not a number of messages, such as 3 messages", rest)
		}
	case duration:
		step.For, err = time.ParseDuration(rest)
		if err != nil || step.For <= 0 {
			return step, fmt.Errorf("%q is not a duration, such as 20s", rest)
		}
	default:
		if rest != "" {
			return step, fmt.Errorf("nothing may follow %q, but %q does", f.verb, rest)
		}
	}
	return step, nil
}

// String prints the step as ParseStep reads it.
func (s Step) String() string {
	switch s.Verb {
	case Send, Hear, Said:
		if s.Count == 1 {
			return string(s.Verb) + " 1 message"
		}
		return fmt.Sprintf("%s %d messages", s.Verb, s.Count)
	case Stay, Free, Vain, FailCall:
		return fmt.Sprintf("%s %s", s.Verb, s.For)
	default:
		return string(s.Verb)
	}
}
