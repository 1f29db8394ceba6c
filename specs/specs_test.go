// Package specs is what Gauntlet promises, in prose that runs. The specs in
// tour_*_test.go are the place to begin.
package specs

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/harness/run/virtual"
)

// The order is random, except for what would otherwise run alone at the end. The few specs
// that keep both processors busy begin first. Then come those that take long in real time and
// need little of a processor: they run beside the heavy ones.
const (
	heavy = SpecPriority(2)
	waits = SpecPriority(1)
)

// suiteT is what a bubble has to be made with; Ginkgo's own T will not do.
var suiteT *testing.T

func TestSpecs(t *testing.T) {
	suiteT = t
	RegisterFailHandler(Fail)
	RunSpecs(t, "Gauntlet")
}

// passShim has programs found past a version manager's shim: a script that costs more
// than the start of the program that it finds, each time anew.
func passShim(name string) {
	real, err := exec.Command(name, "-c", "import sys; print(sys.executable)").Output()
	if err == nil {
		_ = os.Setenv("PATH", filepath.Dir(string(real))+string(filepath.ListSeparator)+os.Getenv("PATH"))
	}
}

// inVirtualTime is a spec's body that runs in a bubble of its own: minutes of
// protocol take milliseconds, and whatever the body leaves behind is an error.
// Everything that it uses has to be made inside.
func inVirtualTime(body func()) func() {
	return func() {
		GinkgoHelper()
		virtual.Bubble(suiteT, body)
	}
}

// skipUnless skips a spec for which something is missing on this machine,
// with the remedy; where nothing may be skipped it fails instead.
func skipUnless(present bool, remedy string) {
	GinkgoHelper()
	if present {
		return
	}
	if os.Getenv("GAUNTLET_NO_SKIP") != "" {
		Fail(remedy + " (and nothing may be skipped here)")
	}
	Skip(remedy)
}
