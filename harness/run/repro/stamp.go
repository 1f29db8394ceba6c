package repro

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"time"

	"gauntlet/harness/run/yamlfile"
)

// Stamp says when a bug last showed as it should, in all its variants, and in which
// version of Gauntlet. The zero value: never yet.
type Stamp struct {
	Day     string `yaml:"day"` // such as 2026-11-29, in UTC
	Version string `yaml:"version"`
}

// String is the stamp in a few words.
func (s Stamp) String() string {
	if s == (Stamp{}) {
		return "not reproduced by CI yet"
	}
	return fmt.Sprintf("last reproduced on %s by %s", s.Day, s.Version)
}

// Stamps are those of the bugs, by their names.
type Stamps map[string]Stamp

// LoadStamps reads them. A stamp without a day or a version, or of what is none of
// the bugs, is a mistake: nobody writes them by hand.
func LoadStamps(fsys fs.FS, file string, bugs []Bug) (Stamps, error) {
	text, err := fs.ReadFile(fsys, file)
	if err != nil {
		return nil, fmt.Errorf("read when the bugs were reproduced: %w", err)
	}
	stamps := Stamps{}
	if err := (yamlfile.File{Name: file, Source: text}).Decode(&stamps); err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(stamps)) {
		s := stamps[name]
		if _, err := time.Parse(time.DateOnly, s.Day); err != nil || s.Version == "" {
			return nil, fmt.Errorf("%s: %s: want a day such as 2026-11-29, and a version", file, name)
		}
		if !slices.ContainsFunc(bugs, func(b Bug) bool { return b.Name == name }) {
			return nil, fmt.Errorf("%s: no bug is called %q", file, name)
		}
	}
	return stamps, nil
}

// Encode is the file of the stamps, in the order of their names.
func (s Stamps) Encode() []byte {
	var text strings.Builder
	text.WriteString("# When each bug last showed as it should. CI writes this: make reproduced\n")
	if len(s) == 0 {
		text.WriteString("{}\n")
	}
	for _, name := range slices.Sorted(maps.Keys(s)) {
		fmt.Fprintf(&text, "%s: {day: %s, version: %s}\n", name, s[name].Day, s[name].Version)
	}
	return []byte(text.String())
}
