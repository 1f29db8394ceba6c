package specs

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"gauntlet/fixtures"
	"gauntlet/harness/judge/history"
)

// schema is one of the schemas in fixtures/schemas.
func schema(name string) *jsonschema.Schema {
	GinkgoHelper()
	text, err := fixtures.Schema(name)
	Expect(err).NotTo(HaveOccurred())
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	Expect(err).NotTo(HaveOccurred())
	compiler := jsonschema.NewCompiler()
	Expect(compiler.AddResource(name, document)).To(Succeed())
	return compiler.MustCompile(name)
}

// follow holds a JSON text to a schema.
func follow(s *jsonschema.Schema, text []byte, what string) {
	GinkgoHelper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	Expect(err).NotTo(HaveOccurred(), what)
	if err := s.Validate(value); err != nil { // Gomega would print the schema's innards
		Fail(fmt.Sprintf("%s: %v", what, err))
	}
}

var _ = Describe("What the command leaves for machines", func() {
	var run called
	var dir string

	BeforeEach(func() {
		work := GinkgoT().TempDir()
		dir = filepath.Join(work, "results")
		run = gauntletIn(work, "certify", "--json", "--out", dir, "--case", "control-*", "--case", "cut-message-middle-*")
		Expect(run.code).To(Equal(0), run.stderr)
		Expect(run.stderr).To(BeEmpty())
	})

	It("is on stdout an array of results after their schema", func() {
		var list []json.RawMessage
		Expect(json.Unmarshal([]byte(run.stdout), &list)).To(Succeed())
		Expect(len(list)).To(BeNumerically(">=", 9))
		for _, result := range list {
			follow(schema("result"), result, string(result))
		}
	})

	It("is in the run directory a result and a history after their schemas for each case and control", func() {
		for _, kind := range []string{"cases", "controls"} {
			stored, err := filepath.Glob(filepath.Join(dir, kind, "*"))
			Expect(err).NotTo(HaveOccurred())
			Expect(stored).NotTo(BeEmpty(), kind)
			for _, folder := range stored {
				text, err := os.ReadFile(filepath.Join(folder, "result.json"))
				Expect(err).NotTo(HaveOccurred())
				follow(schema("result"), text, folder)
				followEachLine(schema("history"), filepath.Join(folder, "history.jsonl"))
			}
		}
	})

	It("says in a history which run it was, and by which Gauntlet", func() {
		meta, events := storedHistory(filepath.Join(dir, "cases", "control-direct"))
		Expect(meta.Case).To(Equal("control-direct"))
		Expect(meta.Mode).To(Equal("virtual"))
		Expect(meta.Client).To(Equal("built-in"))
		Expect(meta.Harness).NotTo(BeEmpty())
		Expect(events).NotTo(BeEmpty())
	})

	It("sums the run up in run.json", func() {
		text, err := os.ReadFile(filepath.Join(dir, "run.json"))
		Expect(err).NotTo(HaveOccurred())
		var summary struct {
			Client string
			Exit   int
			Counts map[string]int
			Cases  []string
		}
		Expect(json.Unmarshal(text, &summary)).To(Succeed())
		Expect(summary.Client).To(Equal("built-in"))
		Expect(summary.Exit).To(Equal(0))
		Expect(summary.Counts).To(Equal(map[string]int{"Pass": len(run.results())}))
		Expect(summary.Cases).To(ContainElement("control-direct"))
	})
})

func followEachLine(s *jsonschema.Schema, file string) {
	GinkgoHelper()
	text, err := os.ReadFile(file)
	Expect(err).NotTo(HaveOccurred())
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, len(text))
	for lines.Scan() {
		follow(s, lines.Bytes(), file)
	}
	Expect(lines.Err()).NotTo(HaveOccurred())
}

// storedHistory reads the history of a finished case, which fails unless it is
// whole.
func storedHistory(folder string) (history.Meta, []history.Event) {
	GinkgoHelper()
	text, err := os.ReadFile(filepath.Join(folder, "history.jsonl"))
	Expect(err).NotTo(HaveOccurred())
	meta, events, err := history.Read(strings.NewReader(string(text)))
	Expect(err).NotTo(HaveOccurred())
	return meta, events
}
