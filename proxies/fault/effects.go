package fault

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Kind is an effect: what it takes, where it has a meaning, and what it does.
type Kind struct {
	Arguments []Argument
	At        []Place
	Doc       string
	// Fire does it, when the landmark is reached and before the bytes that begin
	// it are handed on. It must not block, and holds no state of its own.
	Fire func(i Injection, a args)
	// Withholds says that the effect, at head and at forward, keeps the request from
	// the box or changes it, so that not a byte of it may be handed on before it is
	// complete.
	Withholds bool
	// Remembers says that the effect asks for answers that were given before.
	Remembers bool
	// Road says that the effect is one of the way between two ends, and needs a
	// real one.
	Road bool
	// Gate says that the effect needs a network that asks before it makes a
	// connection.
	Gate bool
	// Paces says that the effect limits speed: the more is sent, the longer it takes.
	Paces bool
	// Moves says that the effect needs a network in which a client can have another
	// address.
	Moves bool
	// Streams says that the effect means something where a request is a stream of
	// HTTP/2, too: it is about whole messages, or about their end.
	Streams bool
	// IPv6 says that the effect needs a network that has it, and Unanswered one that
	// can lose attempts to connect to an address.
	IPv6, Unanswered bool
}

// Argument describes one argument of an effect. Effect.Args holds its words:
// those of Before, if there are any, and the argument itself.
type Argument struct {
	Name     string   // for messages and for the manual
	Form     Form     //
	Words    []string // Choice only
	Low      int      // Number only
	High     int      // Number only; 0 sets no bound
	Before   string   // a word that stands before it; "" for none
	Optional bool     // may be left out
	Repeats  bool     // may come again and again, with the word before it; the last one only
}

// Form is how an effect's argument is written.
type Form int

// The forms of arguments.
const (
	Number    Form = iota // a whole number from Low to High
	Duration              // as time.ParseDuration reads it, above 0
	Choice                // one of Argument.Words
	Signed                // a whole number with its sign, not 0: +5
	Name                  // the name of a header field
	Text                  // any one word, or more in double quotes
	FieldLine             // a header field in double quotes: "Retry-After: 17"
	URL                   // http://a.example/b, a host, or a path from /
	Address               // of IPv4 or IPv6, without a port: 192.0.2.7
)

// Refusal and Silence are the names of the effects that act on an attempt to
// connect, before there is a connection.
const (
	Refusal = "refuse"
	Silence = "drop"
)

// OfAttempts reports whether the effect acts on attempts to connect.
func (e Effect) OfAttempts() bool { return e.Name == Refusal || e.Name == Silence }

// registry has the effects by name: the grammar, the manual and the connections
// read it. An effect of a new kind is one row, in the table of its family.
var registry = all(connectionEffects(), pageEffects(), answerEffects(), headEffects(), flowEffects(), nameEffects())

func all(families ...map[string]Kind) map[string]Kind {
	effects := map[string]Kind{}
	for _, family := range families {
		maps.Copy(effects, family)
	}
	return effects
}

// Effects are all effects by name. The map is the caller's own.
func Effects() map[string]Kind { return maps.Clone(registry) }

// Kind is what the effect is; false if there is none of its name.
func (e Effect) Kind() (Kind, bool) {
	kind, known := registry[e.Name]
	return kind, known
}

// Fire has the effect act on a connection.
func (e Effect) Fire(i Injection) {
	if kind, known := e.Kind(); known {
		kind.Fire(i, e.Args)
	}
}

// MeansSomethingAt reports whether the effect has a meaning at p.
func (k Kind) MeansSomethingAt(p Place) bool { return slices.Contains(k.At, p) }

// Form is how the effect of that name is written: "delay D [jitter D]".
func (k Kind) Form(name string) string {
	for _, a := range k.Arguments {
		text := a.before() + a.placeholder()
		if a.Optional {
			text = "[" + text + "]"
		}
		if a.Repeats {
			text += "..."
		}
		name += " " + text
	}
	return name
}

// Example is a way to write the effect of that name that Parse takes, with all
// its arguments.
func (k Kind) Example(name string) string {
	for _, a := range k.Arguments {
		name += " " + a.before() + a.example()
	}
	return name
}

// Places are the names of the places at which the effect means something.
func (k Kind) Places() []string { return namesOf(k.At) }

// Where says at which places the effect means something, and whether it does where
// HTTP/2 is spoken.
func (k Kind) Where() string {
	where := "at " + strings.Join(k.Places(), ", ")
	if !k.Streams {
		return where
	}
	of := slices.DeleteFunc(slices.Clone(ofStreams), func(p Place) bool { return !k.MeansSomethingAt(p) })
	return where + "; over HTTP/2 at " + strings.Join(namesOf(of), ", ")
}

func (a Argument) before() string {
	if a.Before == "" {
		return ""
	}
	return a.Before + " "
}

func (a Argument) placeholder() string {
	if a.Form == Choice {
		return strings.Join(a.Words, "|")
	}
	return map[Form]string{Number: "N", Duration: "D", Signed: "+N", Name: "NAME", Text: "TEXT", FieldLine: "FIELD", URL: "URL", Address: "ADDRESS"}[a.Form]
}

func (a Argument) example() string {
	if a.Form == Choice {
		return a.Words[0]
	}
	if a.Form == Number {
		return strconv.Itoa(max(a.Low, 5))
	}
	return map[Form]string{Duration: "1s", Signed: "+5", Name: "Date", Text: "other.example", FieldLine: `"X-Note: a, b"`, URL: "https://other.example/login", Address: "10.9.0.81"}[a.Form]
}

// MostDelay returns by how much the effect delays one request or answer at most, if that
// arrives at all. bounded is false where there is no such limit.
func (e Effect) MostDelay() (late time.Duration, bounded bool) {
	kind, known := e.Kind()
	for _, argument := range e.Args {
		d, _ := time.ParseDuration(argument) // what is none adds none
		late += d
	}
	return late, known && !kind.Paces && !kind.Road && !kind.Gate && !kind.Unanswered
}
