// Package edition freezes the catalogue: an edition has a name, says which
// cases stand for which level of certification, and holds a digest of each, so
// that a case that was changed since is not taken for the one that was frozen.
// A certificate speaks of one edition. Editions are data, YAML files that the
// command writes and nobody edits.
//
// The package judges nothing: it is told how cases ended and says which levels
// are met. The command, the certificate and the specs import it. It starts no
// goroutine.
package edition

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"

	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/run/catalogue"
)

// Edition is a frozen catalogue.
type Edition struct {
	Name         string                               `yaml:"edition"` // year and number: 2026.1
	Digest       string                               `yaml:"digest"`  // SHA-256 over all the rest, in hexadecimal
	Requirements map[requirement.ID]requirement.Level `yaml:"requirements"`
	Levels       []Level                              `yaml:"levels"`
}

// Level is a fixed list of cases. It is met by a client that passes all of
// them, whatever the other levels.
type Level struct {
	Name  string            `yaml:"name"`
	Asks  string            `yaml:"asks"`
	Cases map[string]string `yaml:"cases"` // ids, and the SHA-256 of what each does
}

// CaseDigest is the SHA-256 of all of a case that a client can notice, or that
// decides on a verdict. What it is called, why, and where it is written do not
// count; a profile counts by what it stands for, not by its name.
func CaseDigest(c catalogue.Case) (string, error) {
	bare := c
	bare.Title, bare.Why, bare.File, bare.Line = "", "", "", 0
	text, err := catalogue.Encode(bare)
	if err != nil {
		return "", fmt.Errorf("digest of case %s: %w", c.ID, err)
	}
	sum := sha256.New()
	fmt.Fprintf(sum, "%s\n", text) // a hash never fails
	for _, chain := range [][]string{unnamed(c.Chain), unnamed(c.Contact)} {
		fmt.Fprintf(sum, "%q\n", chain)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// digest is what Digest has to be.
func (e Edition) digest() string {
	sum := sha256.New()
	fmt.Fprintf(sum, "edition %s\n", e.Name)
	for _, id := range slices.Sorted(maps.Keys(e.Requirements)) {
		fmt.Fprintf(sum, "requirement %s %s\n", id, e.Requirements[id])
	}
	for _, l := range e.Levels {
		fmt.Fprintf(sum, "level %s: %s\n", l.Name, l.Asks)
		for _, id := range slices.Sorted(maps.Keys(l.Cases)) {
			fmt.Fprintf(sum, "case %s %s\n", id, l.Cases[id])
		}
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// Case is the frozen digest of a case; empty if the edition has none of that
// id.
func (e Edition) Case(id string) string {
	for _, l := range e.Levels {
		if digest, ok := l.Cases[id]; ok {
			return digest
		}
	}
	return ""
}

// Len is how many cases the edition has.
func (e Edition) Len() int {
	n := 0
	for _, l := range e.Levels {
		n += len(l.Cases)
	}
	return n
}
