package fault

import "slices"

// Form is how an effect's argument is written.
type Form int

// The forms of arguments.
const (
	Number   Form = iota // a whole number from 0
	Duration             // as time.ParseDuration reads it, above 0
	Choice               // one of Argument.Words
)

// Argument describes one argument of an effect.
type Argument struct {
	Name     string   // for messages and for the manual
	Form     Form     //
	Words    []string // Choice only
	Optional bool     // may be left out; then so must all after it
}

// Kind describes an effect: what it takes and where it has a meaning.
type Kind struct {
	Arguments []Argument
	At        []Place
	Doc       string
}

// MeansSomethingAt reports whether the effect has a meaning at p.
func (k Kind) MeansSomethingAt(p Place) bool { return slices.Contains(k.At, p) }

// Effects is the registry of effects by name. proxies/wire implements each.
func Effects() map[string]Kind {
	anywhere := []Place{AtAccept, AtHead, AtRequestByte, AtForward, AtAnswer, AtResponseByte, AtEnd, AtIdle}
	return map[string]Kind{
		"close":  {At: anywhere, Doc: "the connection is closed: the peer gets FIN, the box sees its end"},
		"reset":  {At: anywhere, Doc: "the connection is reset: the peer gets RST, the box ECONNRESET"},
		"stall":  {At: anywhere, Doc: "nothing more flows either way; the connection stays open until the peer leaves"},
		"refuse": {At: []Place{AtAccept}, Doc: "the attempt to connect is turned away"},
	}
}
