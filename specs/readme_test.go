package specs

import (
	"debug/elf"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/fixtures"
	"gauntlet/harness/run/adapter/child"
)

// documents are what is written for people. They stand in the order in which
// their commands are run: all need the program that the README's build.
func documents() []string {
	return []string{
		"README.md", "harness/README.md", "harness/run/README.md", "proxies/README.md", "harness/report/README.md",
		"fixtures/clients/README.md", "harness/lab/README.md", ".github/CONTRIBUTING.md", ".github/SECURITY.md",
	}
}

// document returns the text of one of them.
func document(name string) string {
	text, err := os.ReadFile("../" + name)
	if err != nil {
		panic(err) // the tree of specs cannot be built without it
	}
	return string(text)
}

var (
	fences     = regexp.MustCompile("(?ms)^```(\\w+)\n(.*?)^```$")
	endsWith   = regexp.MustCompile(`\s+# exit code (\d+)$`)
	remark     = regexp.MustCompile(`\s+# .*$`)
	lasting    = regexp.MustCompile(`# (takes a minute|takes minutes|until Ctrl-C)\b`)
	ofCases    = regexp.MustCompile(`--case (\S+)`)
	leftIn     = regexp.MustCompile(`(?m)^results and histories are in (out/\S+)$`)
	inCommand  = regexp.MustCompile("its command: `(\\[./mine, .*\\])`")
	firstLine  = regexp.MustCompile(`(?m)^./bin/gauntlet (certify --client mine.yaml --case \S+) +# takes a minute$`)
	forSeconds = regexp.MustCompile(`--for \d+s\b`)
	links      = regexp.MustCompile(`\]\(([^):]+)\)`)
)

// fenced are the blocks of one language in a document.
func fenced(text, language string) (blocks []string) {
	for _, found := range fences.FindAllStringSubmatch(text, -1) {
		if found[1] == language {
			blocks = append(blocks, found[2])
		}
	}
	return blocks
}

// shown is a command in a document, with the exit code that stands beside it and
// what it is said to print.
type shown struct {
	line, code string
	prints     []string
}

func newShown(line string) shown {
	s := shown{line: strings.TrimSpace(line), code: "0"}
	if code := endsWith.FindStringSubmatch(s.line); code != nil {
		s.code = code[1]
	}
	return s
}

// shownCommands are those in a document's blocks of shell, then those in its
// pictures of a terminal.
func shownCommands(text string) (list []shown) {
	for _, block := range fenced(text, "sh") {
		for line := range strings.Lines(block) {
			list = append(list, newShown(line))
		}
	}
	for _, block := range fenced(text, "console") {
		line, prints, _ := strings.Cut(strings.TrimPrefix(block, "$ "), "\n")
		s := newShown(line)
		s.prints = strings.Split(strings.TrimSpace(prints), "\n")
		list = append(list, s)
	}
	return list
}

// cheaply is the line as it is run here. What takes long or does not end is
// only checked: that the command knows all that the line asks of it.
func (s shown) cheaply() string {
	bare := remark.ReplaceAllString(s.line, "")
	switch {
	case strings.HasPrefix(s.line, "make "):
		// `make test` would run this spec again, and `make certify` takes as long as
		// all the specs of cases: that there are such targets has to do.
		return "make --dry-run " + strings.TrimPrefix(bare, "make ")
	case lasting.MatchString(s.line) && strings.HasPrefix(s.line, "./bin/gauntlet "):
		if wanted := ofCases.FindStringSubmatch(bare); wanted != nil { // are there such cases?
			return "./bin/gauntlet list " + wanted[1] + " && " + bare + " --help"
		}
		return bare + " --help"
	case lasting.MatchString(s.line):
		return "bash -n " + bare
	}
	return forSeconds.ReplaceAllString(bare, "--for 1s") // it ends by itself then, too
}

// missing returns the first line of the picture that is not printed, in its order; "" if
// all are. "…" stands for what is left out, whole lines or the end of one.
func (s shown) missing(printed string) string {
	lines := strings.Split(printed, "\n")
	for _, want := range s.prints {
		if want == "…" {
			continue
		}
		at := -1
		start, open := strings.CutSuffix(want, "…")
		for i, line := range lines {
			line = strings.TrimRight(line, " ")
			if line == want || open && strings.HasPrefix(line, start) {
				at = i
				break
			}
		}
		if at < 0 {
			return want
		}
		lines = lines[at+1:]
	}
	return ""
}

