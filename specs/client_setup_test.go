package specs

import (
	"context"
	"os"
	"path/filepath"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/run/rig"
)

const aSignIn = `
id: brief
title: signs in through a proxy, and that is all
why: whatever else a client connects to shows here already
proves: [command.carried-out]
chain: [forward port 8080]
workload: [sign in, stay 1s, sign out]
`

var _ = Describe("A client on real sockets of ours", waits, func() {
	BeforeEach(func() {
		err := rig.CheckMode(context.Background(), rig.Netns)
		skipUnless(err == nil, "needs namespaces of its own")
	})

	DescribeTable("is caught by what it connects to and says there", func(kind string, code int, requirement, because string) {
		dir := GinkgoT().TempDir()
		call := gauntletIn(dir, "certify", "--json", "--client", clientFile(dir, kind), "--file", caseFile(dir, aSignIn))
		Expect(call.code).To(Equal(code), call.stdout+call.stderr)
		result := call.results()[0]
		Expect(result.Mode).To(Equal(rig.Netns))
		Expect(result.Verdicts).To(ContainElement(And(
			HaveField("Requirement", BeEquivalentTo(requirement)), HaveField("Status", oracle.Fail), HaveField("Reason", ContainSubstring(because)))))
	},
		// It does the same without a proxy: it is told once, since undisturbed.
		Entry("past its proxy, at MSNP's own port", "past", 1, "route.no-direct-attempt", "10.9.0.80:1863, past its proxy"),
		Entry("in SOCKS to an HTTP proxy", "socks", 1, "route.no-socks", "begins with a SOCKS5 greeting"),
	)
})

var _ = Describe("A client that hears late, by TCP's own repeating, and leaves at once", waits, func() {
	It("is not taken for one that heard nothing", func() {
		err := rig.CheckMode(context.Background(), rig.Netns)
		skipUnless(err == nil, "needs namespaces of its own")
		call := gauntletIn(GinkgoT().TempDir(), "certify", "--mode", "netns", "--case", "road-late-forward", "--client", "mutant:reconnects")
		Expect(call.code).To(BeZero(), call.stdout+call.stderr)
	})
})

var _ = Describe("A set-up whose login is refused", waits, Label("login", "programs"), func() {
	It("is told at once, and the client's log stays until the next try", func() {
		dir := GinkgoT().TempDir()
		file := clientFile(dir, "real", `"{{.Proxy}}"`, `"{{.CA}}"`, animalVariable+": real", animalVariable+": real has no machine")
		for range 2 {
			call := gauntletIn(dir, "certify", "--no-namespace", "--client", file, "--case", "control-forward-8080", "--out", filepath.Join(dir, "run"))
			Expect(call.complaint()).To(And(
				HavePrefix(`self-check of real: the client's login is refused: sign-in of "alice@example.com": not the name of a place: here`),
				HaveSuffix("; what it printed is in "+filepath.Join(dir, "run", "client.log")),
			))
			left, err := os.ReadDir(filepath.Join(dir, "run"))
			Expect(err).NotTo(HaveOccurred())
			Expect(left).To(HaveLen(1))
			log, err := os.ReadFile(filepath.Join(dir, "run", "client.log"))
			Expect(err).NotTo(HaveOccurred())
			Expect(string(log)).To(ContainSubstring("refused: sign-in of"))
		}
	})
})

// lost writes the file of a program that is nobody's client.
func lost(dir, command string) string {
	GinkgoHelper()
	file := filepath.Join(dir, "lost.yaml")
	Expect(os.WriteFile(file, []byte("name: lost\nmode: black-box\ncommand: [sh, -c, "+command+"]\n"), 0o600)).To(Succeed())
	return file
}

var _ = Describe("A set-up that is wrong", func() {
	DescribeTable("is told from a client that fails, before anything is scored", func(command, complaint string) {
		dir := GinkgoT().TempDir()
		call := gauntletIn(dir, "certify", "--no-namespace", "--client", lost(dir, command), "--case", "control-forward-8080", "--out", filepath.Join(dir, "run"))
		Expect(call.complaint()).To(And(HavePrefix("self-check of lost: "+complaint), ContainSubstring("{{.")))
	},
		Entry("a proxy that is not used", `"exit 3"`, "the client ended by itself, status 3"),
		Entry("a name that is looked up", `"echo getaddrinfo failed >&2; exit 1"`, "the client looks up a name that it cannot find"),
		Entry("a CA that is not trusted", `"curl -s -x http://{{.Proxy}} https://login.live.com/; sleep 60"`,
			"the client does not trust our CA, it says so by TLS (remote error: tls: unknown certificate authority): give it the file {{.CA}} (sign in: the contacts do not see the user: its login was refused, and it does not get on)"),
		Entry("a certificate of which only the log speaks", `"echo certificate: login.live.com: self signed, was not trusted before >&2; exit 1"`, "the client ended by itself, status 1; its last words: certificate: login.live.com: "),
		Entry("a proxy that is asked for somebody else", `"curl -s -x http://{{.Proxy}} http://other.example/"`,
			"the proxy was asked for http://other.example/ and not for the gateway"),
	)

	It("is a hello with an ability that there is not, at once and by its word", func() {
		dir := GinkgoT().TempDir()
		file := filepath.Join(dir, "slip.yaml")
		hello := `command: [sh, -c, 'echo "{\"type\":\"hello\",\"protocol\":1,\"abilities\":[\"inivted\"]}"; sleep 60']`
		Expect(os.WriteFile(file, []byte("name: slip\nmode: driven\n"+hello+"\n"), 0o600)).To(Succeed())
		call := gauntletIn(dir, "certify", "--no-namespace", "--client", file, "--case", "control-forward-8080", "--out", filepath.Join(dir, "run"))
		Expect(call.complaint()).To(And(
			HavePrefix("self-check of slip: "), ContainSubstring(`its hello names an ability that there is not, "inivted"; allowed: chat, `),
			ContainSubstring("(did you mean invited?)"),
		))
	})
})
