package sweep

import (
	"strings"

	"gauntlet/proxies/fault"
)

// landmark is a point of an exchange, and what it means to who reads the answer,
// or to who waits for one.
type landmark struct {
	fault.Landmark
	reading string
}

// The readings of a landmark: what a client can know there.
const (
	partlyAsked = "partly asked"
	headPartly  = "head partly"
	headWhole   = "head whole"
	bodyPartly  = "body partly"
	// And for what makes a connection slower it does not matter where that begins.
	fromAnywhere = "anywhere"
)

// behind is the reading of the place behind a field of a head. A field of HTTP's own
// tells a client nothing before the head is whole; one of the protocol's may.
func behind(field string) string {
	if extension(field) {
		return "behind " + field
	}
	return headPartly
}

// fieldClass is how a field counts that an effect works on.
func fieldClass(field string) string {
	if extension(field) {
		return field
	}
	return "a field"
}

// extension reports whether a field is none of HTTP's own.
func extension(field string) bool { return strings.HasPrefix(strings.ToLower(field), "x-") }

// view is how closely the place is looked at from which an effect is at work.
type view func(landmark) string

// anywhere is the view of what makes a connection slower, and no more.
func anywhere(landmark) string { return fromAnywhere }

// onward is the view of what strikes later than where it begins: it matters which
// part of the exchange is passed by then.
func onward(l landmark) string {
	switch {
	case l.At < fault.AtForward:
		return "from the request on"
	case l.At == fault.AtForward:
		return "from its end on"
	case l.At < fault.AtEnd:
		return "from the answer on"
	}
	return "from the rest on"
}

// silent is the view of what leaves the connection open and brings nothing: what has
// come of an answer is no use to who waits for the other half.
func silent(l landmark) string {
	if l.At > fault.AtAnswer && l.At < fault.AtEnd {
		return "partly answered"
	}
	return l.reading
}

// views are those of the effects that are looked at less closely than others.
var views = map[string]view{
	"delay": anywhere, "delay end": anywhere, "bandwidth": anywhere, "dribble": anywhere,
	"close later": onward, "reset later": onward, "limit": onward,
	"swallow": silent,
}

// reading is how closely a landmark is looked at.
func (v variety) reading(l landmark) string {
	if look := views[v.effect.Name]; look != nil {
		return look(l)
	}
	return l.reading
}

// ends reports whether the effect may end a connection or keep it from going on:
// then it matters where.
func (v variety) ends() bool {
	return v.kind.MeansSomethingAt(fault.AtIdle) && v.reading(landmark{}) != fromAnywhere
}

// stateFor is how closely the state is looked at: beyond the first box, and for
// what leaves the connection alone, it does not matter what a command is for.
func (e Exchange) stateFor(hop int, v variety) string {
	if hop > 0 || !v.ends() {
		return e.Kind
	}
	return e.State
}
