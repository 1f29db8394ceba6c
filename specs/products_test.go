package specs

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"

	"github.com/goccy/go-yaml"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/fixtures"
	"gauntlet/harness/msn/servers"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/profile"
	"gauntlet/proxies/external"
)

// needs skips a spec whose product is not installed.
func needs(p external.Product) {
	GinkgoHelper()
	missing := p.Find()
	skipUnless(missing == nil, p.Name+" not found: install it with: make deps")
}

var _ = Describe("A real proxy", Label("products"), func() {
	It("has a profile of the same name", func() {
		for name := range external.Products() {
			_, there := profile.Named(profiled(), name)
			Expect(there).To(BeTrue(), name)
		}
	})

	It("has no expected failure that is not a case, and none without it", func() {
		cases, err := catalogue.Load(fixtures.Files(), fixtures.Cases, servers.Vocabulary(profile.Table(profiled())))
		Expect(err).NotTo(HaveOccurred())
		for _, p := range profiled() {
			if len(p.Known) > 0 {
				Expect(external.Products()).To(HaveKey(p.Name))
			}
			for _, k := range p.Known {
				_, err := catalogue.Select(cases, k.Case)
				Expect(err).NotTo(HaveOccurred(), p.File)
			}
		}
	})
})

var _ = Describe("A product's own configuration file", Label("products"), func() {
	It("is a box, by what it says and at our place", func() {
		needs(external.Products()["haproxy"])
		dir := GinkgoT().TempDir()
		file := filepath.Join(dir, "haproxy.cfg")
		Expect(os.WriteFile(file, []byte(`
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
frontend office
  bind 10.0.0.1:3128
  http-request set-header X-Office yes
  default_backend gateway
backend gateway
  server gw gateway.messenger.hotmail.com:80
`), 0o644)).To(Succeed())
		call := gauntletIn(dir, "certify", "--json", "--mode", "loopback", "--box", file, "--file", caseFile(dir, quick), "--out", "run")
		Expect(call.code).To(Equal(0), call.stdout+call.stderr)
		Expect(call.results()[0].Faults[0].Fired).To(Equal(1))
		stored, err := filepath.Glob(filepath.Join(dir, "run/cases/*/history.jsonl"))
		Expect(err).NotTo(HaveOccurred())
		text, err := os.ReadFile(stored[0])
		Expect(err).NotTo(HaveOccurred())
		Expect(string(text)).To(ContainSubstring("x-office: yes"))
	})

	It("is refused by the line that must change", func() {
		dir := GinkgoT().TempDir()
		file := filepath.Join(dir, "squid.conf")
		Expect(os.WriteFile(file, []byte("http_access allow all\nhttp_port 80 intercept\n"), 0o644)).To(Succeed())
		complaint := gauntletIn(dir, "certify", "--mode", "loopback", "--box", file).complaint()
		Expect(complaint).To(ContainSubstring(`squid.conf:2: "http_port 80 intercept"`))
	})
})

// described is a file that describes a proxy unknown to us.
func described(dir, text string) string {
	GinkgoHelper()
	file := filepath.Join(dir, "proxy.yaml")
	Expect(os.WriteFile(file, []byte(text), 0o644)).To(Succeed())
	return file
}

// strangerFile describes HAProxy as if nobody knew it.
const strangerFile = "../fixtures/external/strange.yaml"

func stranger() string {
	GinkgoHelper()
	text, err := os.ReadFile(strangerFile)
	Expect(err).NotTo(HaveOccurred())
	return string(text)
}

