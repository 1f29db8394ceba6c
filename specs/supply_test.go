//go:build unix

package specs

import (
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// ours are the files of the project whose names fit, from its top. What npm has
// installed is not the project's.
func ours(pattern string) (names []string) {
	GinkgoHelper()
	Expect(fs.WalkDir(os.DirFS(".."), ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() && (e.Name() == "node_modules" || name == "out" || name == ".git") {
			return fs.SkipDir
		}
		if fits, _ := path.Match(pattern, e.Name()); fits && !e.IsDir() {
			names = append(names, name)
		}
		return nil
	})).To(Succeed())
	return names
}

// commandOfAnother is a module that is no more than a command in the place of
// ours, with our Makefile: it takes a second to build.
func commandOfAnother(dir string) {
	GinkgoHelper()
	for name, text := range map[string]string{
		"go.mod":                       "module other\n\ngo 1.25\n",
		"harness/cmd/gauntlet/main.go": "package main\n\nimport \"runtime\"\n\nfunc main() {\n\t_, file, _, _ := runtime.Caller(0)\n\tprintln(file)\n}\n",
		".gitignore":                   "/out/\n",
		"Makefile":                     document("Makefile"),
	} {
		file := filepath.Join(dir, name)
		Expect(os.MkdirAll(filepath.Dir(file), 0o755)).To(Succeed())
		Expect(os.WriteFile(file, []byte(text), 0o644)).To(Succeed())
	}
	git := func(args ...string) {
		call := run(dir, exec.Command("git", append([]string{"-c", "user.name=a", "-c", "user.email=a@b.example", "-c", "commit.gpgsign=false"}, args...)...))
		Expect(call.code).To(BeZero(), call.stderr)
	}
	git("init", "-q")
	git("add", ".")
	git("commit", "-qm", "one")
}

// releases makes a release for one system, without what this machine sets for Go but
// with what else is set.
func releases(dir string, set ...string) (program []byte) {
	GinkgoHelper()
	build := exec.Command("make", "-s", "release", "RELEASES=linux/amd64")
	build.Env = append(append(os.Environ(), "GOENV=off", "GOFLAGS=", "GOPROXY=off", "GOTOOLCHAIN=local"), set...)
	call := run(dir, build)
	Expect(call.code).To(BeZero(), call.stdout+call.stderr)
	sums := run(filepath.Join(dir, "out/release"), exec.Command("sha256sum", "-c", "SHA256SUMS"))
	Expect(sums.stdout).To(Equal("gauntlet-linux-amd64: OK\n"), sums.stderr)
	program, err := os.ReadFile(filepath.Join(dir, "out/release/gauntlet-linux-amd64"))
	Expect(err).NotTo(HaveOccurred())
	return program
}

