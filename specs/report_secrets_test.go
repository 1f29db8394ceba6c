package specs

import (
	"bytes"
	"encoding/base64"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/report"
	"gauntlet/harness/report/har"
	"gauntlet/harness/report/junit"
	"gauntlet/harness/report/pcapng"
	"gauntlet/harness/report/redact"
	"gauntlet/harness/report/stepsummary"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/rig"
)

// formats are the writers of one outcome in each format.
func formats() map[string]func(io.Writer, rig.Outcome) error {
	run := report.Summary{Client: "mine", Mode: rig.Virtual, Exit: report.Failed, Counts: map[string]int{"Fail": 1}}
	return map[string]func(io.Writer, rig.Outcome) error{
		"terminal": func(out io.Writer, o rig.Outcome) error {
			t := report.Terminal{Out: out, Lines: true}
			t.Case(o)
			t.Summary([]rig.Outcome{o})
			return nil
		},
		"JSON": func(out io.Writer, o rig.Outcome) error { return report.JSON(out, []rig.Result{o.Result}) },
		"JUnit": func(out io.Writer, o rig.Outcome) error {
			return junit.Write(out, run, []report.Entry{report.NewEntry(o)})
		},
		"summary": func(out io.Writer, o rig.Outcome) error {
			return stepsummary.Write(out, run, []report.Entry{report.NewEntry(o)})
		},
		"Ginkgo": func(out io.Writer, o rig.Outcome) error {
			_, err := io.WriteString(out, report.NewEntry(o).String())
			return err
		},
		"HAR":    func(out io.Writer, o rig.Outcome) error { return har.Write(out, o, 0) },
		"pcapng": pcapng.Write,
	}
}

// spoken is an outcome in which a client that was told secrets, or that means
// harm, had its say everywhere.
func spoken(head, body, word string) rig.Outcome {
	events := []history.Event{
		{From: history.AtHop, Kind: history.Accepted, Conn: 1},
		{From: history.AtHop, Kind: history.RequestBegan, Conn: 1},
		{From: history.AtHop, Kind: history.RequestHead, Conn: 1, Exchange: 1, Data: []byte(head), Labels: []string{word}},
		{From: history.AtHop, Kind: history.RequestDone, Conn: 1, Exchange: 1, Data: []byte(body)},
		{From: history.AtHop, Kind: history.Fired, Conn: 1, Exchange: 1, Fault: "hop 0: on MSG 1, answer: reset"},
		{From: history.AtHop, Kind: history.AnswerHead, Conn: 1, Exchange: 1, Status: 200, Data: []byte("HTTP/1.1 200 " + word + "\r\nX-Word: " + word + "\r\n\r\n")},
		{From: history.AtHop, Kind: history.AnswerDone, Conn: 1, Exchange: 1, Status: 200, Data: []byte(body)},
		{From: history.AtClient, Kind: history.Failed, User: "alice@example.com", Text: word},
		{From: history.AtHop, Kind: history.Opaque, Conn: 2, By: "peer", Data: []byte(word)},
		{From: history.AtHop, Kind: history.Closed, Conn: 1, By: "fault", How: "RST"},
	}
	for i := range events {
		events[i].Seq, events[i].At = i+1, time.Duration(i)*time.Millisecond
	}
	return rig.Outcome{Case: catalogue.Case{ID: "a-case", File: "cases/a.yaml"}, Events: events, Result: rig.Result{
		ID: "a-case", Title: "a title", Client: "mine", Mode: rig.Virtual, Status: oracle.Fail, Reason: "command.not-lost: " + word, Chain: []string{}, Faults: []rig.FaultReport{},
		Verdicts: []oracle.Verdict{{Requirement: "command.not-lost", Level: requirement.Must, Status: oracle.Fail, Checked: 1, Reason: word, Exchanges: []int{1}}},
	}}
}

// as writes an outcome in a format.
func as(format string, o rig.Outcome) string {
	GinkgoHelper()
	var out bytes.Buffer
	Expect(formats()[format](&out, o)).To(Succeed(), format)
	return out.String()
}

