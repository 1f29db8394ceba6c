package specs

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gbytes"

	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/mutants"
	"gauntlet/harness/run/sweep"
)

// counts are what a sweep says that it has counted, and for which causes.
func counts(stdout string) []string {
	return regexp.MustCompile(`(?m)\d+ passed, .* not concluded$|^\d+ points?: .*$`).FindAllString(stdout, -1)
}

// entries are the lines of a journal, by the points' names. What passed has one.
func entries(journal string) map[string]sweep.Entry {
	GinkgoHelper()
	text, err := os.ReadFile(journal)
	Expect(err).NotTo(HaveOccurred())
	all := map[string]sweep.Entry{}
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n")[1:] {
		var e sweep.Entry
		Expect(json.Unmarshal([]byte(line), &e)).To(Succeed())
		Expect(all[e.Point].As).To(BeElementOf(sweep.As(""), sweep.Failed), e.Point)
		all[e.Point] = e
	}
	return all
}

// interrupted is a sweep that is ended in the middle.
var interrupted = []string{"sweep", "--client", "mutant:reopens", "--boxes", "direct", "--dialect", "documented", "--classes", "coarse", "--workload", "sign in", "--shrink", "0"}

// sweeping starts that sweep, with more to its call, and returns in the middle of it. Its
// run directory is out, in the folder where it runs.
func sweeping(more ...string) (under *exec.Cmd, stdout, stderr *bytes.Buffer) {
	GinkgoHelper()
	under, stdout, stderr = exec.Command(command, slices.Concat(interrupted, []string{"--out", "out"}, more)...), &bytes.Buffer{}, &bytes.Buffer{}
	under.Dir, under.Stdout, under.Stderr = GinkgoT().TempDir(), stdout, stderr
	Expect(under.Start()).To(Succeed())
	Eventually(func() int {
		text, _ := os.ReadFile(filepath.Join(under.Dir, "out", "points.jsonl"))
		return strings.Count(string(text), "\n")
	}).WithTimeout(3 * time.Minute).WithPolling(5 * time.Millisecond).Should(BeNumerically(">", 20))
	return under, stdout, stderr
}

// killedSweep ends it with 9, which leaves what a machine leaves whose power fails. It
// returns the folder of the run directory.
func killedSweep(more ...string) (dir string) {
	GinkgoHelper()
	killed, _, _ := sweeping(more...)
	Expect(killed.Process.Kill()).To(Succeed())
	Expect(killed.Wait()).NotTo(Succeed())
	return killed.Dir
}

// goesOn resumes a killed sweep, and holds what it came to against one that was not.
func goesOn(dir string, whole called, more ...string) {
	GinkgoHelper()
	rest := gauntletIn(dir, slices.Concat(interrupted, []string{"--resume", "out"}, more)...)
	Expect(rest.code).To(Equal(1), rest.stderr)
	Expect(counts(rest.stdout)).To(Equal(counts(whole.stdout)))
	journal := filepath.Join("out", "points.jsonl")
	Expect(entries(filepath.Join(dir, journal))).To(Equal(entries(filepath.Join(whole.dir, journal))))
}

