package workload

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Script is what the user does in one run, in order.
type Script []Step

// Parse reads the lines of a script.
func Parse(lines []string) (Script, error) {
	script := make(Script, 0, len(lines))
	for i, line := range lines {
		step, err := ParseStep(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
		script = append(script, step)
	}
	return script, script.check()
}

// The longest script that a case may have: its history has to fit into memory.
const (
	Longest      = 24 * time.Hour
	MostMessages = 10_000
	MostBytes    = 8 << 20
)

// check refuses scripts that no client could perform, or no history hold.
func (s Script) check() error {
	var length time.Duration
	said, bytes := 0, 0
	for i, step := range s {
		if length += min(step.For, 2*Longest); length > Longest {
			return fmt.Errorf("line %d: the pauses last longer than %s, which is the most that a case may have", i+1, Longest)
		}
		if said += min(step.Count, 2*MostMessages); said > MostMessages {
			return fmt.Errorf("line %d: more than %d messages, which is the most that a case may have", i+1, MostMessages)
		}
		if bytes += min(step.Count, MostMessages) * step.Size; bytes > MostBytes {
			return fmt.Errorf("line %d: messages of more than %d bytes, which is the most that a case may have", i+1, MostBytes)
		}
	}
	if err := s.distinct(); err != nil {
		return err
	}
	signedIn, chatting := false, false
	for i, step := range s {
		switch {
		case (step.Verb == SignIn || step.Verb == Vain) && signedIn:
			return fmt.Errorf("line %d: the user is signed in already", i+1)
		case !slices.Contains([]Verb{SignIn, Vain, Stay, Maintain, Restart}, step.Verb) && !signedIn, step.Verb == Stay && i == 0:
			return fmt.Errorf("line %d: %q before the user has signed in", i+1, step)
		case slices.Contains([]Verb{Send, Hear, Said, Leave, Types, Parts, CloseSB}, step.Verb) && !chatting:
			return fmt.Errorf("line %d: %q without an open chat", i+1, step)
		}
		signedIn = step.Verb != SignOut && (step.Verb == SignIn || signedIn)
		chatting = step.Verb == OpenChat || step.Verb == Invited || (chatting && step.Verb != Leave && step.Verb != SignOut)
	}
	return nil
}

// distinct refuses a text that one of the two says twice: one that arrives twice could not be
// told from it.
func (s Script) distinct() error {
	type saying struct {
		byUser bool
		text   string
	}
	said := map[saying]bool{}
	for i, step := range s {
		this := saying{step.Verb == Send, step.Text}
		if step.Literal && said[this] {
			return fmt.Errorf("line %d: %q was said before, and could not be told from what arrives twice", i+1, step.Text)
		}
		said[this] = said[this] || step.Literal
	}
	return nil
}

// Named scripts, for cases that need nothing special. They end with a stay in
// which a disturbed client can show that it goes on.
var named = map[string][]string{
	"sign-in":    {"sign in", "stay 40s", "sign out"},
	"quiet-hour": {"sign in", "stay 1h", "sign out"},
	"burst":      {"sign in", "open chat", "send 200 messages", "stay 60s", "leave chat", "sign out"},
	"chats":      {"sign in", "open chat", "send 1 message", "hear 1 message", "leave chat", "stay 5s", "invited", "hear 2 messages", "send 2 messages", "stay 5s", "leave chat", "sign out"},
	"kicked":     {"sign in", "stay 5s", "signed in elsewhere", "stay 20s"},
	"forgotten":  {"sign in", "stay 5s", "gateway forgets", "stay 20s", "open chat", "send 2 messages", "hear 1 message", "stay 5s", "leave chat", "sign out"},
	"chat": {
		"sign in", "stay 5s", "open chat", "send 3 messages", "stay 3s", "hear 3 messages",
		"send 2 messages", "hear 2 messages", "stay 10s", "leave chat", "stay 4s", "sign out",
	},
}

// Named returns the script of that name.
func Named(name string) (Script, bool) {
	lines, ok := named[name]
	if !ok {
		return nil, false
	}
	script, err := Parse(lines)
	return script, err == nil
}

// Names lists the named scripts in order.
func Names() []string {
	names := make([]string, 0, len(named))
	for name := range named {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Name is the name by which Named knows the script; empty if there is none.
func (s Script) Name() string {
	for _, name := range Names() {
		if len(named[name]) != len(s) {
			continue
		}
		if known, _ := Named(name); known.String() == s.String() {
			return name
		}
	}
	return ""
}

// Length is how long the script's own pauses last.
func (s Script) Length() time.Duration {
	var sum time.Duration
	for _, step := range s {
		sum += step.For
	}
	return sum
}

// Possible is the script with what is to fail put to succeed: what a user does
// on a way where nothing keeps him from it.
func (s Script) Possible() Script {
	var script Script
	for _, step := range s {
		if step.Verb == Vain {
			script = append(script, Step{Verb: SignIn}, Step{Verb: Stay, For: step.For}, Step{Verb: SignOut})
		} else {
			script = append(script, step)
		}
	}
	return script
}

// Sends is the number of messages that the user sends.
func (s Script) Sends() int { return s.count(Send) }

// Said is the number of messages that anybody sends.
func (s Script) Said() int { return s.count(Send) + s.count(Hear) + s.count(Said) }

// Hears is the number of messages that the contact sends.
func (s Script) Hears() int { return s.count(Hear) }

func (s Script) count(verb Verb) int {
	n := 0
	for _, step := range s {
		if step.Verb == verb {
			n += step.Count
		}
	}
	return n
}

// Lines prints the script as Parse reads it.
func (s Script) Lines() []string {
	lines := make([]string, len(s))
	for i, step := range s {
		lines[i] = step.String()
	}
	return lines
}

// String is the script on one line.
func (s Script) String() string { return strings.Join(s.Lines(), "; ") }
