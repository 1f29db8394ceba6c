package profile

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/yamlfile"
	"gauntlet/proxies"
	"gauntlet/proxies/fingerprint"
	"gauntlet/proxies/syntax"
)

// document is a profile as it is written.
type document struct {
	Name        string            `yaml:"name"`
	Why         string            `yaml:"why"`
	Box         string            `yaml:"box"`
	Differs     []Difference      `yaml:"differs"`
	Known       []catalogue.Known `yaml:"known"`
	Fingerprint yaml.MapSlice     `yaml:"fingerprint"`
}

// parse reads one document, strictly.
func parse(file string, source []byte) (Profile, error) {
	var d document
	at := yamlfile.File{Name: file, Source: source}
	if err := at.Decode(&d); err != nil {
		return Profile{}, err
	}
	p := Profile{Name: d.Name, Why: strings.TrimSpace(d.Why), Differs: d.Differs, Known: d.Known, File: file}
	var err error
	if p.Box, err = proxies.ParseSpec(d.Box); err != nil {
		return Profile{}, boxMistake(at, err)
	}
	for _, item := range d.Fingerprint {
		p.Fingerprint = append(p.Fingerprint, fingerprint.Trait{Name: fmt.Sprint(item.Key), Value: fmt.Sprint(item.Value)})
	}
	return p, p.check(at)
}

// check wants what the decoder cannot know.
func (p Profile) check(at yamlfile.File) error {
	var errs []error
	want := func(ok bool, path, format string, args ...any) {
		if !ok {
			errs = append(errs, at.Wrong(path, 0, fmt.Sprintf(format, args...)))
		}
	}
	want(p.Name != "", "$", "a profile needs a name")
	want(len(strings.Fields(p.Why)) >= 5 && strings.HasSuffix(p.Why, "."), "$.why", "why is not a sentence: %q", p.Why)
	want(p.Box.Port == 0 && p.Box.Then == nil, "$.box", "a profile has no port and no time; a chain gives them")
	want(len(p.Differs) <= maxDiffers, "$.differs", "more than %d differences: this is another product", maxDiffers)
	for i, d := range p.Differs {
		known := slices.ContainsFunc(p.Fingerprint, func(t fingerprint.Trait) bool { return d.fits(t.Name) })
		want(known || len(p.Fingerprint) == 0, fmt.Sprintf("$.differs[%d].trait", i), "no such trait %q", d.Trait)
		want(d.Real != "" && d.Why != "", fmt.Sprintf("$.differs[%d].trait", i), "a difference needs real and why")
	}
	return errors.Join(append(errs, checkExpected(p.Known, at))...)
}

// boxMistake shows the word that is wrong in the box's line.
func boxMistake(at yamlfile.File, err error) error {
	var wrong *syntax.Error
	if !errors.As(err, &wrong) {
		return at.Wrong("$.box", 0, err.Error())
	}
	text := fmt.Sprintf("box word %q: %s", wrong.Word, wrong.Problem)
	if len(wrong.Allowed) > 0 {
		text += "; allowed: " + strings.Join(wrong.Allowed, ", ")
	}
	return at.Wrong("$.box", wrong.Offset, text)
}
