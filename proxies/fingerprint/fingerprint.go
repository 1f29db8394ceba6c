// Package fingerprint finds out what an HTTP intermediary does to traffic: one
// suite of probes against any box at an address, with an origin of ours behind
// it. What comes out is a list of traits, the same for the same behaviour,
// whether the box is ours in virtual time or a real product on real sockets.
//
// The package knows HTTP and TCP on raw bytes, and no box from within. Specs
// and the command import it. Take starts the origin's goroutines and ends them.
package fingerprint

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Trait is one thing that a box does.
type Trait struct {
	Name  string `json:"trait"`
	Value string `json:"value"`
}

// Fingerprint is all traits, in the order of the suite.
type Fingerprint []Trait

// Value is that of the trait of a name; ok is false if there is none.
func (f Fingerprint) Value(name string) (value string, ok bool) {
	for _, t := range f {
		if t.Name == name {
			return t.Value, true
		}
	}
	return "", false
}

// String is a table with a line for each trait.
func (f Fingerprint) String() string {
	width := 0
	for _, t := range f {
		width = max(width, utf8.RuneCountInString(t.Name))
	}
	var out strings.Builder
	for _, t := range f {
		fmt.Fprintf(&out, "%-*s  %s\n", width, t.Name, t.Value)
	}
	return out.String()
}

// Difference is a trait in which two fingerprints differ; the value that one
// of them lacks is empty.
type Difference struct {
	Name string `json:"trait"`
	Want string `json:"want"`
	Got  string `json:"got"`
}

// String is one line.
func (d Difference) String() string {
	return fmt.Sprintf("%s: want %q, got %q", d.Name, d.Want, d.Got)
}

// Differences are those of got from f, in the order of f, then of got.
func (f Fingerprint) Differences(got Fingerprint) []Difference {
	var out []Difference
	for _, t := range f {
		if v, _ := got.Value(t.Name); v != t.Value {
			out = append(out, Difference{t.Name, t.Value, v})
		}
	}
	for _, t := range got {
		if _, ok := f.Value(t.Name); !ok {
			out = append(out, Difference{t.Name, "", t.Value})
		}
	}
	return out
}

// MarshalJSON is an array of {"trait", "value"}, never null.
func (f Fingerprint) MarshalJSON() ([]byte, error) {
	return json.Marshal(append([]Trait{}, f...))
}
