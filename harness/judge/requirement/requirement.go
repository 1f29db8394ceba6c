// Package requirement lists what Gauntlet asks of a client: an id, how binding
// it is, one sentence, the statements of the source that stand behind it, and
// what a verdict on it has to be drawn from. It judges nothing; oracles do.
package requirement

import (
	"fmt"
	"slices"
	"strings"
)

// ID names a requirement as area.name.
type ID string

// Area is the part of the id before the dot.
func (id ID) Area() string {
	area, _, _ := strings.Cut(string(id), ".")
	return area
}

// Level says how binding a requirement is.
type Level string

// Only a must that fails turns a run red.
const (
	Must          Level = "must"
	Should        Level = "should"
	Informational Level = "informational"
)

// Standing says whether the field agrees on a requirement. A disputed one
// fails nobody.
type Standing string

// A disputed requirement stays in the table, so that what it saw is still told.
const (
	Agreed   Standing = "agreed"
	Disputed Standing = "disputed"
)

// Evidence is a vantage point that a verdict needs.
type Evidence string

// What verdicts are drawn from.
const (
	Wire    Evidence = "wire"    // hop 0: what the client did
	Gateway Evidence = "gateway" // what arrived and how it was answered
	Ends    Evidence = "ends"    // messages submitted and delivered
	Dials   Evidence = "dials"   // who was contacted
	Word    Evidence = "word"    // what the client says of itself
)

// Statement is the number of a statement of the source, 1 to 61.
type Statement int

// String is the statement's name, such as S14.
func (s Statement) String() string { return fmt.Sprintf("S%d", int(s)) }

// Requirement is one thing that a client has to do.
type Requirement struct {
	ID         ID
	Level      Level
	Standing   Standing
	Sentence   string      // what a client must do, in one sentence
	Statements []Statement // of the source, may be empty for what only experience asks
	Rationale  string      // why it matters to a session
	Evidence   []Evidence
	Numbers    []Number // that it rests on, with their origins
}

// ByID finds a requirement.
func ByID(id ID) (Requirement, bool) {
	i := slices.IndexFunc(table, func(r Requirement) bool { return r.ID == id })
	if i < 0 {
		return Requirement{}, false
	}
	return table[i], true
}

// All lists the requirements in the order of the table: by area, then weight.
func All() []Requirement { return slices.Clone(table) }

// IDs lists the ids in the order of the table.
func IDs() []ID {
	ids := make([]ID, len(table))
	for i, r := range table {
		ids[i] = r.ID
	}
	return ids
}