// The commands stand on one another, so they run in order, where the documents
// say: in the top folder. What they leave in out/ is removed.
var _ = Describe("The documents", Ordered, waits, func() {
	var somebody *newcomer

	BeforeAll(func() {
		// The suite's is what the README builds: to link it once more shows nothing.
		Expect(os.MkdirAll("../bin", 0o755)).To(Succeed())
		copied := run("..", exec.Command("cp", command, "bin/gauntlet"))
		Expect(copied.code).To(BeZero(), copied.stderr)
		_, perl := exec.LookPath("perl")
		if _, c := exec.LookPath("cc"); perl == nil && c == nil {
			somebody = begins()
		}
	})

	for _, name := range documents() {
		for _, command := range shownCommands(document(name)) {
			It(fmt.Sprintf("%s shows what works: %s", name, command.line), func() {
				line := command.cheaply()
				call := run("..", exec.Command("sh", "-c", line+"\nexit $?"))
				Expect(fmt.Sprint(call.code)).To(Equal(command.code), call.stdout+call.stderr)
				Expect(command.missing(call.stdout)).To(BeEmpty(), call.stdout)
				if strings.Contains(line, "--out") {
					return // the document goes on with that run, and removes it by itself
				}
				for _, left := range leftIn.FindAllStringSubmatch(call.stdout, -1) {
					Expect(os.RemoveAll("../" + left[1])).To(Succeed())
				}
			})
		}
	}

	It("build a program that needs no library", func() {
		skipUnless(runtime.GOOS == "linux", "what is built is a program for Linux only here")
		program, err := elf.Open("../bin/gauntlet")
		Expect(err).NotTo(HaveOccurred())
		defer program.Close()
		Expect(program.ImportedLibraries()).To(BeEmpty())
	})

	It("show a client's file, commands and a workflow that work, with one case in place of all", func() {
		skipUnless(somebody != nil, "perl and a compiler for C are not here: make deps installs them")
		Eventually(somebody.done, "5m").Should(BeClosed())
		for _, call := range somebody.workflow {
			Expect(call.code).To(BeZero(), call.stdout+call.stderr)
		}
		Expect(filepath.Join(somebody.dir, "gauntlet-run/report.html")).To(BeARegularFile())
		Expect(filepath.Join(somebody.dir, "gauntlet.xml")).To(BeARegularFile())
	})

	It("lead a client in C to its verdicts, and name its one mistake once", func() {
		skipUnless(somebody != nil, "perl and a compiler for C are not here: make deps installs them")
		Eventually(somebody.done, "5m").Should(BeClosed())
		first := somebody.first
		Expect(first.code).To(Equal(1), first.stdout+first.stderr)
		Expect(first.stdout).To(And(
			HavePrefix("self-check: mine reaches the gateway, and polls every "),
			MatchRegexp(`(?m)^Pass +cut-poll-soon +hop 0: on NS poll 2, idle 500ms: reset`),
			ContainSubstring("\nFail  since undisturbed: close.says-out (must, S51); 1 case stands on it\n"),
			ContainSubstring("\n1 case: 1 Pass\n"),
		))
		Expect(strings.Count(first.stdout, "\nFail ")).To(Equal(1))
	})
})

// newcomer is somebody who has only the README, and clients in languages that have no
// example.
type newcomer struct {
	dir      string        // with the client in Perl, and Gauntlet beside it
	workflow []called      // the lines of the README's workflow
	first    called        // the README's first command for a client, with the one in C
	done     chan struct{} // closed when all of that has ended
}

// begins does what the README says. It mostly waits, and so goes on while the
// documents' other commands run.
func begins() *newcomer {
	GinkgoHelper()
	n := &newcomer{dir: GinkgoT().TempDir(), done: make(chan struct{})}
	program, err := os.ReadFile("../.ci/newcomer.pl")
	Expect(err).NotTo(HaveOccurred())
	Expect(os.WriteFile(filepath.Join(n.dir, "mine.pl"), program, 0o644)).To(Succeed())
	Expect(os.WriteFile(filepath.Join(n.dir, "mine.yaml"), []byte(fenced(document("README.md"), "yaml")[0]), 0o644)).To(Succeed())
	top, err := filepath.Abs("..")
	Expect(err).NotTo(HaveOccurred())
	Expect(os.Symlink(top, filepath.Join(n.dir, "gauntlet"))).To(Succeed())
	lines := workflowLines(fenced(document("README.md"), "yaml")[1])
	Expect(lines).To(HaveLen(3))
	inC := GinkgoT().TempDir()
	first := firstCommand(inC, top)
	DeferCleanup(func() { <-n.done }) // the directories go after it
	go func() {
		defer GinkgoRecover()
		defer close(n.done)
		var all sync.WaitGroup
		all.Go(func() {
			defer GinkgoRecover()
			n.first = run(inC, first)
		})
		n.follows(lines)
		all.Wait()
	}()
	return n
}

