package specs

import (
	"io/fs"
	"os"
	"os/exec"
	"regexp"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/fixtures"
)

// shown is a command in the README, with the exit code that stands beside it.
type shown struct {
	line, code string
}

var (
	shells   = regexp.MustCompile("(?ms)^```sh\n(.*?)^```$")
	endsWith = regexp.MustCompile(`# exit code (\d+)$`)
	leftIn   = regexp.MustCompile(`(?m)^results and histories are in (out/\S+)$`)
)

// shownCommands are those in the README's blocks of shell, in order.
func shownCommands() []shown {
	text, err := os.ReadFile("../README.md")
	if err != nil {
		panic(err) // the tree of specs cannot be built without it
	}
	var list []shown
	for _, block := range shells.FindAllStringSubmatch(string(text), -1) {
		for line := range strings.Lines(block[1]) {
			s := shown{strings.TrimSpace(line), "0"}
			if code := endsWith.FindStringSubmatch(s.line); code != nil {
				s.code = code[1]
			}
			list = append(list, s)
		}
	}
	return list
}

// They stand on one another, so they run in order, where the README says: in
// the top folder. What they leave in out/ is removed.
var _ = Describe("The README", Ordered, func() {
	for _, command := range shownCommands() {
		It("shows what works: "+command.line, func() {
			line := command.line
			if strings.HasPrefix(line, "make ") {
				// `make test` would run this spec again, and `make certify` takes as long
				// as all the specs of cases: that there are such targets has to do.
				line = "make --dry-run " + strings.TrimPrefix(line, "make ")
			}
			call := run("..", exec.Command("sh", "-c", line+"\nexit $?"))
			Expect(call.code).To(Equal(map[string]int{"0": 0, "1": 1, "2": 2, "3": 3}[command.code]), call.stdout+call.stderr)
			if strings.Contains(line, "--out") {
				return // the README goes on with that run, and removes it by itself
			}
			for _, left := range leftIn.FindAllStringSubmatch(call.stdout, -1) {
				Expect(os.RemoveAll("../" + left[1])).To(Succeed())
			}
		})
	}

	It("explains a case as it is written", func() {
		text, err := os.ReadFile("../README.md")
		Expect(err).NotTo(HaveOccurred())
		_, explained, _ := strings.Cut(string(text), "```yaml\n")
		explained, _, _ = strings.Cut(explained, "```")
		written, err := fs.ReadFile(fixtures.Files(), fixtures.Cases+"/cut-message.yaml")
		Expect(err).NotTo(HaveOccurred())
		Expect(withoutComments(explained)).To(Equal(withoutComments(string(written))))
	})
})

var comment = regexp.MustCompile(`(?m)(^|\s+)#.*$\n?`)

func withoutComments(yaml string) []string {
	return strings.Fields(comment.ReplaceAllString(yaml, "\n"))
}