var _ = Describe("gauntlet sweep", func() {
	// Each of these was a failure once: of the reference client, of the judge or of
	// the network in memory. All are points as the sweep names them.
	It("finds nothing any more where it once did", func() {
		points := []string{
			"sign-in | documented | forward port 8080 | hop 1: on connection 1: drop",                                                                   // the box was left dialling
			"sign-in | documented | forward port 8080 | hop 1: on connection 2: drop",                                                                   // the box did not see that the client had left
			"sign in; open chat; sign out | documented | forward port 8080 | hop 0: on SB open 1, answer: length listed",                                // nobody can say OUT to what nobody can know of
			"sign in; open chat; send 1 message | strict | direct | hop 0: on NS XFR 1, answer: close",                                                  // an order that is refused is no message
			"sign in; open chat; send 1 message | strict | direct | hop 0: on SB MSG 1, response byte 181: close",                                       // the answer showed that it had been said
			"sign-in | documented | forward port 8080 | hop 0: on request 1, forward: cut client, from 1s until 2m31s",                                  // a challenge that never came
			"sign in; sign out | documented | direct | hop 0: on NS CVR 1, answer: length listed",                                                       // on a direct way nobody sees what the answer was
			"sign in; sign out | documented | direct | hop 0: on NS CHG 1, forward: portal | hop 0: on NS CHG 1, answer: recase header x-msn-messenger", // an edit of an answer of our own went on for ever
			"chat | documented | intercept → forward port 3128 | hop 2: on NS poll 1, forward: status 502, from 1s until 31s",                           // a longer way than any that is swept by itself
			"sign in | strict | direct | hop 0: on NS CVR 1, answer: chunked with wrong-size",                                                           // who was refused may try the id that a lie has shown
			`sign-in | documented | direct | hop 0: on NS poll 1, answer: status 503 with "Retry-After: 5" with "Connection: close"`,                    // words in quotes
			"chat | documented | intercept | hop 0: on SB open 1, forward: drop header Host",                                                            // a chat that is refused was none
			"sign in; stay 5s; open chat | strict | direct | hop 0: on request 1, answer: limit 200 bytes then reset to client, from 1s until 41s",      // what was rightly tried may be repeated
		}
		args := []string{"sweep", "--out", "out"}
		for _, p := range points {
			args = append(args, "--point", p)
		}
		call := gauntlet(append(args, "--point", points[0])...) // it counts once
		Expect(call.code).To(Equal(0), call.stdout+call.stderr)
		Expect(call.stdout).To(MatchRegexp(`13 points in .*: 10 passed, 0 failed, 2 excused, 1 never reached, 0 not concluded`))
	})

	It("finds what is wrong with a client untold, makes it small, and writes a case that fails alike", func() {
		call := gauntlet("sweep", "--client", "mutant:reopens", "--boxes", "forward port 8080", "--dialect", "documented", "--workload", "sign-in", "--until-it-fails", "--out", "out")
		Expect(call.code).To(Equal(1), call.stdout+call.stderr)
		Expect(call.stdout).To(ContainSubstring("connection.session-survives, at a request, NS"))
		Expect(call.stdout).To(MatchRegexp(`\n  sign in(; stay \d+s)? \| documented \| direct \| hop 0: on NS \w+ 1, \w+: (close|reset)( later \d+ms)?\n`), "one fault, no box, and no more of the user than it takes")
		wrong, _ := mutants.Named("reopens")
		Expect(causes(call.stdout)).To(And(ContainElement(HaveField("Cause", wrong.Violates)), HaveEach(HaveField("Cause", Satisfy(wrong.Expected)))), "nothing besides")
		Expect(call.stdout).To(MatchRegexp(`certain after request \d+: every continuation that was tried failed`))

		again := regexp.MustCompile(`certify --file '?([^' ]+)'? --client mutant:reopens --seed 1`).FindStringSubmatch(call.stdout)
		Expect(again).NotTo(BeNil(), call.stdout)
		of := func(client string) called {
			return gauntletIn(call.dir, "certify", "--file", again[1], "--client", client, "--json")
		}
		broken := of("mutant:reopens")
		Expect(broken.code).To(Equal(1), broken.stderr)
		Expect(broken.results()[0].Reason).To(HavePrefix("connection.session-survives: "))
		Expect(of("built-in").code).To(Equal(0))

		var covered sweep.Coverage
		text, err := os.ReadFile(filepath.Join(call.dir, "out", "coverage.json"))
		Expect(err).NotTo(HaveOccurred())
		Expect(json.Unmarshal(text, &covered)).To(Succeed())
		Expect(covered.States()).NotTo(BeEmpty())
	})

	// What a client is caught by in a sweep is what broke first where it was struck. That is
	// its defect as its row has it, or a must of which the row says that it falls with
	// it: a client that an answer kills comes back to nobody, and who takes half an answer
	// for a whole one has no newest id.
	DescribeTable("names a cause that the row of the mutant has", func(name, point string, cause requirement.ID) {
		call := gauntlet("sweep", "--client", "mutant:"+name, "--point", point, "--shrink", "0", "--out", "out")
		Expect(call.code).To(Equal(1), call.stdout+call.stderr)
		found := entries(filepath.Join(call.dir, "out", "points.jsonl"))[point]
		Expect(found.Cause).NotTo(BeNil())
		Expect(found.Cause.Requirement).To(Equal(cause), found.Why)
		wrong, known := mutants.Named(name)
		Expect(known && wrong.Expected(cause)).To(BeTrue(), "%s is neither what %s violates nor what falls with it", cause, name)
	},
		Entry("killed by chunks", "dies-of-chunks", "sign in; open chat | documented | direct | hop 0: on SB CAL 1, answer: chunked", requirement.ID("connection.session-survives")),
		Entry("killed by a version", "dies-of-http10", "sign in | documented | direct | hop 0: on NS CVR 1, answer: http1.0", requirement.ID("connection.recovers")),
		Entry("minds messages alone", "minds-messages", "sign in | documented | direct | hop 0: on NS CVR 1, forward: close", requirement.ID("connection.session-survives")),
		Entry("takes half for a whole", "swallows-cut", "sign in | documented | direct | hop 0: on NS CVR 1, response byte 182: close", requirement.ID("session-id.newest")),
		Entry("with the shortest that says something", "loses", "sign in; open chat; send 1 message | documented | direct | hop 0: on SB MSG 1, forward: close", requirement.ID("command.not-lost")),
	)

	It("goes on after it was killed, or told to end: each point counts once, and none is missing", func() {
		whole := gauntlet(append(interrupted, "--out", "out")...)
		Expect(whole.code).To(Equal(1), whole.stderr)
		dir := killedSweep()
		other := gauntletIn(dir, append(interrupted, "--resume", "out", "--seed", "2")...)
		Expect(other.code).To(Equal(2))
		Expect(other.stderr).To(ContainSubstring("seed 1, and this is mutant:reopens, virtual, seed 2"))
		goesOn(dir, whole)

		ended, stdout, stderr := sweeping()
		Expect(ended.Process.Signal(syscall.SIGTERM)).To(Succeed())
		Expect(ended.Wait()).To(MatchError("exit status 143"))
		Expect(stdout.String()).To(MatchRegexp(`(?m)^\d+ points in .*: \d+ passed, \d+ failed, `))
		Expect(filepath.Join(ended.Dir, "out", "report.html")).To(BeARegularFile())
		Expect(stderr.String()).To(MatchRegexp(`gauntlet: interrupted after \d+ of \d+ points; what was finished is in out, and --resume out goes on with it\n$`))
		goesOn(ended.Dir, whole)
	})

	It("reports what it has found when it is interrupted while it makes an example smaller", func() {
		said := gbytes.NewBuffer()
		under := exec.Command(command, "sweep", "--client", "mutant:reopens", "--until-it-fails", "--out", "out")
		under.Dir, under.Stdout, under.Stderr = GinkgoT().TempDir(), said, said
		Expect(under.Start()).To(Succeed())
		Eventually(said).WithTimeout(3 * time.Minute).WithPolling(5 * time.Millisecond).Should(gbytes.Say(`points in .*: \d+ passed, \d+ failed, `))
		Expect(under.Process.Signal(syscall.SIGTERM)).To(Succeed())
		Expect(under.Wait()).To(MatchError("exit status 143"))
		Expect(said).To(gbytes.Say(`certify --file out/found/`), "the example as it is")
		Expect(said).To(gbytes.Say(`interrupted after \d+ of \d+ points; what was finished is in out, and --resume out goes on with it\n$`))
		Expect(filepath.Join(under.Dir, "out", "report.html")).To(BeARegularFile())
	})

	It("counts before it runs", func() {
		classes, every := gauntlet("sweep", "--plan", "--workload", "sign-in"), gauntlet("sweep", "--plan", "--workload", "sign-in", "--every", "--pairs", "--triples", "1000")
		Expect(classes.code+every.code).To(Equal(0), classes.stderr+every.stderr)
		Expect(classes.stdout).To(MatchRegexp(`^(\d+) points: \d+ classes, 0 more that are alike, 0 pairs, 0 triples\n`))
		Expect(every.stdout).To(MatchRegexp(`^\d{7,} points: \d+ classes, \d{4,} more that are alike, \d{6,} pairs, 1000 triples\n`))
		Expect(strings.Count(classes.stdout, "\n  sign-in | ")).To(Equal(4), "two boxes by two dialects")
	})

	// A client that is only started does what the contact makes it do, also where nothing
	// strikes it yet: else nobody would open the chat that is recorded.
	It("records a black-box program in the world in which it is judged", func() {
		client, err := filepath.Abs(pythonClients + "black-box.yaml")
		Expect(err).NotTo(HaveOccurred())
		call := gauntlet("sweep", "--client", client, "--mode", "loopback", "--workload", "sign in; open chat; leave chat; sign out", "--plan")
		Expect(call.code).To(Equal(0), call.stderr)
		Expect(call.stdout).To(MatchRegexp(`^\d{3} points: \d+ classes`), "by what a socket sees, in one world")
		Expect(strings.Count(call.stdout, "\n")).To(Equal(2))
	})

	DescribeTable("mistakes", func(says string, args ...string) {
		call := gauntlet(append([]string{"sweep"}, args...)...)
		Expect(call.code).To(Equal(2), call.stdout)
		Expect(call.stderr).To(ContainSubstring(says))
	},
		Entry("a workload", "is none of burst, chat,", "--workload", "chatter"),
		Entry("a dialect", `no dialect "plain"`, "--dialect", "plain"),
		Entry("a box", "forwrd", "--boxes", "forwrd"),
		Entry("a world that there is not", "on loopback only explicit proxies run", "--mode", "loopback", "--boxes", "intercept"),
		Entry("kinds of classes", "want fine or coarse", "--classes", "rough"),
		Entry("a point", "WORKLOAD | DIALECT", "--point", "chat"),
		Entry("a client", `no client "nobody"`, "--client", "nobody"),
	)
})
