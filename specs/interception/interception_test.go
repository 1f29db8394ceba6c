// Package interception is what Gauntlet promises of real interception: in
// namespaces, by the kernel's own redirects, in real time. The suite runs in
// namespaces itself, for which its program starts itself again.
package interception

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/harness/msn/servers"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/rig"
	"gauntlet/proxies/netns"
)

func TestMain(m *testing.M) {
	if err := netns.PlayRole(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	if missing = impossible(); missing != nil || netns.Inside() {
		os.Exit(m.Run())
	}
	code, err := netns.Reexec(context.Background())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 2
	}
	os.Exit(code)
}

// missing is what this machine lacks.
var missing error

func impossible() error {
	if netns.Inside() {
		return nil
	}
	return rig.CheckMode(context.Background(), rig.Netns)
}

func TestInterception(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "Real interception")
}

// Where it is not possible a spec says so; where nothing may be skipped it fails.
var _ = BeforeEach(func() {
	if missing == nil {
		return
	}
	if os.Getenv("GAUNTLET_NO_SKIP") != "" {
		Fail(missing.Error() + " (and nothing may be skipped here)")
	}
	Skip(missing.Error())
})

// command is the program, built once; it lies where everybody may run it.
var command string

var _ = BeforeSuite(func() {
	if missing != nil {
		return
	}
	command = filepath.Join(folder(), "gauntlet.exe")
	out, err := exec.Command("go", "build", "-ldflags=-w", "-o", command, "gauntlet/harness/cmd/gauntlet").CombinedOutput()
	Expect(err).NotTo(HaveOccurred(), string(out))
})

// folder is one that everybody may enter, for as long as a spec or the suite
// runs. It lies where a program that goes into namespaces of its own sees it: the
// temporary files of such a program are its own.
func folder() string {
	GinkgoHelper()
	dir, err := os.MkdirTemp("/tmp", "gauntlet-")
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(os.RemoveAll, dir)
	Expect(os.Chmod(dir, 0o755)).To(Succeed())
	return dir
}

// outside is the environment of a program that does not know of our namespaces.
func outside() []string {
	return slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "GAUNTLET_NAMESPACES=") })
}

// short is a case of a few seconds, with these lines of its own.
func short(lines string) string {
	return `
id: short
title: signs in, talks and leaves
why: enough to see the way that it takes
proves: [command.carried-out]
gateway: {dialect: documented, think: 50ms}
` + lines
}

func parsed(text string) catalogue.Case {
	GinkgoHelper()
	files := fstest.MapFS{"cases/short.yaml": {Data: []byte(text)}}
	cases, err := catalogue.Load(files, "cases", servers.Vocabulary(nil))
	Expect(err).NotTo(HaveOccurred())
	return cases[0]
}
