package fault

import "slices"

// Form is how an effect's argument is written.
type Form int

// The forms of arguments.
const (
	Number   Form = iota // a whole number from Low
	Duration             // as time.ParseDuration reads it, above 0
	Choice               // one of Argument.Words
	Signed               // a whole number with its sign, not 0: +5
	Name                 // the name of a header field
	Text                 // any one word
)

// Argument describes one argument of an effect. Effect.Args holds its words:
// those of Before, if there are any, and the argument itself.
type Argument struct {
	Name     string   // for messages and for the manual
	Form     Form     //
	Words    []string // Choice only
	Low      int      // Number only
	Before   string   // a word that stands before it; "" for none
	Optional bool     // may be left out; then so must all after it
}

// Kind describes an effect: what it takes and where it has a meaning.
type Kind struct {
	Arguments []Argument
	At        []Place
	Doc       string
	// Withholds says that the effect, at forward, keeps the request from the box
	// altogether, so that not a byte of it may be handed on before it is complete.
	Withholds bool
	// Road says that the effect is one of the way between two ends, and needs a
	// real one.
	Road bool
}

// MeansSomethingAt reports whether the effect has a meaning at p.
func (k Kind) MeansSomethingAt(p Place) bool { return slices.Contains(k.At, p) }
