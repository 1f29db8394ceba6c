package profile

import (
	"path"
	"slices"
	"strings"
	"time"

	"gauntlet/proxies/fingerprint"
)

// Compare holds a real product to the profile, of which idle connections were
// watched for so long: what differs, and is not listed. A difference that is
// listed and is not there is one as well.
func (p Profile) Compare(got fingerprint.Fingerprint, watched time.Duration) []fingerprint.Difference {
	want := p.Fingerprint.Watched(watched)
	for i, t := range want {
		if d, listed := p.Listed(t.Name); listed {
			want[i].Value = d.Real
		}
	}
	return slices.DeleteFunc(want.Differences(got), func(d fingerprint.Difference) bool {
		return slices.Contains(strings.Split(d.Want, " or "), d.Got)
	})
}

// Listed is the entry of the profile's differences for a trait.
func (p Profile) Listed(trait string) (Difference, bool) {
	for _, d := range p.Differs {
		if d.fits(trait) {
			return d, true
		}
	}
	return Difference{}, false
}

func (d Difference) fits(trait string) bool {
	ok, _ := path.Match(d.Trait, trait) // the form was checked when it was read
	return ok
}
