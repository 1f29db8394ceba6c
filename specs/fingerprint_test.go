package specs

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/fixtures"
	"gauntlet/harness/run/profile"
	"gauntlet/proxies/fingerprint"
)

// profiled are all box profiles, which are read once a process.
func profiled() []profile.Profile { return slices.Clone(readProfiles()) }

var readProfiles = sync.OnceValue(func() []profile.Profile {
	all, err := profile.Load(fixtures.Files(), fixtures.Boxes)
	if err != nil {
		panic(err) // the tree of specs cannot be built without them
	}
	return all
})

// What a box does is stored in its profile. When a box was changed on purpose,
// UPDATE_FINGERPRINTS=1 go test ./specs writes the fingerprints anew; the diff
// shows what that means for whoever relies on the profile.
var _ = Describe("A box profile", Label("box", "fingerprint"), func() {
	for _, p := range profiled() {
		It("is held to its stored fingerprint: "+p.Name, inVirtualTime(func() {
			got, err := fingerprint.Simulate(p.Box)
			Expect(err).NotTo(HaveOccurred())
			if os.Getenv("UPDATE_FINGERPRINTS") != "" {
				store(p, got)
				return
			}
			Expect(p.Fingerprint.Differences(got)).To(BeEmpty())
			Expect(got).To(Equal(p.Fingerprint), "the order of the suite")
		}))
	}

	It("is like no other", func() {
		seen := map[string]string{}
		for _, p := range profiled() {
			text := p.Fingerprint.String()
			Expect(seen).NotTo(HaveKey(text), p.Name+" is the same as "+seen[text])
			seen[text] = p.Name
		}
	})

	It("shows what was measured of the product, or confesses", func() {
		var wrong []string
		for _, p := range profiled() {
			wrong = append(wrong, vainConfessions(p)...)
		}
		for name, traits := range measured() {
			p, ok := profile.Named(profiled(), name)
			Expect(ok).To(BeTrue(), name)
			for trait, want := range traits {
				if got, _ := p.Fingerprint.Value(trait); got != want && !confesses(p, trait) {
					wrong = append(wrong, fmt.Sprintf("%s: %s: measured %q, shows %q", name, trait, want, got))
				}
			}
		}
		slices.Sort(wrong)
		Expect(wrong).To(BeEmpty(), strings.Join(wrong, "\n"))
	})

	It("follows its schema", func() {
		box := schema("box")
		for _, p := range profiled() {
			source, err := fs.ReadFile(fixtures.Files(), p.File)
			Expect(err).NotTo(HaveOccurred())
			text, err := yaml.YAMLToJSON(source)
			Expect(err).NotTo(HaveOccurred())
			follow(box, text, p.File)
		}
	})
})

func confesses(p profile.Profile, trait string) bool {
	_, ok := p.Listed(trait)
	return ok
}

// vainConfessions are differences that there are not: what our box shows may
// be one of several things that the product does, but not the only one.
func vainConfessions(p profile.Profile) []string {
	var vain []string
	for _, t := range p.Fingerprint {
		if d, ok := p.Listed(t.Name); ok && d.Real == t.Value {
			vain = append(vain, p.Name+" confesses what it does not do: "+t.Name)
		}
	}
	return vain
}

func store(p profile.Profile, f fingerprint.Fingerprint) {
	GinkgoHelper()
	name := filepath.Join("..", "fixtures", filepath.FromSlash(p.File))
	source, err := os.ReadFile(name)
	Expect(err).NotTo(HaveOccurred())
	Expect(os.WriteFile(name, withFingerprint(source, f), 0o644)).To(Succeed())
}

// fingerprintKey begins the part of a profile's file that is written by us; it
// is the last.
const fingerprintKey = "\nfingerprint:"

// withFingerprint is the file of a profile with another fingerprint stored in
// it; all that stands before is left as it is.
func withFingerprint(source []byte, f fingerprint.Fingerprint) []byte {
	at := bytes.Index(source, []byte(fingerprintKey))
	if at < 0 {
		at = len(bytes.TrimRight(source, "\n"))
	}
	var out bytes.Buffer
	out.Write(source[:at])
	out.WriteString(fingerprintKey + "\n")
	for _, t := range f {
		fmt.Fprintf(&out, "  %s: %s\n", strconv.Quote(t.Name), strconv.Quote(t.Value))
	}
	return out.Bytes()
}