// firstCommand is the README's first command for a client, for one in C that only
// connects, with a file as the README has it in that directory.
func firstCommand(dir, top string) *exec.Cmd {
	GinkgoHelper()
	build := run(top, exec.Command("cc", "-o", filepath.Join(dir, "mine"), ".ci/newcomer.c", "-lm"))
	Expect(build.code).To(BeZero(), build.stderr)
	command := inCommand.FindStringSubmatch(document("README.md"))
	first := firstLine.FindStringSubmatch(document("README.md"))
	Expect([][]string{command, first}).To(HaveEach(HaveLen(2)))
	file := "name: mine\nmode: black-box\ncommand: " + command[1] + "\n"
	Expect(os.WriteFile(filepath.Join(dir, "mine.yaml"), []byte(file), 0o644)).To(Succeed())
	return exec.Command(filepath.Join(top, "bin/gauntlet"), strings.Fields(first[1])...)
}

// follows runs the lines of a workflow, with one case in place of all.
func (n *newcomer) follows(lines []string) {
	GinkgoHelper()
	for _, line := range lines {
		if strings.HasPrefix(line, "sudo ") {
			continue // about the machine of CI, not about us
		}
		if strings.Contains(line, " certify ") {
			line += " --case control-forward-8080"
		}
		n.workflow = append(n.workflow, run(n.dir, exec.Command("sh", "-c", line)))
	}
}

// workflowLines are the commands of the steps of a workflow's only job.
func workflowLines(text string) (lines []string) {
	GinkgoHelper()
	var workflow struct {
		Jobs map[string]struct {
			Steps []struct{ Run string }
		}
	}
	Expect(yaml.Unmarshal([]byte(text), &workflow)).To(Succeed())
	Expect(workflow.Jobs).To(HaveLen(1))
	for _, job := range workflow.Jobs {
		for _, step := range job.Steps {
			if step.Run != "" {
				lines = append(lines, step.Run)
			}
		}
	}
	return lines
}

var _ = Describe("What the documents say", func() {
	It("begins with a README of at most 200 lines", func() {
		Expect(strings.Count(document("README.md"), "\n")).To(BeNumerically("<=", 200))
	})

	It("leads only to what is there", func() {
		for _, name := range documents() {
			for _, link := range links.FindAllStringSubmatch(document(name), -1) {
				_, err := os.Stat(filepath.Join("..", filepath.Dir(name), link[1]))
				Expect(err).NotTo(HaveOccurred(), "%s: %s", name, link[1])
			}
		}
	})

	It("has every document of the tree in it", func() {
		var found []string
		Expect(filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
			if err == nil && entry.IsDir() && (entry.Name() == "out" || entry.Name() == "bin" || entry.Name() == ".git" || entry.Name() == "node_modules") {
				return filepath.SkipDir
			}
			if strings.HasSuffix(path, ".md") {
				found = append(found, filepath.ToSlash(strings.TrimPrefix(path, ".."+string(filepath.Separator))))
			}
			return err
		})).To(Succeed())
		Expect(found).To(ConsistOf(documents()))
	})

	It("explains a case as it is written", func() {
		explained := fenced(document("harness/run/README.md"), "yaml")[0]
		written, err := fs.ReadFile(fixtures.Files(), fixtures.Cases+"/cut-message.yaml")
		Expect(err).NotTo(HaveOccurred())
		Expect(withoutComments(explained)).To(Equal(withoutComments(string(written))))
	})

	It("shows a client's file with all that one can have", func() {
		text := document("fixtures/clients/README.md")
		file := filepath.Join(GinkgoT().TempDir(), "mine.yaml")
		Expect(os.WriteFile(file, []byte(fenced(text, "yaml")[0]), 0o644)).To(Succeed())
		_, err := child.Load(file)
		Expect(err).NotTo(HaveOccurred())

		var schema struct {
			Properties map[string]any
			Defs       map[string]struct{ Pattern string } `json:"$defs"`
		}
		schemaText, err := fs.ReadFile(fixtures.Files(), "schemas/client.schema.json")
		Expect(err).NotTo(HaveOccurred())
		Expect(yaml.UnmarshalWithOptions(schemaText, &schema, yaml.UseJSONUnmarshaler())).To(Succeed())
		Expect(schema.Properties).NotTo(BeEmpty())
		for key := range schema.Properties {
			Expect(fenced(text, "yaml")[0]).To(MatchRegexp(`(?m)^%s:`, key))
		}
		_, words, found := strings.Cut(schema.Defs["filled"].Pattern, `\{\{\.(`)
		Expect(found).To(BeTrue())
		words, _, _ = strings.Cut(words, ")")
		for word := range strings.SplitSeq(words, "|") {
			Expect(text).To(ContainSubstring("`{{." + word + "}}`"))
		}
	})

	It("shows of the code for Go what stands in the whole of it", func() {
		Expect(document("harness/README.md")).To(ContainSubstring(fenced(document("README.md"), "go")[0]))
	})
})

var comment = regexp.MustCompile(`(?m)(^|\s+)#.*$\n?`)

func withoutComments(yaml string) []string {
	return strings.Fields(comment.ReplaceAllString(yaml, "\n"))
}
