//go:build unix

package specs

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// benchRun is a quick run of the benchmarks: the table that it printed, and the
// folder of its files. The figures themselves say nothing here.
type benchRun struct {
	table, dir string
}

// benchmarks runs them, so that every row is made and few turns are taken.
func benchmarks() benchRun {
	GinkgoHelper()
	out := filepath.Join(GinkgoT().TempDir(), "out")
	called := run("", exec.Command("go", "run", "gauntlet/specs/bench", "--quick", "--gauntlet", command, "--out", out)) // keeps what it links, which go build does not
	Expect(called.code).To(BeZero(), called.stderr)
	return benchRun{called.stdout, out}
}

// benchLine is a line of Go's benchmarks: name, count, figures with units.
var benchLine = regexp.MustCompile(`^Benchmark(\S+)-\d+\s+\d+((?:\s+\S+ \S+)+)$`)

// rows are a table's rows: their figures by name and unit.
func (m benchRun) rows() map[string]map[string]float64 {
	GinkgoHelper()
	all := map[string]map[string]float64{}
	for line := range strings.Lines(m.table) {
		if !strings.HasPrefix(line, "Benchmark") {
			continue
		}
		parts := benchLine.FindStringSubmatch(strings.TrimRight(line, " \n"))
		Expect(parts).NotTo(BeNil(), line)
		all[parts[1]] = map[string]float64{}
		for pair := range slices.Chunk(strings.Fields(parts[2]), 2) {
			figure, err := strconv.ParseFloat(pair[0], 64)
			Expect(err).NotTo(HaveOccurred(), line)
			Expect(figure).To(And(BeNumerically(">", -1e15), BeNumerically("<", 1e15)), line) // which NaN and Inf are not
			all[parts[1]][pair[1]] = figure
		}
	}
	return all
}

// missing are those of the rows that are neither there nor said to be skipped.
func (m benchRun) missing(names ...string) (missing []string) {
	GinkgoHelper()
	rows := m.rows()
	for _, name := range names {
		product, _, _ := strings.Cut(name, "/connections=")
		if rows[name] == nil && !strings.Contains(m.table, "# skipped: "+name+":") && !strings.Contains(m.table, "# skipped: "+product+":") {
			missing = append(missing, name)
		}
	}
	return missing
}

// benchRows are the rows that the table has to have.
func benchRows() (names []string) {
	for _, connections := range []int{1, 8, 64} {
		for _, box := range []string{"direct", "forward", "gauntlet-proxy", "goproxy", "relay", "copy", "toxiproxy", "squid", "haproxy", "nginx-keepalive", "mitmproxy"} {
			names = append(names, fmt.Sprintf("Box/box=%s/connections=%d", box, connections))
		}
		for _, pair := range []string{"of=forward/by=goproxy", "of=gauntlet-proxy/by=goproxy", "of=relay/by=toxiproxy", "of=relay/by=copy"} {
			names = append(names, fmt.Sprintf("Rate/%s/connections=%d", pair, connections))
		}
	}
	for _, of := range []string{"messages", "clients", "boxes", "hours", "cases"} {
		names = append(names, "Growth/of="+of+"/power")
	}
	return append(names, "Session/by=gauntlet", "Session/by=goproxy", "Rate/of=session/by=floor",
		"Poll/by=bare", "Poll/by=gateway", "Cost/of=gateway-poll/by=bare-handler",
		"Command/of=certify", "Command/of=report", "Command/of=day")
}

var _ = Describe("The benchmarks", long, Label("browser"), func() {
	It("print one table, and write a page that can be read on any screen", func() {
		m := benchmarks()
		Expect(m.missing(benchRows()...)).To(BeEmpty(), m.table)
		rows := m.rows()
		Expect(rows["Box/box=forward/connections=8"]).To(And(HaveKey("req/s"), HaveKey("p50-ms"), HaveKey("p99-ms"), HaveKey("cpu-µs/req")))
		Expect(rows["Command/of=certify"]).To(And(HaveKey("cpu-s"), HaveKey("wall-s"), HaveKey("parent-MiB"), HaveKey("worker-MiB")))
		Expect(rows["Command/of=report"]).To(HaveKey("page-MiB"))
		Expect(rows["Poll/by=gateway"]).To(And(HaveKey("cpu-µs/poll"), HaveKey("KiB/session")))
		text, err := os.ReadFile(filepath.Join(m.dir, "bench.txt"))
		Expect(err).NotTo(HaveOccurred())
		Expect(benchRun{table: string(text)}.missing(benchRows()...)).To(BeEmpty())

		b := openBrowser()
		b.readsWell("bench", func(width int) { b.openIn(filepath.Join(m.dir, "bench.html"), "", "light", width) }, false)
		Expect(eval[int](b, "document.querySelectorAll('svg .bar').length")).To(BeNumerically(">=", 4*3*5), "bars of what is always there")
		Expect(eval[[]string](b, `[...document.querySelectorAll('svg, [tabindex]')].filter((e) => !(e.getAttribute('aria-label') ?? e.textContent).trim()).map((e) => e.outerHTML.slice(0, 80))`)).To(BeEmpty(), "without a name")
		Expect(eval[string](b, "document.body.innerText")).NotTo(Or(ContainSubstring("NaN"), ContainSubstring("Inf")))
		Expect(b.said()).To(BeEmpty())
	})
})
