// Package workload is what the user does during a run: a short script of
// steps, one line each, that parses and prints back. It knows nothing of how a
// client performs a step, nor of the network; the rig drives it and the
// catalogue's cases name it.
package workload

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
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
	CloseSB  Verb = "server closes chats" // as a switchboard does where nobody has spoken for long
	SignOut  Verb = "sign out"
	Come     Verb = "contacts come"             // all the others on the user's list sign in, at one time
	Go       Verb = "contacts go"               // and sign out
	Suspend  Verb = "suspend"                   // the client is stopped for For, as in a laptop that sleeps, and goes on
	Maintain Verb = "gateway under maintenance" // for For it answers 503, and says in Retry-After when to come again
	Restart  Verb = "gateway restarts"          // it loses all its sessions and connections, and takes none for For
	Move     Verb = "gateway moves"             // its machine is gone, and its name leads to another one, where the sessions go on
	Free     Verb = "free"                      // what the user likes, for For: only a person can do it
	Vain     Verb = "fail to sign in"           // try to connect where nothing can come of it, and be told so within For
)

// Step is one line of a script.
type Step struct {
	Verb    Verb
	Count   int           // of Send, Hear and Said
	Size    int           // of each of these messages, in bytes; 0 is as long as it comes
	Text    string        // of one message, if Literal
	Literal bool          // what is said is Text, and not what the harness makes up
	For     time.Duration // of the verbs that take a duration
}

// Word is a verb with all that there is to say of it.
type Word struct {
	Verb Verb
	Form string // as it is written, with what follows it in capitals
	Doc  string
	// Example is a script that has the word in it.
	Example []string
	argument
}

type argument int

const (
	noArgument argument = iota
	messages
	duration
)

// follows is how the argument of each kind is written.
var follows = map[argument]string{messages: ` N messages [of SIZE bytes] | "TEXT"`, duration: " DURATION"}

// verbs is the table of all words.
var verbs = tabulated()

// Words lists the verbs. The list is the caller's own.
func Words() []Word { return slices.Clone(verbs) }

func tabulated() []Word {
	chatting := func(lines ...string) []string {
		return slices.Concat([]string{"sign in", "open chat"}, lines, []string{"leave chat", "sign out"})
	}
	staying := func(line string) []string { return []string{"sign in", line, "stay 5s", "sign out"} }
	words := []Word{
		{Verb: SignIn, Doc: "The user connects and becomes visible to the contacts.", Example: []string{"sign in", "sign out"}},
		{Verb: OpenChat, Doc: "The user calls the contact to a switchboard, and waits until it has come.", Example: chatting()},
		{Verb: Invited, Doc: "The contact calls the user to a switchboard.", Example: []string{"sign in", "invited", "leave chat", "sign out"}},
		{Verb: Send, argument: messages, Doc: "The user says something: messages that are numbered over the run, as long as SIZE if it is given, or TEXT, which is quoted as in JSON. What is longer than the protocol takes a client may refuse to send, if it says so.", Example: chatting(`send "two\r\nlines"`, "send 1 message of 1500 bytes", "stay 3s")},
		{Verb: Hear, argument: messages, Doc: "The contact says something, and the user is shown it.", Example: chatting(`hear "hello"`)},
		{Verb: Said, argument: messages, Doc: "The contact says something; nobody waits until the user was shown it.", Example: chatting("contact says 1 message")},
		{Verb: Stay, argument: duration, Doc: "The user does nothing; the client polls by itself.", Example: staying("stay 10s")},
		{Verb: Free, argument: duration, Doc: "The user does as they like: only a person can.", Example: staying("free 5s")},
		{Verb: Vain, argument: duration, Doc: "The user tries to sign in where nothing can come of it, and is told so within DURATION.", Example: []string{"fail to sign in 60s"}},
		{Verb: FailCall, argument: duration, Doc: "The user calls the contact, who has signed out, and is told so within DURATION.", Example: []string{"sign in", "fail to open chat 60s", "sign out"}},
		{Verb: Leave, Doc: "The user leaves the chat.", Example: chatting()},
		{Verb: SignOut, Doc: "The user leaves.", Example: staying("stay 5s")},
		{Verb: Kicked, Doc: "Somebody signs in on the user's account, and the server ends this session.", Example: []string{"sign in", "signed in elsewhere", "stay 5s"}},
		{Verb: ForgetSB, Doc: "The gateway loses the sessions of chats.", Example: staying("gateway forgets chats")},
		{Verb: Forget, Doc: "The gateway loses all its sessions.", Example: staying("gateway forgets")},
		{Verb: Maintain, argument: duration, Doc: "The gateway answers 503 to everything, with a Retry-After that says when that is over; it keeps its sessions.", Example: staying("gateway under maintenance 10s")},
		{Verb: Restart, argument: duration, Doc: "The gateway is gone: its connections are reset, new ones too, and when it is back after DURATION it knows no session.", Example: staying("gateway restarts 5s")},
		{Verb: Move, Doc: "The machine to which the gateway's name led is gone: its connections are reset, and who connects is refused. The name leads to another one, and the sessions go on there.", Example: staying("gateway moves")},
		{Verb: Types, Doc: "The contact's client tells that it is typing, which nobody is to read.", Example: chatting("contact types")},
		{Verb: Parts, Doc: "The contact leaves the chat, in which the user stays.", Example: chatting("contact leaves")},
		{Verb: CloseSB, Doc: "The server ends the chats, and the gateway tells the clients that they are over.", Example: chatting("server closes chats")},
		{Verb: Come, Doc: "All the others on the user's list (account: contacts) sign in at one time.", Example: staying("contacts come")},
		{Verb: Go, Doc: "They sign out at one time.", Example: staying("contacts go")},
		{Verb: Suspend, argument: duration, Doc: "The client is stopped, as in a laptop that sleeps: a program by a signal; a client in the harness's own process gets nothing from the network and to it.", Example: staying("suspend 10s")},
	}
	for i := range words {
		words[i].Form = string(words[i].Verb) + follows[words[i].argument]
	}
	return words
}

