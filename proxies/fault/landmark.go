package fault

import (
	"strconv"
	"time"
)

// Place is a kind of landmark: a point in the life of a connection or of an
// exchange. Places are ordered as an exchange passes them.
type Place int

// The places. Each strikes before the bytes that begin it are handed on.
const (
	AtAccept       Place = iota // a connection attempt, before anything else
	AtHead                      // request head complete, nothing of it handed to the box
	AtRequestByte               // Byte bytes of the request handed to the box
	AtForward                   // request complete, its last byte withheld from the box
	AtAnswer                    // answer ready, nothing given to the peer
	AtStatusLine                // the answer's first line given to the peer
	AtField                     // its head up to and with the field Field
	AtResponseByte              // Byte bytes of the answer given to the peer
	AtEnd                       // the whole answer given
	AtIdle                      // After past the end, nothing having come in between
	AtMoment                    // whenever it is, with whatever is under way
	AtLookup                    // a name was looked up, and who asked is not told yet
)

// placeNames spells the places. AtAccept, AtMoment and AtLookup have no spelling of
// their own: "on connection N", "at D" or "after N bytes", and "on lookup N" mean them.
var placeNames = [...]string{
	AtAccept: "accept", AtHead: "head", AtRequestByte: "request byte", AtForward: "forward", AtAnswer: "answer", AtStatusLine: "status line", AtField: "field",
	AtResponseByte: "response byte", AtEnd: "end", AtIdle: "idle", AtMoment: "moment", AtLookup: "lookup",
}

// String is the place's name as it stands in a fault, without its number.
func (p Place) String() string { return placeNames[p] }

func namesOf(places []Place) (names []string) {
	for _, p := range places {
		names = append(names, p.String())
	}
	return names
}

// Landmark is a place with its number or duration.
type Landmark struct {
	At    Place
	Byte  int           // AtRequestByte and AtResponseByte: from 1, head included
	Field string        // AtField: the field's name
	After time.Duration // AtIdle
}

// String is the landmark as it stands in a fault: "response byte 120".
func (l Landmark) String() string {
	switch l.At {
	case AtRequestByte, AtResponseByte:
		return l.At.String() + " " + strconv.Itoa(l.Byte)
	case AtIdle:
		return l.At.String() + " " + durationText(l.After)
	case AtField:
		return l.At.String() + " " + l.Field
	}
	return l.At.String()
}

// forms lists how the places that an exchange can name are written, from first on.
func forms(first Place) []string {
	var out []string
	for p := max(first, AtHead); p <= AtIdle; p++ {
		out = append(out, p.form())
	}
	return out
}

func (p Place) form() string {
	switch p {
	case AtRequestByte, AtResponseByte:
		return p.String() + " N"
	case AtIdle:
		return p.String() + " D"
	case AtField:
		return p.String() + " NAME"
	}
	return p.String()
}
