//go:build unix

package specs

import (
	"encoding/json"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/harness/probe"
)

var _ = Describe("gauntlet probe", waits, Label("gateway", "command"), func() {
	It("knows a gateway on real sockets for what it is, and prints what its schema says", func() {
		s := startGateway("--dialect", "strict", "--knob", "think=50ms")
		c := gauntlet("probe", "http://"+saysWhere(s, "gateway: HTTP on ")+"/", "--json")
		Expect(c.code).To(Equal(0), c.stdout+c.stderr)
		follow(schema("probe"), []byte(c.stdout), "the report")
		var r probe.Report
		Expect(json.Unmarshal([]byte(c.stdout), &r)).To(Succeed())
		Expect(r.Dialects[0].Dialect).To(Equal("strict"))
		Expect(r.Dialects[0].Differs).To(BeEmpty())
		Expect(r.Dialects[1].Differs).NotTo(BeEmpty())
	})

	It("says in words what is wrong, and counts it when asked", func() {
		s := startGateway("--dialect", "escargot", "--knob", "think=50ms")
		c := gauntlet("probe", saysWhere(s, "gateway: HTTP on "), "--strict")
		Expect(c.code).To(Equal(1))
		Expect(c.stdout).To(And(
			MatchRegexp(`ping.refused +Fail +does PNG get an HTTP error\?\n +it got HTTP/1.1 200 OK`),
			MatchRegexp(`\nit behaves as the dialect escargot does, in all of \d+ traits that can be seen\n$`)))
	})

	DescribeTable("refuses, in one line that says what to do,",
		func(url, want string) { Expect(gauntlet("probe", url).complaint()).To(ContainSubstring(want)) },
		Entry("what is no URL", "http://[", "is no URL"),
		Entry("another protocol", "https://gateway.example.com", "runs over http, not over https"),
		Entry("no host", "http://", "no host"),
		Entry("another path", "http://127.0.0.1/msn", "the host is enough (S53)"),
		Entry("a place where nobody is", "127.0.0.1:1", "nothing to probe at 127.0.0.1:1"),
	)
})