// Allowed lists the forms of a step, for error messages.
func Allowed() []string {
	var forms []string
	for _, w := range verbs {
		forms = append(forms, w.Form)
	}
	return forms
}

// ParseStep reads one line such as `send 3 messages` or `stay 20s`.
func ParseStep(text string) (Step, error) {
	for _, w := range verbs {
		rest, ok := strings.CutPrefix(text, string(w.Verb))
		if !ok || (rest != "" && rest[0] != ' ') {
			continue
		}
		step, err := w.parse(strings.TrimSpace(rest))
		if err != nil {
			return Step{}, fmt.Errorf("step %q: %w", text, err)
		}
		return step, nil
	}
	return Step{}, fmt.Errorf("unknown step %q; allowed: %s", text, strings.Join(Allowed(), ", "))
}

func (w Word) parse(rest string) (Step, error) {
	step := Step{Verb: w.Verb}
	var err error
	switch w.argument {
	case messages:
		return step, step.say(rest)
	case duration:
		step.For, err = time.ParseDuration(rest)
		if err != nil || step.For <= 0 {
			return step, fmt.Errorf("%q is not a duration, such as 20s", rest)
		}
	default:
		if rest != "" {
			return step, fmt.Errorf("nothing may follow %q, but %q does", w.Verb, rest)
		}
	}
	return step, nil
}

// The sizes of messages: a number has to fit, and a case into memory.
const (
	Shortest = 40
	MostSize = 64 << 10
)

// say reads what is said.
func (s *Step) say(rest string) (err error) {
	if strings.HasPrefix(rest, `"`) {
		s.Count, s.Literal = 1, true
		if s.Text, err = strconv.Unquote(rest); err != nil || !utf8.ValidString(s.Text) || len(s.Text) > MostSize {
			return fmt.Errorf(`%s is not a text in quotes, such as "two\r\nlines", of at most %d bytes`, rest, MostSize)
		}
		return nil
	}
	words := strings.Fields(rest)
	if len(words) == 5 && words[2] == "of" && words[4] == "bytes" {
		if s.Size, err = strconv.Atoi(words[3]); err != nil || s.Size < Shortest || s.Size > MostSize {
			return fmt.Errorf("%q is not a number of bytes from %d to %d", words[3], Shortest, MostSize)
		}
		words = words[:2]
	}
	if len(words) == 2 {
		s.Count, err = strconv.Atoi(words[0])
	}
	if len(words) != 2 || err != nil || s.Count < 1 || words[1] != "message" && words[1] != "messages" {
		return fmt.Errorf(`%q is not a number of messages, such as 3 messages or 1 message of 1500 bytes, nor a text in quotes`, rest)
	}
	return nil
}

// String prints the step as ParseStep reads it.
func (s Step) String() string {
	text := string(s.Verb)
	switch {
	case s.Literal:
		return text + " " + strconv.Quote(s.Text)
	case s.Count > 0:
		text += fmt.Sprintf(" %d message%s", s.Count, map[bool]string{true: "s"}[s.Count > 1])
		if s.Size > 0 {
			text += fmt.Sprintf(" of %d bytes", s.Size)
		}
	case s.For > 0:
		text += " " + s.For.String()
	}
	return text
}
