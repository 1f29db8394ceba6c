package specs

import (
	"encoding/json"
	"errors"
	"go/ast"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// listed is what go list says of a package.
type listed struct {
	ImportPath string
	Imports    []string
}

// packages are all of the module's.
func packages() []listed {
	GinkgoHelper()
	// By folders: in out/ files of other specs come and go.
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "gauntlet/fixtures/...", "gauntlet/harness/...", "gauntlet/proxies/...", "gauntlet/specs/...").Output()
	Expect(err).NotTo(HaveOccurred())
	var list []listed
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return list
		} else {
			Expect(err).NotTo(HaveOccurred())
		}
		list = append(list, p)
	}
}

// importers are the packages below any of the folders that import something
// with that prefix.
func importers(list []listed, prefix string) []string {
	var found []string
	for _, p := range list {
		if slices.ContainsFunc(p.Imports, func(i string) bool { return i == prefix || strings.HasPrefix(i, prefix+"/") }) {
			found = append(found, p.ImportPath)
		}
	}
	return found
}

// piecesOfCertify are what a certification is made of, and who else has a use for
// them: what is not a certification.
var piecesOfCertify = map[string][]string{
	"harness/run/rig.One":              nil,
	"harness/run/rig.InBubble":         nil,
	"harness/run/rig.InProcess":        nil,
	"harness/run/rig.InWorkers":        nil,
	"harness/run/rig.Work":             nil,
	"harness/run/rig.Continued":        nil,
	"harness/run/rig.SelfCheck":        nil,
	"harness/run/rig.NewSession":       nil,
	"harness/run/rig.Suite":            {"harness/mutants/matrix"}, // which compares clients, and stores nothing
	"harness/run/catalogue.Load":       nil,
	"harness/run/catalogue.Affordable": nil,
	"harness/run/edition.Load":         nil,
	"harness/run/profile.Load":         nil,
	"harness/run/profile.ReadExternal": nil,
	"harness/report.Conclude":          nil,
	"harness/report.Ended":             {"harness/report/certificate"},
	"harness/report.RejudgeRun":        {"harness/report/certificate"},
	"harness/report/junit.Write":       nil,
	"harness/report/stepsummary.Write": nil,
	"harness/report/har.Write":         nil,
	"harness/report/pcapng.Write":      nil,
	"harness/report/certificate.New":   nil,
	"harness/run/adapter/child.Load":   nil,
	"harness/run/rig.ControlsOf":       {"harness/report"}, // of a run that is stored
	"harness/report.NewRunDir":         nil,
}

// usersOf are the folders that use each name of another package of the project.
func usersOf(packages map[string][]*ast.File) map[string][]string {
	users := map[string][]string{}
	for folder, files := range packages {
		for name := range imported(map[string][]*ast.File{folder: files}) {
			users[name] = append(users[name], folder)
		}
	}
	return users
}

var _ = Describe("The architecture", func() {
	below := func(folder string) func(string) bool {
		return func(p string) bool { return p == "gauntlet/"+folder || strings.HasPrefix(p, "gauntlet/"+folder+"/") }
	}

	It("has exactly the agreed top level", func() {
		entries, err := os.ReadDir("..")
		Expect(err).NotTo(HaveOccurred())
		var names []string
		for _, e := range entries {
			if !strings.HasPrefix(e.Name(), ".") && !slices.Contains([]string{"bin", "out"}, e.Name()) {
				names = append(names, e.Name())
			}
		}
		Expect(names).To(ConsistOf("go.mod", "go.sum", "Makefile", "README.md", "harness", "proxies", "specs", "fixtures"))
	})

	It("imports one way: specs, harness, proxies", func() {
		list := packages()
		for _, p := range list {
			if below("proxies")(p.ImportPath) {
				Expect(p.Imports).NotTo(ContainElement(HavePrefix("gauntlet/harness")), p.ImportPath)
				Expect(p.Imports).NotTo(ContainElement(HavePrefix("gauntlet/fixtures")), p.ImportPath)
			}
			if !below("specs")(p.ImportPath) {
				Expect(p.Imports).NotTo(ContainElement(HavePrefix("gauntlet/specs")), p.ImportPath)
			}
		}
	})

	It("keeps goproxy in proxies and Ginkgo in the specs", func() {
		list := packages()
		Expect(importers(list, "github.com/elazarl/"+"goproxy")).To(HaveEach(Satisfy(below("proxies"))))
		Expect(importers(list, "github.com/elazarl/"+"goproxy")).NotTo(BeEmpty())
		for _, testing := range []string{"github.com/onsi/ginkgo", "github.com/onsi/gomega"} {
			Expect(slices.DeleteFunc(importers(list, testing), below("specs"))).To(BeEmpty(), testing)
		}
	})

	It("certifies in one way: who wants a client certified asks harness/run/certify", func() {
		used := usersOf(readHouse().packages)
		for piece, others := range piecesOfCertify {
			Expect(used[piece]).NotTo(BeEmpty(), piece+" is gone: leave it out here, too")
			Expect(used[piece]).To(HaveEach(BeElementOf(append(others, "harness/run/certify"))), piece)
		}
	})

	It("keeps MSN out of the hops, and networks and the rig out of the judge", func() {
		for _, p := range packages() {
			if below("harness/judge")(p.ImportPath) {
				Expect(slices.DeleteFunc(slices.Clone(p.Imports), func(i string) bool { return i == "gauntlet/proxies/http1" })).NotTo(ContainElement(HavePrefix("gauntlet/proxies")), p.ImportPath)
				Expect(p.Imports).NotTo(ContainElement("gauntlet/harness/run/rig"), p.ImportPath)
			}
			if below("harness/msn/session")(p.ImportPath) {
				Expect(p.Imports).NotTo(ContainElement(Or(Equal("net"), Equal("net/http"))), p.ImportPath)
			}
		}
	})
})
