package specs

import (
	"os"
	"path/filepath"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/proxies/external"
)

var _ = Describe("A call with a mistake in it", func() {
	It("names the mode that a real proxy needs", Label("squid"), func() {
		needs(external.Products()["squid"])
		Expect(gauntlet("certify", "--box", "squid").complaint()).To(ContainSubstring("--mode loopback"))
	})
})

var _ = Describe("A mistake in a case file", func() {
	const sound = `id: mine
title: a case of my own
why: to see what becomes of mistakes
proves: [command.carried-out]
chain: [forward port 8080]
faults: ["hop 0: on poll 3, answer: reset"]
gateway: {dialect: documented, think: 50ms}
workload: chat
`

	DescribeTable("is shown at its place with what is allowed, and nothing runs",
		func(from, to, place string, wanted ...string) {
			Expect(sound).To(ContainSubstring(from))
			dir := GinkgoT().TempDir()
			file := caseFile(dir, strings.Replace(sound, from, to, 1))
			complaint := gauntletIn(dir, "certify", "--file", file).complaint()
			Expect(complaint).To(HavePrefix(file + ":" + place + ": "))
			for _, part := range wanted {
				Expect(complaint).To(ContainSubstring(part))
			}
		},
		Entry("the syntax", "proves: [command", "proves: [[command", "5:1", "']'"),
		Entry("a key", "title", "titel", "2:1", `"titel"`, "id, title, why"),
		Entry("a requirement", "carried-out", "carried-of", "4:10", `"command.carried-of"`, "command.carried-out"),
		Entry("a box", "forward", "foward", "5:9", `"foward"`, "forward, intercept"),
		Entry("a word of a fault", "answer", "anser", "6:29", `"anser"`, "forward, answer"),
		Entry("a hop that is not there", "hop 0", "hop 7", "6:15", "7"),
		Entry("a dialect", "documented", "documentary", "7:20", `"documentary"`, "documented"),
		Entry("a knob", "think: 50ms", "think: 50ms, split: nowhere", "7:52", `"nowhere"`, "anywhere"),
		Entry("an address that leads nowhere", "think: 50ms", `addresses: "10.9.0.80 10.9.0.8"`, "7:54", `"10.9.0.8"`, "10.9.0.80, 10.9.0.81"),
		Entry("an address with a port", "think: 50ms", "addresses: 10.9.0.81:80", "7:43", `"10.9.0.81:80"`, "10.9.0.81"),
		Entry("no address", "think: 50ms", `addresses: " "`, "7:44", "10.9.0.80, 10.9.0.81"),
		Entry("a workload", "chat", "chet", "8:11", `"chet"`, "chat"),
	)

	It("is told for each of several, a line each", func() {
		dir := GinkgoT().TempDir()
		file := caseFile(dir, strings.NewReplacer("title", "titel", "workload", "wrokload").Replace(sound))
		call := gauntletIn(dir, "certify", "--file", file)
		Expect(call.code).To(Equal(2))
		Expect(call.stderr).To(HavePrefix("gauntlet: " + file + ":2:1: "))
		Expect(call.stderr).To(ContainSubstring("\ngauntlet: " + file + ":8:1: "))
	})

	It("is not seen where there is none", func() {
		dir := GinkgoT().TempDir()
		call := gauntletIn(dir, "certify", "--json", "--file", caseFile(dir, sound))
		Expect(call.code).To(Equal(0), call.stderr)
		Expect(call.results()[0].Reproduce).To(ContainSubstring("--file"))
	})
})

var _ = Describe("The run directory", func() {
	It("must not hold anything yet", func() {
		dir := GinkgoT().TempDir()
		Expect(os.WriteFile(filepath.Join(dir, "thesis.txt"), []byte("mine"), 0o600)).To(Succeed())
		Expect(gauntletIn(dir, "certify", "--out", ".").complaint()).To(ContainSubstring("not empty"))
		Expect(os.ReadDir(dir)).To(HaveLen(1))
	})

	It("is refused in one line where none can be made", func() {
		dir := GinkgoT().TempDir()
		Expect(os.WriteFile(filepath.Join(dir, "file"), nil, 0o600)).To(Succeed())
		Expect(gauntletIn(dir, "certify", "--out", "file/results").complaint()).To(ContainSubstring("file/results"))
	})

	It("is a new one below out if none is named", func() {
		call := gauntlet("certify", "--case", "control-direct")
		Expect(call.code).To(Equal(0), call.stderr)
		Expect(filepath.Glob(filepath.Join(call.dir, "out", "*", "cases", "control-direct", "result.json"))).To(HaveLen(1))
	})
})