var _ = Describe("A proxy that a file describes", Label("products"), func() {
	It("carries a case and proves it", func() {
		needs(external.Products()["haproxy"])
		dir := GinkgoT().TempDir()
		call := gauntletIn(dir, "certify", "--json", "--mode", "loopback", "--box", described(dir, stranger()), "--file", caseFile(dir, quick))
		Expect(call.code).To(Equal(0), call.stdout+call.stderr)
		Expect(call.results()[0].Faults[0].Fired).To(Equal(1))
	})

	It("follows its schema, which knows all that the command reads", func() {
		text, err := yaml.YAMLToJSON([]byte(stranger()))
		Expect(err).NotTo(HaveOccurred())
		follow(schema("external"), text, "stranger")
		_, _, err = profile.ReadExternal(described(GinkgoT().TempDir(), `
external:
  {name: a, command: [b], environment: [C=d], files: {e: f}, ready: /g, signs: h, access-log: i, logs: [j],
   stop: TERM, grace: 1s, patience: 2s, inherits-socket: true}
known: [{case: k, reason: l, flaky: true}]
`))
		Expect(err).NotTo(HaveOccurred())
	})

	It("is broken if what reaches the gateway is not signed", func() {
		needs(external.Products()["haproxy"])
		dir := GinkgoT().TempDir()
		file := described(dir, strings.Replace(stranger(), "signs: strange-host", "signs: another-host", 1))
		call := gauntletIn(dir, "certify", "--json", "--mode", "loopback", "--box", file, "--file", caseFile(dir, quick))
		Expect(call.code).To(Equal(2))
		Expect(call.results()[0].Reason).To(ContainSubstring(`reached the gateway without "another-host"`))
	})

	It("is compared with nothing", func() {
		dir := GinkgoT().TempDir()
		call := gauntletIn(dir, "fingerprint", "--real", "--json", described(dir, "external: {name: odd, command: [no-such-program]}"))
		Expect(call.code).To(Equal(3))
		var list []struct{ Status, Reason string }
		Expect(json.Unmarshal([]byte(call.stdout), &list)).To(Succeed())
		Expect(list[0].Status).To(Equal("NotApplicable"))
		Expect(list[0].Reason).To(ContainSubstring("odd not found"))
	})

	DescribeTable("says what is wrong", func(text string, parts ...string) {
		dir := GinkgoT().TempDir()
		complaint := gauntletIn(dir, "certify", "--mode", "loopback", "--box", described(dir, text)).complaint()
		for _, part := range parts {
			Expect(complaint).To(ContainSubstring(part))
		}
	},
		Entry("a word", "external:\n  nam: odd\n", "proxy.yaml:2:3", `unknown key "nam"`),
		Entry("a placeholder", "external:\n  name: odd\n  command: [odd, '{{.Prot}}']\n", "proxy.yaml:3:", "{{.Prot}}", "{{.Port}}"),
		Entry("a signal", "external:\n  name: odd\n  command: [odd]\n  stop: KILL\n", "proxy.yaml:4:9", `"KILL"`, "TERM"),
		Entry("no command", "external:\n  name: odd\n", "proxy.yaml:2:", "command"),
		Entry("a reason", "external: {name: odd, command: [odd]}\nknown:\n  - case: x\n", "proxy.yaml:3:", "reason"),
		Entry("a program", "external: {name: odd, command: [no-such-program]}\n", "odd not found"),
	)

	It("that ends at once, or never serves, is shown with its last words", func() {
		dir := GinkgoT().TempDir()
		dying := described(dir, "external: {name: odd, command: [sh, -c, 'echo error: bungled >&2; exit 7']}")
		call := gauntletIn(dir, "certify", "--json", "--mode", "loopback", "--box", dying, "--file", caseFile(dir, quick))
		Expect(call.code).To(Equal(2))
		Expect(call.results()[0].Reason).To(ContainSubstring("odd ended: exit status 7: error: bungled"))
		idle := described(dir, "external: {name: odd, command: [sh, -c, 'echo error: no mood >&2; sleep 60'], patience: 300ms}")
		call = gauntletIn(dir, "certify", "--json", "--mode", "loopback", "--box", idle, "--file", caseFile(dir, quick))
		Expect(call.code).To(Equal(2))
		Expect(call.results()[0].Reason).To(And(ContainSubstring("odd: not ready"), ContainSubstring("error: no mood")))
	})
})
