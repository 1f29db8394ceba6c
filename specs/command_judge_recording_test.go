package specs

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/run/rig"
)

// verdictsOf judges a recording, which has to end so, and gives the verdicts by
// requirement.
func verdictsOf(dir, file string, code int) map[string]oracle.Verdict {
	GinkgoHelper()
	call := gauntletIn(dir, "judge", "--json", file)
	Expect(call.code).To(Equal(code), call.stderr+call.stdout)
	var list []rig.Result
	Expect(json.Unmarshal([]byte(call.stdout), &list)).To(Succeed())
	Expect(list).To(HaveLen(1))
	found := map[string]oracle.Verdict{}
	for _, v := range list[0].Verdicts {
		found[string(v.Requirement)] = v
	}
	return found
}

var _ = Describe("Our exports, judged again", func() {
	DescribeTable("say the same must", func(client, id, broken string) {
		dir := GinkgoT().TempDir()
		call := gauntletIn(dir, "certify", "--client", client, "--case", id, "--out", "run", "--har", "har", "--pcapng", "pcapng")
		Expect(call.code).To(Equal(1), call.stderr+call.stdout)
		result, err := os.ReadFile(filepath.Join(dir, "run", "cases", id, "result.json"))
		Expect(err).NotTo(HaveOccurred())
		var was rig.Result
		Expect(json.Unmarshal(result, &was)).To(Succeed())
		for _, file := range exportsOf(id) {
			now := verdictsOf(dir, file, 1)
			Expect(now[broken].Status).To(Equal(oracle.Fail), file)
			for _, v := range was.Verdicts {
				again, judged := now[string(v.Requirement)]
				switch {
				case string(v.Requirement) == broken:
					Expect(again.Exchanges).To(Equal(v.Exchanges), file)
				case v.Status != oracle.Fail && judged:
					Expect(again.Status).NotTo(Equal(oracle.Fail), "%s, %s: %s", file, v.Requirement, again.Reason)
				}
			}
		}
	},
		Entry("of one request at a time", "mutant:overlaps", "control-direct", "exchange.one-in-flight"),
		Entry("of the newest SessionID", "mutant:rushes-id", "cut-body-190-fin", "session-id.newest"),
		Entry("of polling", "mutant:hurries", "control-forward-8080", "poll.not-too-often"),
		Entry("of PNG", "mutant:pings", "control-direct", "command.no-png"),
		Entry("of a session that is closed", "mutant:ignores-close", "kicked-along-direct", "close.honoured"),
		Entry("of a lost connection", "mutant:reopens", "cut-poll-answer-rst-forward", "connection.session-survives"),
		Entry("of a request's form", "mutant:wrong-action", "control-direct", "exchange.form"),
	)
})

// The recordings are of fixtures/clients/python/blackbox.py before `gauntlet gateway`:
// through mitmproxy 8.1.1 with its example har_dump.py, and through `gauntlet proxy
// "forward port 8080" --fault "hop 0: on poll 3, answer: reset"` by tcpdump 4.99.3 and
// dumpcap 4.0.17 on loopback. first-id and reopens are its --defect.
var _ = Describe("Sessions that others recorded", func() {
	DescribeTable("are judged by what they show", func(file string, broken ...string) {
		code := 0
		if len(broken) > 0 {
			code = 1
		}
		judged := 0
		for id, v := range verdictsOf("testdata/recordings", file, code) {
			if v.Status == oracle.Pass || v.Status == oracle.Fail {
				judged++
			}
			Expect(v.Status == oracle.Fail).To(Equal(slices.Contains(broken, id)), "%s: %s", id, v.Reason)
		}
		Expect(judged).To(BeNumerically(">=", 9))
		Expect(gauntletIn("testdata/recordings", "judge", file).stdout).NotTo(ContainSubstring("reproduce"))
	},
		Entry("by mitmproxy", "mitmproxy.har"),
		Entry("by mitmproxy, of a client that keeps its first SessionID", "mitmproxy-first-id.har", "session-id.newest"),
		Entry("by tcpdump, with a connection lost and the session kept", "tcpdump.pcap"),
		Entry("by dumpcap, with a connection lost and another session opened", "dumpcap-reopens.pcapng", "connection.session-survives"),
	)
})

