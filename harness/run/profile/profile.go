// Package profile reads box profiles: real products and kinds of boxes, each
// as one line of our boxes' language, with the fingerprint that it is held to.
// A profile is data, a YAML document; the package points at every mistake with
// file, line and column. The command, the rig and the specs import it. It
// starts no goroutine.
package profile

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/yamlfile"
	"gauntlet/proxies"
	"gauntlet/proxies/fingerprint"
)

// Profile is a box with a name.
type Profile struct {
	Name        string
	Why         string                  // what it stands for and where it is met
	Box         proxies.Spec            // without a port
	Differs     []Difference            // what our box does not do as the product does
	Known       []catalogue.Known       // cases that fail through the real product, whatever the client
	Fingerprint fingerprint.Fingerprint // as it was stored
	File        string
}

// Difference is a trait in which the product was seen to act otherwise.
type Difference struct {
	Trait string `yaml:"trait" json:"trait"` // or a glob over traits that have one cause
	Real  string `yaml:"real" json:"real"`   // what the product does: "A", or "A or B" where two things race in it
	Why   string `yaml:"why" json:"why"`     // why the box does not
}

// maxDiffers is how many differences a profile may confess; with more it is
// not that product.
const maxDiffers = 3

// Load reads all *.yaml in dir, in the order of their names. If anything is
// wrong there are no profiles, and the error joins one *yamlfile.Error for each mistake.
func Load(fsys fs.FS, dir string) ([]Profile, error) {
	files, err := fs.Glob(fsys, path.Join(dir, "*.yaml"))
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("no *.yaml in %s", dir)
	}
	if err != nil {
		return nil, fmt.Errorf("loading profiles: %w", err)
	}
	var all []Profile
	var errs []error
	for _, name := range files {
		p, err := loadFile(fsys, name)
		all, errs = append(all, p), append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return all, nil
}

func loadFile(fsys fs.FS, name string) (Profile, error) {
	source, err := fs.ReadFile(fsys, name)
	if err != nil {
		return Profile{}, fmt.Errorf("loading profiles: %w", err)
	}
	p, err := parse(name, source)
	if err == nil && p.Name != strings.TrimSuffix(path.Base(name), ".yaml") {
		err = &yamlfile.Error{File: name, Line: 1, Column: 1, Message: fmt.Sprintf("the profile %q is not named as its file", p.Name)}
	}
	return p, err
}

// Table is what a chain's `profile NAME` is looked up in.
func Table(all []Profile) proxies.Profiles {
	table := map[string]proxies.Spec{}
	for _, p := range all {
		table[p.Name] = p.Box
	}
	return func() (map[string]proxies.Spec, error) { return table, nil }
}

// Named finds a profile.
func Named(all []Profile, name string) (Profile, bool) {
	for _, p := range all {
		if p.Name == name {
			return p, true
		}
	}
	return Profile{}, false
}
