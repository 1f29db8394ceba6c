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
	"strings"

	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/run/adapter"
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
	For   adapter.Kind      `yaml:"for,omitempty"` // the kind of client that its cases were put so for; empty: one that can be asked for everything
	Asks  string            `yaml:"asks"`
	Cases map[string]string `yaml:"cases"` // ids, and the SHA-256 of what each does
}

// caseDigest is the SHA-256 of all of a case that a client can notice, or that
// decides on a verdict. What it is called, why, and where it is written do not
// count; a profile counts by what it stands for, not by its name.
func caseDigest(c catalogue.Case) (string, error) {
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
		if l.For != "" {
			fmt.Fprintf(sum, "for %s\n", l.For)
		}
		for _, id := range slices.Sorted(maps.Keys(l.Cases)) {
			fmt.Fprintf(sum, "case %s %s\n", id, l.Cases[id])
		}
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// Digests are the frozen ones of a case, which for one kind of client is put
// otherwise than for another; none if the edition has no case of that id.
func (e Edition) Digests(id string) (digests []string) {
	for _, l := range e.Levels {
		if digest, ok := l.Cases[id]; ok {
			digests = append(digests, digest)
		}
	}
	return digests
}

// Altered reports whether a case has the id of a frozen one and is another.
func (e Edition) Altered(c catalogue.Case) (bool, error) {
	digest, err := caseDigest(c)
	frozen := e.Digests(c.ID)
	return len(frozen) > 0 && !slices.Contains(frozen, digest), err
}

// Froze returns what reports whether a case is one that any of the editions froze.
func Froze(list []Edition) func(catalogue.Case) bool {
	return func(c catalogue.Case) bool {
		digest, err := caseDigest(c)
		return err == nil && slices.ContainsFunc(list, func(e Edition) bool { return slices.Contains(e.Digests(c.ID), digest) })
	}
}

// Level finds the level of that name, in whatever case it is written, as it is for
// a kind of client; an edition that has none for it has the others.
func (e Edition) Level(name string, kind adapter.Kind) (Level, bool) {
	for _, wanted := range []string{named(name, Asked(kind)), name} {
		if i := slices.IndexFunc(e.Levels, func(l Level) bool { return strings.EqualFold(l.Name, wanted) }); i >= 0 {
			return e.Levels[i], true
		}
	}
	return Level{}, false
}