var _ = Describe("What the project is made with", Label("supply"), func() {
	It("is an action of one commit only, in a workflow that may only read", func() {
		uses := regexp.MustCompile(`(?m)^\s*-?\s*uses:\s*(.*)$`)
		pinned := regexp.MustCompile(`^(\./\S+|[\w./-]+@[0-9a-f]{40} # v\d+(\.\d+)+)$`)
		count := 0
		for _, name := range append(ours("*.yml"), ours("*.yaml")...) {
			if !strings.HasPrefix(name, ".github/") {
				continue
			}
			for _, found := range uses.FindAllStringSubmatch(document(name), -1) {
				count++
				Expect(found[1]).To(MatchRegexp(pinned.String()), name)
			}
			if !strings.HasPrefix(name, ".github/workflows/") {
				continue
			}
			var workflow struct{ Permissions map[string]string }
			Expect(yaml.Unmarshal([]byte(document(name)), &workflow)).To(Succeed(), name)
			Expect(workflow.Permissions).To(Equal(map[string]string{"contents": "read"}), name)
		}
		Expect(count).To(BeNumerically(">=", 4))
	})

	It("is a tool of one version only", func() {
		for _, name := range []string{"Makefile", ".ci/run", ".ci/deps"} {
			for _, tool := range regexp.MustCompile(`[\w./-]+\.[a-z]+/[\w./-]+@\S*`).FindAllString(document(name), -1) {
				Expect(tool).To(MatchRegexp(`@v\d+\.\d+\.\d+$`), name)
			}
			Expect(document(name)).NotTo(MatchRegexp(`npm i(nstall)? |pip3? install |@latest`), name)
		}
		Expect(document("Makefile")).To(MatchRegexp(`(?m)^sbom:(.*\n)+?\t.*\$\(CYCLONEDX\) app .*-main harness/cmd/gauntlet`))
	})

	It("is asked for anew each week, all of it", func() {
		var bot struct {
			Updates []struct {
				Ecosystem string `yaml:"package-ecosystem"`
				Directory string
			}
		}
		Expect(yaml.Unmarshal([]byte(document(".github/dependabot.yml")), &bot)).To(Succeed())
		var watched []string
		for _, u := range bot.Updates {
			watched = append(watched, u.Ecosystem+" "+u.Directory)
		}
		want := []string{"github-actions /"} // the workflows
		for pattern, ecosystem := range map[string]string{
			"go.mod": "gomod", "package.json": "npm", "Dockerfile": "docker", "compose.yaml": "docker-compose", "action.yml": "github-actions",
		} {
			for _, name := range ours(pattern) {
				want = append(want, ecosystem+" "+path.Join("/", path.Dir(name)))
			}
		}
		Expect(watched).To(ConsistOf(want))
	})

	It("and who finds a weakness knows whom to tell", func() {
		Expect(document(".github/SECURITY.md")).To(And(ContainSubstring("Report a weakness in private"), ContainSubstring("go version -m")))
	})

	It("gives the same bytes wherever it is released, and these say of which commit they are", func() {
		one, other := filepath.Join(GinkgoT().TempDir(), "one"), filepath.Join(GinkgoT().TempDir(), "another place")
		commandOfAnother(one)
		clone := run(".", exec.Command("git", "clone", "-q", one, other))
		Expect(clone.code).To(BeZero(), clone.stderr)
		program := releases(one)
		Expect(releases(other)).To(Equal(program), "the same commit, elsewhere")

		commit := strings.TrimSpace(run(one, exec.Command("git", "rev-parse", "HEAD")).stdout)
		made := run(one, exec.Command("go", "version", "-m", "out/release/gauntlet-linux-amd64")).stdout
		Expect(made).To(And(ContainSubstring("vcs.revision="+commit), ContainSubstring("vcs.modified=false"), ContainSubstring("-trimpath=true"), ContainSubstring("CGO_ENABLED=0")))

		linked := filepath.Join(GinkgoT().TempDir(), "linked")
		Expect(run(one, exec.Command("git", "worktree", "add", "-q", linked)).code).To(BeZero())
		Expect(releases(linked)).To(Equal(program), "Go itself stamps nothing there")

		for _, name := range []string{"untracked.go", "ignored.go"} {
			Expect(os.WriteFile(filepath.Join(other, "harness/cmd/gauntlet", name), []byte("package main\n\nfunc init() { println(1) }\n"), 0o600)).To(Succeed())
		}
		Expect(os.WriteFile(filepath.Join(other, ".git/info/exclude"), []byte("ignored.go\n"), 0o600)).To(Succeed())
		Expect(releases(other, "GOFLAGS=-tags=other -gcflags=-N", "GOAMD64=v3", "GOEXPERIMENT=nogreenteagc")).To(Equal(program), "with what is no part of the commit")

		Expect(os.WriteFile(filepath.Join(other, "go.mod"), []byte("module changed\n\ngo 1.25\n"), 0o600)).To(Succeed())
		Expect(run(other, exec.Command("make", "-s", "release")).stdout).To(HavePrefix("commit first"))
	})
})
