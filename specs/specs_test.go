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

// linkPython makes a folder with a link to the Python of the system, or, where there is none,
// to what a version manager's script would start.
func linkPython(folder string) {
	GinkgoHelper()
	Expect(os.Mkdir(folder, 0o755)).To(Succeed())
	python := "/usr/bin/python3"
	if _, err := os.Stat(python); err != nil {
		found, err := exec.Command("python3", "-c", "import sys; print(sys.executable, end='')").Output()
		if err != nil {
			return // specs that need it say so
		}
		python = string(found)
	}
	Expect(os.Symlink(python, filepath.Join(folder, "python3"))).To(Succeed())
}

// usePython has it found in that folder, and what it compiles kept there. To find it by a
// script, and to read each program as text again, costs more than the programs do.
func usePython(folder string) {
	GinkgoHelper()
	for name, value := range map[string]string{
		"PATH":                    folder + string(filepath.ListSeparator) + os.Getenv("PATH"),
		"PYTHONPYCACHEPREFIX":     folder,
		"PYTHONDONTWRITEBYTECODE": "",
	} {
		Expect(os.Setenv(name, value)).To(Succeed())
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