var _ = Describe("Secrets", func() {
	const ticket, password, text = "849102291.5204917", "open-sesame", "meet me at the bridge"
	credentials := base64.StdEncoding.EncodeToString([]byte("alice:" + password))
	head := "POST http://gateway/gateway.dll?SessionID=1.2 HTTP/1.1\r\nProxy-Authorization: Basic " + credentials + "\r\nHost: gateway\r\n\r\n"
	body := "USR 4 TWN S t=" + password + "&p=\r\nANS 1 alice@example.com " + ticket + " 11752013\r\nMSG 2 N 72\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\n" + text + "\r\n"
	word := "I am alice, " + password + ", with " + ticket + ", and said \"" + text + "\""

	for format := range formats() {
		It("are masked in "+format+", and what people say when that is asked", func() {
			open := spoken(head, body, word)
			shown, err := redact.Outcome(open, redact.Options{})
			Expect(err).NotTo(HaveOccurred())
			quiet, err := redact.Outcome(open, redact.Options{Text: true})
			Expect(err).NotTo(HaveOccurred())
			told := as(format, open)
			for _, secret := range []string{ticket, password} {
				Expect(told).To(ContainSubstring(secret), "else the spec shows nothing")
				Expect(as(format, shown)).NotTo(ContainSubstring(secret))
			}
			Expect(as(format, shown)).NotTo(ContainSubstring(credentials))
			Expect(as(format, shown)).To(ContainSubstring(text))
			Expect(as(format, quiet)).NotTo(Or(ContainSubstring("bridge"), ContainSubstring(ticket), ContainSubstring(password)))
		})
	}

	It("of a real run are in its stored histories and nowhere else", func() {
		dir := GinkgoT().TempDir()
		call := gauntletIn(dir, "certify", "--out", "run", "--case", "cut-message-answer-rst-*", "--case", "control-forward-*", "--client", "mutant:doubles",
			"--junit", "exports/j.xml", "--summary", "exports/s.md", "--har", "exports/har", "--pcapng", "exports/pcapng", "--html", "--redact-text")
		Expect(call.code).To(Equal(1), call.stderr)
		_, events := storedHistory(filepath.Join(dir, "run", "cases", oneCase))
		secrets := []string{"message 1 from alice"}
		for _, e := range events {
			for _, found := range regexp.MustCompile(`CKI (\S+)|MSPAuth: (\S+)|TWN S (t=\S+)`).FindAllStringSubmatch(string(e.Data), -1) {
				secrets = append(secrets, found[1]+found[2]+found[3])
			}
		}
		Expect(len(secrets)).To(BeNumerically(">", 3))
		files := 0
		Expect(filepath.WalkDir(filepath.Join(dir, "exports"), func(name string, entry os.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			files++
			written, err := os.ReadFile(name)
			for _, secret := range append(secrets, call.stdout) {
				Expect(string(written)).NotTo(ContainSubstring(secret), name)
			}
			return err
		})).To(Succeed())
		Expect(files).To(Equal(2+4*2+4), "JUnit, summary, two hops of four cases, four captures")
		page := wholePage(filepath.Join(dir, "run", "report.html"))
		Expect(page).To(ContainSubstring("CKI "), "else the spec shows nothing")
		for _, secret := range secrets {
			Expect(call.stdout).NotTo(ContainSubstring(secret))
			Expect(page).NotTo(ContainSubstring(secret))
		}
	})
})

// wholePage is a page of the report with all that is packed in it.
func wholePage(file string) string {
	GinkgoHelper()
	page, err := os.ReadFile(file)
	Expect(err).NotTo(HaveOccurred())
	all := string(page)
	for _, packed := range regexp.MustCompile(`H4sI[A-Za-z0-9+/]+=*`).FindAllString(all, -1) {
		compressed, err := base64.StdEncoding.DecodeString(packed)
		Expect(err).NotTo(HaveOccurred())
		all += unpacked(string(compressed))
	}
	Expect(len(all)).To(BeNumerically(">", 2*len(page)), "something was packed")
	return all
}

var _ = Describe("Strings that mean harm", func() {
	const (
		escape  = "\x1b[2J\x1b]0;owned\x07\u009b31m"
		html    = "<script>alert(1)</script><img src=x onerror=alert(1)>@everyone ```"
		invalid = "\xff\xfe\xc0\x80"
		turned  = "\u202egnp.exe\u2066"
	)
	word := escape + html + invalid + turned + "]]>&lt;\x00"
	head := "POST /" + word + " HTTP/1.1\r\nHost: " + word + "\r\nX-Huge: " + strings.Repeat(word, 2000) + "\r\n\r\n"
	hostile := func() rig.Outcome { return spoken(head, word, word) }

	for _, format := range []string{"terminal", "JSON", "JUnit", "summary", "Ginkgo", "HAR"} {
		It("do nothing in "+format, func() {
			written := as(format, hostile())
			Expect(utf8.ValidString(written)).To(BeTrue())
			for _, acting := range []string{"\x1b", "\x07", "\x00", "\u009b", "\u202e", "\u2066"} {
				Expect(strings.Contains(written, acting)).To(BeFalse(), "%q", acting)
			}
			Expect(written).To(ContainSubstring("alert(1)"), "else the spec shows nothing")
		})
	}

	It("are no tags in XML, and no tags, links or ends of a block in Markdown", func() {
		Expect(as("JUnit", hostile())).NotTo(Or(ContainSubstring("<script"), ContainSubstring("<img")))
		md := as("summary", hostile())
		fence := regexp.MustCompile("(?m)^`{3,}").FindAllString(md, -1)
		Expect(fence).To(HaveLen(2))
		Expect(fence[0]).To(Equal(fence[1]))
		Expect(strings.Count(md, fence[0])).To(Equal(2), "nothing inside ends the block")
		before, _, _ := strings.Cut(md, fence[0])
		Expect(before).NotTo(ContainSubstring("<script"))
	})

	It("leave the HAR log one after its schema", func() {
		follow(schema("har"), []byte(as("HAR", hostile())), "a hostile log")
	})

	It("are text in the comments of a capture, which tshark reads", func() {
		o := hostile()
		o.Events[4].Fault = word
		capture := as("pcapng", o)
		Expect(capture).To(ContainSubstring(`fault: \x1b[2J`))
		Expect(capture).NotTo(ContainSubstring("fault: \x1b"))
	})
})
