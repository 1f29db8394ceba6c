// Package specs is what Gauntlet promises, in prose that runs. The specs in
// tour_*_test.go are the place to begin.
package specs

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
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

// long are the specs that go through a whole list, as a command of the Makefile does, or
// through days: make test leaves them to make long and to CI.
var long = Label("long")

// suiteT is what a bubble has to be made with; Ginkgo's own T will not do.
var suiteT *testing.T

func TestSpecs(t *testing.T) {
	suiteT = t
	RegisterFailHandler(Fail)
	RunSpecs(t, "Gauntlet")
}

// linkPython makes a folder with a link to a Python: on Linux to that of the system, where it
// is new enough for the example clients, else to the one that is found. A version manager's
// is found by a script, which costs more than the start of the program, each time anew.
func linkPython(folder string) {
	GinkgoHelper()
	Expect(os.Mkdir(folder, 0o755)).To(Succeed())
	pythons := []string{"python3"}
	if runtime.GOOS == "linux" {
		pythons = []string{"/usr/bin/python3", "python3"}
	}
	for _, name := range pythons {
		found, err := exec.Command(name, "-c", "import sys; print(sys.executable if sys.version_info >= (3, 9) else '', end='')").Output()
		if err == nil && len(found) > 0 {
			_ = os.Symlink(string(found), filepath.Join(folder, "python3")) // where that may not be, it is found as before
			return
		}
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
