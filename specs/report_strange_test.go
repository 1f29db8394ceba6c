package specs

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/run/rig"
)

var _ = Describe("A request that a client sends to a SOCKS proxy", func() {
	It("is in the results and in the reports with every byte, although the proxy left at the first", func() {
		call := gauntlet("certify", "--case", "mismatch-http-at-socks*", "--out", "run", "--har", "har", "--pcapng", "pcapng")
		Expect(call.code).To(Equal(0), call.stderr)
		folders, err := filepath.Glob(filepath.Join(call.dir, "run", "cases", "*"))
		Expect(err).NotTo(HaveOccurred())
		Expect(folders).To(HaveLen(3))
		for _, folder := range folders {
			name := filepath.Base(folder)
			text, err := os.ReadFile(filepath.Join(folder, "result.json"))
			Expect(err).NotTo(HaveOccurred())
			follow(schema("result"), text, name)
			Expect(statusIn(text, "exchange.habits")).To(Equal(oracle.Pass), name)
			_, events := storedHistory(folder)
			exchanges := history.Exchanges(events, 0)
			Expect(exchanges).NotTo(BeEmpty())
			for _, x := range exchanges {
				Expect(string(x.Head)).To(And(HavePrefix("POST http://gateway.messenger.hotmail.com/"), HaveSuffix("\r\n\r\n")))
				Expect(string(x.Body)).To(HavePrefix("VER 1 MSNP"))
			}
			log, err := os.ReadFile(filepath.Join(call.dir, "har", name, "hop-0.har"))
			Expect(err).NotTo(HaveOccurred())
			follow(schema("har"), log, name)
			capture, err := os.ReadFile(filepath.Join(call.dir, "pcapng", name+".pcapng"))
			Expect(err).NotTo(HaveOccurred())
			for _, x := range exchanges {
				Expect(string(capture)).To(And(ContainSubstring(string(x.Head)), ContainSubstring(string(x.Body))))
				Expect(string(log)).To(ContainSubstring(strings.ReplaceAll(strings.Fields(string(x.Head))[1], "&", `\u0026`)))
			}
		}
	})
})

// statusIn is the verdict on a requirement in a stored result.
func statusIn(result []byte, requirement string) oracle.Status {
	GinkgoHelper()
	var r rig.Result
	Expect(json.Unmarshal(result, &r)).To(Succeed())
	for _, v := range r.Verdicts {
		if string(v.Requirement) == requirement {
			return v.Status
		}
	}
	Fail("no verdict on " + requirement)
	return 0
}

var _ = Describe("Bytes from which no HTTP can be read", func() {
	const half, garbage, answer, more = "GET 9://\x00<b>", "\x16\x03\x01 garbage", "\x05\xff", "and so on"
	strange := func() rig.Outcome {
		o := spoken("POST / HTTP/1.1\r\n\r\n", "", "a word")
		o.Events = append(o.Events,
			history.Event{From: history.AtHop, Kind: history.Accepted, Conn: 3},
			history.Event{From: history.AtHop, Kind: history.RequestBegan, Conn: 3},
			history.Event{From: history.AtHop, Kind: history.RequestCut, Conn: 3, Data: []byte(half)},
			history.Event{From: history.AtHop, Kind: history.Closed, Conn: 3, By: "box", How: "FIN"},
			history.Event{From: history.AtHop, Kind: history.Accepted, Conn: 4},
			history.Event{From: history.AtHop, Kind: history.RequestBegan, Conn: 4},
			history.Event{From: history.AtHop, Kind: history.Opaque, Conn: 4, By: "peer", Data: []byte(garbage)},
			history.Event{From: history.AtHop, Kind: history.OpaqueRest, Conn: 4, By: "box", Data: []byte(answer)},
			history.Event{From: history.AtHop, Kind: history.OpaqueRest, Conn: 4, By: "peer", Data: []byte(more), Text: "what follows is not kept"},
		)
		return o
	}

	It("are in a HAR log, which follows its schema", func() {
		log := as("HAR", strange())
		follow(schema("har"), []byte(log), "HAR")
		for _, piece := range []string{garbage, answer, more} {
			Expect(log).To(ContainSubstring(base64.StdEncoding.EncodeToString([]byte(piece))))
		}
		Expect(log).To(And(ContainSubstring("9://"), ContainSubstring("the head of the request did not arrive whole")))
		Expect(strings.Count(log, `"_exchange":0`)).To(Equal(1), "garbage is no exchange")
	})

	It("are in a packet capture", func() {
		capture := as("pcapng", strange())
		for _, piece := range []string{half, garbage, answer, more} {
			Expect(capture).To(ContainSubstring(piece))
		}
	})
})
