package specs

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/run/rig"
	"gauntlet/proxies/external"
)

// signIn is one way in which libpurple signs in, by what the Python client is
// told.
type signIn struct {
	name  string
	words []string
	cases string
	both  bool // it goes on plain loopback, too
	// by whom it was called: in namespaces and on loopback.
	apart, plain called
}

// aChatBehind is a chat behind one chain, with a fault or none.
func aChatBehind(id, chain, fault string) string {
	faults := ""
	if fault != "" {
		faults = fmt.Sprintf("faults: [%q]\n", "hop 0: on request 1, answer: "+fault+", until 1h")
	}
	return "---\nid: " + id + "\ntitle: it signs in, chats, and leaves\nwhy: this is what people do with it\n" +
		"proves: [command.carried-out, answer.delivered]\nchain: [" + chain + "]\n" + faults +
		"workload: [sign in, open chat, send 1 messages, hear 1 messages, leave chat, sign out]\n"
}

var _ = Describe("The Python client signs in as libpurple does", Ordered, ContinueOnFailure, waits, Label("login", "programs"), func() {
	const (
		braced   = "{" + bareMachine + "}"
		tunnel   = "forward port 8080"
		newBook  = "--contacts=local-bay.contacts.msn.com"
		oldBook  = "--contacts=omega.contacts.msn.com"
		anyBook  = "--contacts=some-other.contacts.msn.com"
		machined = "--machine="
	)
	// By what name the services are found is the same for all: one way has both.
	usual := aChatBehind("by-connect", tunnel, "")
	named := aChatBehind("by-name", "", "")
	faulty := named + aChatBehind("http10", tunnel, "http1.0") + aChatBehind("chunked", tunnel, "chunked") + aChatBehind("continue", tunnel, "continue")
	ways := []*signIn{
		{name: "MSNP15, of before the machine had a name", words: []string{"--version=MSNP15", oldBook}, cases: usual},
		{name: "MSNP18, the machine bare, of 2.7.0", words: []string{"--version=MSNP18", oldBook, machined + bareMachine}, cases: usual},
		{name: "MSNP18, the machine bare, of 2.10.6", words: []string{"--version=MSNP18", newBook, machined + bareMachine}, cases: usual + faulty, both: true},
		{name: "MSNP18, the machine in braces", words: []string{"--version=MSNP18", newBook, machined + braced}, cases: usual},
		{name: "MSNP18, the book at a name that nobody has seen", words: []string{"--version=MSNP18", anyBook, machined + bareMachine}, cases: usual},
	}

	BeforeAll(func() {
		python, err := exec.LookPath("python3")
		skipUnless(err == nil, "python3 is not here: make deps installs it")
		apart := rig.CheckMode(context.Background(), rig.Netns) == nil
		program, err := filepath.Abs("../fixtures/clients/python/driven.py")
		Expect(err).NotTo(HaveOccurred())
		var all sync.WaitGroup
		for _, w := range ways {
			dir := GinkgoT().TempDir()
			file := filepath.Join(dir, "purple.yaml")
			quoted, err := json.Marshal(append([]string{python, program, "--ca={{.CA}}"}, w.words...)) // JSON is YAML
			Expect(err).NotTo(HaveOccurred())
			Expect(os.WriteFile(file, []byte("name: purple\nmode: driven\ncommand: "+string(quoted)+"\n"), 0o600)).To(Succeed())
			certify := func(call *called, cases string, args ...string) {
				args = append([]string{"certify", "--json", "--client", file, "--file", caseFile(GinkgoT().TempDir(), cases)}, args...)
				all.Go(func() {
					defer GinkgoRecover()
					*call = gauntletIn(dir, args...)
				})
			}
			// What a way says to the services is the same in both. Only in namespaces
			// the client itself has to find them by their names.
			switch plainly := []string{"--no-namespace", "--out", filepath.Join(dir, "plain")}; {
			case !apart:
				certify(&w.plain, w.cases, plainly...)
			case w.both:
				certify(&w.plain, usual+named, plainly...)
			}
			if apart {
				certify(&w.apart, w.cases, "--out", filepath.Join(dir, "apart"))
			}
		}
		all.Wait()
	})

	for _, w := range ways {
		It(w.name, func() {
			if w.plain.dir != "" {
				w.plain.passedPlainly()
			}
			skipUnless(w.apart.stdout != "", "the rest needs namespaces of its own")
			Expect(w.apart.code).To(BeZero(), w.apart.stdout+w.apart.stderr)
			Expect(w.apart.results()).To(HaveEach(And(HaveField("Mode", rig.Netns), HaveField("Status", oracle.Pass))))
		})
	}
})

// passedPlainly is what is to be seen on loopback, where only proxies know names.
func (c called) passedPlainly() {
	GinkgoHelper()
	Expect(c.code).To(BeZero(), c.stdout+c.stderr)
	for _, r := range c.results() {
		want := oracle.Pass
		if r.ID == "by-name" {
			want = oracle.NotApplicable
		}
		Expect(r.Status).To(Equal(want), r.ID+": "+r.Reason)
	}
}

var _ = Describe("The Python client as libpurple", waits, long, Label("login", "programs", "products"), func() {
	for _, p := range []external.Product{external.Products()["squid"], external.Products()["tinyproxy"], external.Products()["privoxy"]} {
		It("through a real proxy that makes tunnels: "+p.Name, func() {
			needs(p)
			dir := GinkgoT().TempDir()
			call := gauntletIn(".", "certify", "--json", "--mode", "loopback", "--box", p.Name, "--client", "../fixtures/clients/python/libpurple.yaml",
				"--file", caseFile(dir, aChatBehind("by-connect", "forward port 8080", "")), "--out", filepath.Join(dir, "out"))
			Expect(call.code).To(BeZero(), call.stdout+call.stderr)
			Expect(call.results()).To(HaveEach(HaveField("Status", oracle.Pass)))
		})
	}
})
