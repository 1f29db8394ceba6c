package specs

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/harness/run/rig"
)

// The specs of the command run the real program. One process of the suite
// builds it; command is where it then lies for all of them.
var command string

var _ = SynchronizedBeforeSuite(func() []byte {
	folder, err := os.MkdirTemp("", "gauntlet the command ") // with spaces: what is printed has to be quoted
	Expect(err).NotTo(HaveOccurred())
	linkPython(filepath.Join(folder, "python"))
	program := filepath.Join(folder, "gauntlet.exe")
	build := exec.Command("go", "build", "-ldflags=-w", "-o", program, "gauntlet/harness/cmd/gauntlet")
	build.Env = append(os.Environ(), "CGO_ENABLED=0") // static, as the README builds it
	out, err := build.CombinedOutput()
	Expect(err).NotTo(HaveOccurred(), string(out))
	return []byte(program)
}, func(program []byte) {
	command = string(program)
	python := filepath.Join(filepath.Dir(command), "python")
	Expect(os.Setenv("PATH", python+string(filepath.ListSeparator)+os.Getenv("PATH"))).To(Succeed())
})

var _ = SynchronizedAfterSuite(func() {}, func() {
	_ = os.RemoveAll(filepath.Dir(command)) // a folder of the system's for such things
})

// called is what came of a call of the command.
type called struct {
	dir            string // where it was called, empty before
	stdout, stderr string
	code           int
}

// gauntlet calls the command in a folder of its own.
func gauntlet(args ...string) called {
	GinkgoHelper()
	return gauntletIn(GinkgoT().TempDir(), args...)
}

func gauntletIn(dir string, args ...string) called {
	GinkgoHelper()
	return run(dir, exec.Command(command, args...))
}

func run(dir string, cmd *exec.Cmd) called {
	GinkgoHelper()
	var stdout, stderr bytes.Buffer
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &stdout, &stderr
	var failed *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &failed) {
		Expect(err).NotTo(HaveOccurred())
	}
	return called{dir, stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

// results are those that a call with --json printed.
func (c called) results() []rig.Result {
	GinkgoHelper()
	var list []rig.Result
	Expect(json.Unmarshal([]byte(c.stdout), &list)).To(Succeed(), c.stderr)
	return list
}

// complaint is the one line that a refused call says. Such a call runs nothing,
// and so leaves nothing behind.
func (c called) complaint() string {
	GinkgoHelper()
	Expect(c.code).To(Equal(2), c.stdout+c.stderr)
	Expect(c.stdout).To(BeEmpty())
	Expect(filepath.Join(c.dir, "out")).NotTo(BeADirectory())
	Expect(strings.Count(c.stderr, "\n")).To(Equal(1), c.stderr)
	Expect(c.stderr).To(HavePrefix("gauntlet: "))
	return strings.TrimSuffix(strings.TrimPrefix(c.stderr, "gauntlet: "), "\n")
}

// caseFile writes a case file into a folder.
func caseFile(dir, text string) string {
	GinkgoHelper()
	name := filepath.Join(dir, "cases.yaml")
	Expect(os.WriteFile(name, []byte(text), 0o600)).To(Succeed())
	return name
}

// twoCases are cases without controls: a client that misbehaves once it is
// signed in is well in the first, and shows itself in the second.
const twoCases = `
id: well
title: signs in, and that is all
why: many a client is well as long as nothing is asked of it
proves: [command.carried-out]
chain: []
workload: [sign in, stay 5s]
---
id: wild
title: chats
why: here the client has to do something
proves: [command.carried-out]
chain: []
workload: chat
`

// soonEnough bounds what a spec waits for on a busy machine.
const soonEnough = 30 * time.Second