// exportsOf are the files of a case's exports, and the stored run.
func exportsOf(id string) []string {
	return []string{filepath.Join("har", id, "hop-0.har"), filepath.Join("pcapng", id+".pcapng"), "run"}
}

var _ = Describe("gauntlet judge FILE", func() {
	It("writes a line for each requirement, says what cannot be seen, and ends like judge DIR", func() {
		dir := GinkgoT().TempDir()
		Expect(gauntletIn(dir, "certify", "--case", "control-direct", "--har", "har").code).To(BeZero())
		call := gauntletIn(dir, "judge", filepath.Join("har", "control-direct", "hop-0.har"))
		Expect(call.code).To(BeZero(), call.stdout)
		Expect(call.stdout).To(HavePrefix("hop-0.har: HAR, written by gauntlet "))
		Expect(call.stdout).To(MatchRegexp(`(?m)^Pass +must +session-id\.newest +\d+ checked$`))
		Expect(call.stdout).To(MatchRegexp(`(?m)^Inconclusive +must +command\.not-lost +0 checked  a recording of the client's side does not show which messages`))
		Expect(call.stdout).To(MatchRegexp(`\nPass; \d+ of \d+ requirements cannot be judged by this recording\n$`))
	})

	It("knows a file by what is in it, and not by its name", func() {
		dir := GinkgoT().TempDir()
		Expect(gauntletIn(dir, "certify", "--case", "control-direct", "--har", "har").code).To(BeZero())
		Expect(os.Rename(filepath.Join(dir, "har", "control-direct", "hop-0.har"), filepath.Join(dir, "x.log"))).To(Succeed())
		Expect(gauntletIn(dir, "judge", "x.log").code).To(BeZero())
	})

	It("judges a debug log of libpurple by the commands that it shows, and nothing else", func() {
		dir := GinkgoT().TempDir()
		log := "(12:00:00) proxy: Connecting to gateway.messenger.hotmail.com:80 with no proxy\n(12:00:00) msn: C: NS 000: VER 1 MSNP18 CVR0\n"
		Expect(os.WriteFile(filepath.Join(dir, "purple.log"), []byte(log+"(12:00:01) msn: C: NS 000: PNG\n"), 0o600)).To(Succeed())
		found := verdictsOf(dir, "purple.log", 1)
		for id, v := range found {
			if id == "command.no-png" {
				Expect(v.Status).To(Equal(oracle.Fail))
			} else {
				Expect(v.Status).To(Equal(oracle.Inconclusive), "%s: %s", id, v.Reason)
			}
		}
		Expect(os.WriteFile(filepath.Join(dir, "purple.log"), []byte(log), 0o600)).To(Succeed())
		Expect(gauntletIn(dir, "judge", "purple.log").stdout).To(HavePrefix("purple.log: debug log, written by libpurple: 1 commands\n"))
	})

	DescribeTable("complains in one line", func(text, says string) {
		dir := GinkgoT().TempDir()
		Expect(os.WriteFile(filepath.Join(dir, "x.har"), []byte(text), 0o600)).To(Succeed())
		call := gauntletIn(dir, "judge", "x.har")
		Expect(call.code).To(Equal(2))
		Expect(call.complaint()).To(ContainSubstring(says))
		Expect(strings.Count(strings.TrimSpace(call.stderr), "\n")).To(BeZero())
	},
		Entry("of an empty file", "", "x.har: the file is empty"),
		Entry("of what is no recording", "hello", "x.har: not a recording that can be read"),
		Entry("of JSON that breaks off", `{"log": {`, "x.har: HAR: line 1, byte 9: "),
	)
})
