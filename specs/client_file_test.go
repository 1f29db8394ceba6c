package specs

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"

	"github.com/goccy/go-yaml"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/harness/run/adapter/child"
)

// clientFile writes the file of a client that the test binary is.
func clientFile(dir, name string, change ...string) string {
	GinkgoHelper()
	text := strings.NewReplacer(change...).Replace(`name: ` + name + `
command: ["` + testBinary() + `", "{{.Proxy}}"]
environment: {` + animalVariable + `: ` + name + `}
mode: driven
`)
	file := filepath.Join(dir, name+".yaml")
	Expect(os.WriteFile(file, []byte(text), 0o600)).To(Succeed())
	return file
}

func testBinary() string {
	GinkgoHelper()
	path, err := os.Executable()
	Expect(err).NotTo(HaveOccurred())
	return path
}

var _ = Describe("The file of a client", func() {
	entries := func(list ...[]any) []any {
		var out []any
		for _, e := range list {
			out = append(out, Entry(e[0], e[1:]...))
		}
		return out
	}

	DescribeTable("is taken or refused alike by its schema and by us", append([]any{func(from, to string, sound bool) {
		file := clientFile(GinkgoT().TempDir(), "tame", from, to)
		text, err := os.ReadFile(file)
		Expect(err).NotTo(HaveOccurred())
		asJSON, err := yaml.YAMLToJSON(text)
		Expect(err).NotTo(HaveOccurred())
		var value any
		Expect(json.Unmarshal(asJSON, &value)).To(Succeed())
		_, loaded := child.Load(file)
		if sound {
			Expect(loaded).NotTo(HaveOccurred())
			Expect(schema("client").Validate(value)).To(Succeed())
			return
		}
		Expect(loaded).To(HaveOccurred())
		Expect(schema("client").Validate(value)).NotTo(Succeed())
	}}, entries(
		[]any{"the simple case", "", "", true},
		[]any{"all keys", "mode: driven", "mode: black-box\nsupports: [invited]\npace: 2s\nknown: [{case: a, reason: b, flaky: true}]", true},
		[]any{"an unknown key", "mode:", "mood:", false},
		[]any{"an unknown mode", "driven", "steered", false},
		[]any{"an unknown placeholder", "{{.Proxy}}", "{{.Proxies}}", false},
		[]any{"an unknown ability", "mode: driven", "mode: driven\nsupports: [flying]", false},
		[]any{"a pace that is none", "mode: driven", "mode: driven\npace: slow", false},
		[]any{"a known failure without a reason", "mode: driven", "mode: driven\nknown: [{case: a}]", false},
		[]any{"no command", "command:", "# ", false},
	)...)...)

	It("with a mistake runs nothing, and is one line with its place", func() {
		dir := GinkgoT().TempDir()
		Expect(gauntlet("certify", "--client", clientFile(dir, "tame", "mode:", "mood:")).complaint()).To(
			And(HavePrefix(filepath.Join(dir, "tame.yaml")+":4:1: "), ContainSubstring("mood"), ContainSubstring("allowed: ")))
	})

	It("has a name that no other client of the call has", func() {
		dir := GinkgoT().TempDir()
		one := clientFile(dir, "tame")
		other := clientFile(dir, "other", "name: other", "name: tame")
		Expect(gauntlet("certify", "--client", one, "--client", other).complaint()).To(
			Equal(`two clients are named "tame": ` + one + ` and ` + other + `; give one of them another name`))
	})

	It("is of a program, which runs in real time", func() {
		file := clientFile(GinkgoT().TempDir(), "tame")
		Expect(gauntlet("certify", "--client", file, "--mode", "virtual").complaint()).To(ContainSubstring("say --mode netns or --mode loopback"))
	})
})
