package specs

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/run/rig"
)

// variant is the client in Python with a defect or an odd habit, as defects.yaml
// and odd.yaml list them.
type variant struct {
	Name    string
	Breaks  requirement.ID
	Should  bool     // it breaks no more of that than a client should keep
	Clients []string // those that show a defect: black-box, driven
	Case    string   // that shows it
	Cases   []string // in which a habit could be blamed
	Args    []string // by which they are run elsewhere than in namespaces: see onEachWay
	Silent  bool     // it never signs out, and its file says so
	Usual   string   // the client that is tried each time, and not by make defects alone
}

const pythonClients = "../fixtures/clients/python/"

// variants reads those that are tried: a few, or all of them.
func variants(list string) (tried []variant) {
	GinkgoHelper()
	text, err := os.ReadFile(pythonClients + list + ".yaml")
	Expect(err).NotTo(HaveOccurred())
	var all []variant
	Expect(yaml.UnmarshalWithOptions(text, &all, yaml.Strict())).To(Succeed())
	for _, v := range all {
		switch {
		case os.Getenv("GAUNTLET_DEFECTS") == "all":
			tried = append(tried, v)
		case v.Usual != "":
			v.Clients = []string{v.Usual}
			tried = append(tried, v)
		}
	}
	return tried
}

// apiece are the same, each with one client.
func apiece(list []variant) (each []variant) {
	for _, v := range list {
		for _, kind := range v.Clients {
			v.Clients = []string{kind}
			each = append(each, v)
		}
	}
	return each
}

// onEachWay are the same in namespaces, on plain loopback and through Squid, where the
// undisturbed case is judged if none of the others can be.
func onEachWay(list []variant) (each []variant) {
	for _, v := range list {
		each = append(each, v)
		v.Cases = append([]string{"control-forward-8080"}, v.Cases...)
		for _, args := range [][]string{{"--no-namespace"}, {"--mode", "loopback", "--box", "squid"}} {
			v.Args = args
			each = append(each, v)
		}
	}
	return each
}

// file writes the client's file with the variant switched on.
func (v variant) file(dir, kind, flag string) string {
	GinkgoHelper()
	var file map[string]any
	text, err := os.ReadFile(pythonClients + kind + ".yaml")
	Expect(err).NotTo(HaveOccurred())
	Expect(yaml.Unmarshal(text, &file)).To(Succeed())
	folder, err := filepath.Abs(pythonClients)
	Expect(err).NotTo(HaveOccurred())
	command := append(file["command"].([]any), flag, v.Name)
	command[1] = filepath.Join(folder, command[1].(string))
	file["command"] = command
	if v.Silent {
		file["supports"] = []string{"invited", "reopen"}
	}
	text, err = json.Marshal(file)
	Expect(err).NotTo(HaveOccurred())
	name := filepath.Join(dir, v.Name+"-"+kind+".yaml")
	Expect(os.WriteFile(name, text, 0o600)).To(Succeed())
	return name
}

// certified runs the variant through cases.
func (v variant) certified(dir, kind, flag string, cases ...string) called {
	GinkgoHelper()
	dir, err := os.MkdirTemp(dir, "")
	Expect(err).NotTo(HaveOccurred())
	args := append([]string{"certify", "--json", "--client", v.file(dir, kind, flag), "--out", filepath.Join(dir, "run")}, v.Args...)
	if v.breaksShould() {
		args = append(args, "--strict")
	}
	for _, c := range cases {
		args = append(args, "--case", c)
	}
	return run(dir, exec.Command(command, args...))
}

// breaksShould reports whether what it breaks fails nobody who does not ask for that.
func (v variant) breaksShould() bool {
	q, known := requirement.ByID(v.Breaks)
	return v.Should || known && q.Level == requirement.Should
}

// foundIn reports whether a result accuses the client of what it breaks, before all
// else.
func (v variant) foundIn(r rig.Result) bool {
	if v.breaksShould() {
		return !r.BrokeMust() && r.Status == oracle.Fail && strings.HasPrefix(r.Reason, string(v.Breaks)+": ")
	}
	first := strings.TrimPrefix(r.Reason, "since "+string(rig.Undisturbed)+": ") // its control shows it already
	return (r.BrokeMust() || len(r.Earlier()) > 0) && strings.HasPrefix(first, string(v.Breaks)+": ")
}

// sideBySide runs a few variants at a time: they mostly wait.
func sideBySide(list []variant, try func(int, variant)) {
	places := make(chan struct{}, 8)
	var all sync.WaitGroup
	for i, v := range list {
		all.Go(func() {
			defer GinkgoRecover()
			places <- struct{}{}
			defer func() { <-places }()
			try(i, v)
		})
	}
	all.Wait()
}

func needsNamespacesAndPython() {
	GinkgoHelper()
	skipUnless(rig.CheckMode(context.Background(), rig.Netns) == nil, "needs namespaces of its own")
	_, err := exec.LookPath("python3")
	skipUnless(err == nil, "python3 is not here: make deps installs it")
}

var _ = Describe("A program with a defect", waits, Label("programs"), func() {
	It("is found out by the requirement that it breaks, before all that follows from it", func() {
		needsNamespacesAndPython()
		dir := GinkgoT().TempDir()
		list := apiece(variants("defects"))
		Expect(len(list)).To(BeNumerically(">=", 8))
		wrong := make([]string, len(list))
		sideBySide(list, func(i int, v variant) {
			result := v.certified(dir, v.Clients[0], "--defect", v.Case).results()[0]
			if !v.foundIn(result) {
				wrong[i] = v.Clients[0] + ", " + v.Name + " breaks " + string(v.Breaks) + ": " + result.Status.String() + ", " + result.Reason
			}
		})
		Expect(wrong).To(HaveEach(BeEmpty()))
	})
})

var _ = Describe("A program that is odd", waits, Label("programs"), func() {
	It("is blamed for no must", func() {
		needsNamespacesAndPython()
		dir := GinkgoT().TempDir()
		list := variants("odd")
		Expect(list).NotTo(BeEmpty())
		if os.Getenv("GAUNTLET_DEFECTS") == "all" {
			list = onEachWay(list)
		}
		kinds := []string{"driven", "black-box"}
		sideBySide(slices.Concat(list, list), func(i int, v variant) {
			kind := kinds[i/len(list)]
			call := v.certified(dir, kind, "--odd", v.Cases...)
			judged := 0
			for _, r := range call.results() {
				Expect(r.BrokeMust()).To(BeFalse(), "%s, %s %v: %s: %s", v.Name, kind, v.Args, r.ID, r.Reason)
				if r.Status == oracle.Pass {
					judged++
				}
			}
			Expect(judged).To(BeNumerically(">", 0), "%s, %s %v: %s", v.Name, kind, v.Args, call.stdout)
		})
	})
})
