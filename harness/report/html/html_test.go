package html

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/report"
	"gauntlet/harness/run/rig"
)

// stored is a case whose history is that of events.
func stored(t *testing.T, r rig.Result, events []history.Event) Case {
	t.Helper()
	var out bytes.Buffer
	definition := json.RawMessage(fmt.Sprintf(`{"id":%q,"why":"because","proves":[],"file":"f.yaml","line":3}`, r.ID))
	if err := history.Write(&out, history.Meta{Case: r.ID, Definition: definition}, events); err != nil {
		t.Fatal(err)
	}
	return Case{Result: r, History: func() ([]byte, error) { return out.Bytes(), nil }}
}

func written(t *testing.T, p Page) string {
	t.Helper()
	var out strings.Builder
	if err := Write(&out, p); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

var packed = regexp.MustCompile(`<script type="text/plain" id="([a-z0-9-]+)">([A-Za-z0-9+/=]*)</script>`)

// unpacked is the data in a page, by name.
func unpacked(t *testing.T, page string) map[string]string {
	t.Helper()
	data := map[string]string{}
	for _, found := range packed.FindAllStringSubmatch(page, -1) {
		text, err := gzip.NewReader(base64.NewDecoder(base64.StdEncoding, strings.NewReader(found[2])))
		if err != nil {
			t.Fatal(err)
		}
		plain, err := io.ReadAll(text)
		if err != nil {
			t.Fatal(err)
		}
		data[found[1]] = string(plain)
	}
	return data
}

func TestRunsStandSideBySide(t *testing.T) {
	r := func(id string, s oracle.Status) rig.Result { return rig.Result{ID: id, Status: s} }
	data := unpacked(t, written(t, Page{Runs: []Run{
		{Summary: report.Summary{Client: "one"}, Cases: []Case{stored(t, r("cut-a", oracle.Pass), nil), stored(t, r("cut-b", oracle.Pass), nil)}},
		{Summary: report.Summary{Client: "two"}, Cases: []Case{stored(t, r("cut-b", oracle.Fail), nil)}},
	}}))
	var x index
	if err := json.Unmarshal([]byte(data["index"]), &x); err != nil {
		t.Fatal(err)
	}
	if x.Title != "one, two" || len(x.Cases) != 2 || x.Cases[0].Runs[1] != nil || x.Cases[1].Runs[1].Status != oracle.Fail || x.Cases[1].Family != "cut" {
		t.Errorf("%s", data["index"])
	}
	if _, ok := data["chunk-0"]; !ok || len(data) != 2 {
		t.Errorf("the data are %d", len(data))
	}
}

func TestACaseIsInTheChunkOfItsPlace(t *testing.T) {
	var cases []Case
	for i := range 2*perChunk + 1 {
		cases = append(cases, stored(t, rig.Result{ID: fmt.Sprintf("case-%03d", i)}, nil))
	}
	data := unpacked(t, written(t, Page{Runs: []Run{{Cases: cases}}}))
	if len(data) != 1+3 {
		t.Fatalf("the data are %d", len(data))
	}
	for place := range cases {
		var chunk [][]detail
		if err := json.Unmarshal([]byte(data[fmt.Sprintf("chunk-%d", place/perChunk)]), &chunk); err != nil {
			t.Fatal(err)
		}
		if got, want := chunk[place%perChunk][0].Result.ID, fmt.Sprintf("case-%03d", place); got != want {
			t.Errorf("in the place of %s is %s", want, got)
		}
	}
}

func TestRunsOfOneClientAreToldApart(t *testing.T) {
	run := func(client, dir string) Run { return Run{Summary: report.Summary{Client: client}, Dir: dir} }
	var got []string
	for _, r := range (Page{Runs: []Run{run("a", "before"), run("a", "after"), run("b", "other")}}).tame().Runs {
		got = append(got, r.Summary.Client)
	}
	if want := []string{"a (before)", "a (after)", "b"}; !reflect.DeepEqual(got, want) {
		t.Errorf("%q", got)
	}
}

// What a client chooses must act nowhere: not in the page, not on a terminal
// into which a part of it is copied.
func TestHostileStringsAreInert(t *testing.T) {
	evil := "</script><script>alert(1)</script>\"'><img src=x onerror=alert(1)>\x1b]0;owned\a\u202e\xff\xfe{{.}}"
	events := []history.Event{
		{Seq: 1, From: history.AtHop, Kind: history.Accepted, Conn: 1, Text: evil},
		{Seq: 2, From: history.AtHop, Kind: history.RequestBegan, Conn: 1},
		{Seq: 3, From: history.AtHop, Kind: history.RequestHead, Conn: 1, Exchange: 1, Data: []byte(evil + strings.Repeat("X", 1<<20)), Labels: []string{evil}},
		{Seq: 4, From: history.AtHop, Kind: history.RequestDone, Conn: 1, Exchange: 1, Data: []byte(evil)},
		{Seq: 5, From: history.AtGateway, Kind: history.Rejected, Text: evil},
		{Seq: 6, From: history.AtGateway, Kind: history.Processed, NewID: evil},
		{Seq: 7, From: history.AtClient, Kind: history.Failed, Text: evil},
		{Seq: 8, From: history.AtDial, Kind: history.Dialled, ID: evil, How: evil},
		{Seq: 9, From: history.AtMessenger, Kind: history.Command, Data: []byte(evil), User: evil},
		{Seq: 10, From: history.AtHop, Kind: history.Opaque, Conn: 1, Data: []byte(evil)},
		{Seq: 11, From: history.AtHop, Kind: history.Fired, Conn: 1, Exchange: 1, Fault: evil},
	}
	c := stored(t, rig.Result{ID: "x", Title: evil, Status: oracle.Fail, Reason: evil, Chain: []string{evil}}, events)
	page := written(t, Page{Runs: []Run{{Summary: report.Summary{Client: evil}, Dir: evil, Cases: []Case{c}}}})
	if strings.Contains(page, "alert(1)</script>") || strings.Contains(page, "<img") || !utf8.ValidString(page) {
		t.Error("the page has HTML of the client's")
	}
	for name, text := range unpacked(t, page) {
		var value any
		if err := json.Unmarshal([]byte(text), &value); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if len(text) > 200<<10 {
			t.Errorf("%s has %d bytes", name, len(text))
		}
		walk(value, func(s string) {
			if strings.ContainsAny(s, "\x1b\a\u202e") || !utf8.ValidString(s) {
				t.Errorf("%s: %q acts", name, s)
			}
		})
	}
}

func walk(value any, see func(string)) {
	switch v := value.(type) {
	case string:
		see(v)
	case []any:
		for _, x := range v {
			walk(x, see)
		}
	case map[string]any:
		for key, x := range v {
			see(key)
			walk(x, see)
		}
	}
}

func TestSecretsAreMasked(t *testing.T) {
	c := stored(t, rig.Result{ID: "x", Status: oracle.Fail, Reason: "it said c2VjcmV0", Chain: []string{"forward basic alice:secret port 80"}}, []history.Event{
		{Seq: 1, From: history.AtHop, Kind: history.RequestBegan, Conn: 1},
		{Seq: 2, From: history.AtHop, Kind: history.RequestHead, Conn: 1, Exchange: 1, Data: []byte("POST / HTTP/1.1\r\nProxy-Authorization: Basic c2VjcmV0\r\n\r\n")},
	})
	for name, text := range unpacked(t, written(t, Page{Runs: []Run{{Cases: []Case{c}}}})) {
		if strings.Contains(text, "c2VjcmV0") || strings.Contains(text, "secret") {
			t.Errorf("%s shows it: %s", name, text)
		}
	}
}

func TestWhatCannotBeReadIsSaid(t *testing.T) {
	gone := Case{Result: rig.Result{ID: "x", Status: oracle.Fail}, History: func() ([]byte, error) { return nil, errors.New("no such history") }}
	if text := unpacked(t, written(t, Page{Runs: []Run{{Cases: []Case{gone}}}}))["chunk-0"]; !strings.Contains(text, "no such history") {
		t.Error(text)
	}
	broken := errors.New("disk full")
	if err := Write(full{broken}, Page{}); !errors.Is(err, broken) {
		t.Error(err)
	}
}

type full struct{ err error }

func (f full) Write([]byte) (int, error) { return 0, f.err }

func TestFailuresAreWholeAndTheRestIsNearItsFaults(t *testing.T) {
	events := make([]history.Event, 600)
	for i := range events {
		events[i] = history.Event{Seq: i + 1, From: history.AtRig, Kind: history.StepDone}
	}
	events[300] = history.Event{Seq: 301, From: history.AtHop, Kind: history.Fired}
	long := append([]history.Event{}, events...)
	for i := range 5000 {
		long = append(long, history.Event{Seq: 601 + i, From: history.AtRig, Kind: history.StepDone})
	}
	open := rig.Result{Status: oracle.Inconclusive, Verdicts: []oracle.Verdict{{Requirement: "a.b", Status: oracle.Fail, Level: requirement.Must}}}
	fail := rig.Result{Status: oracle.Fail, Verdicts: []oracle.Verdict{{Requirement: "a.b", Status: oracle.Fail, Level: requirement.Must}}}
	for name, c := range map[string]struct {
		r     rig.Result
		of    []history.Event
		whole bool
		want  []span
	}{
		"failed":                  {fail, events, true, []span{{0, 600}}},
		"passed":                  {rig.Result{Status: oracle.Pass}, events, false, []span{{300 - before, 300 + after}}},
		"undisturbed":             {rig.Result{Status: oracle.Pass}, events[:200], false, []span{{0, after}}},
		"like many":               {fail, events, false, []span{{300 - before, 300 + after}, {599 - before, 600}}},
		"broken, its control too": {open, events, false, []span{{300 - before, 300 + after}, {599 - before, 600}}},
		"too long":                {fail, long, true, []span{{300 - before, 300 + after}, {5599 - before, 5600}}},
	} {
		data, err := stored(t, c.r, c.of).History()
		if err != nil {
			t.Fatal(err)
		}
		s, err := history.Open(data)
		if err != nil {
			t.Fatal(err)
		}
		if got := stretches(s, c.r, c.whole); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestPlanCountsFailuresByTheirReason(t *testing.T) {
	var p Page
	p.Runs = []Run{{}}
	for i := range smallReport + 1 {
		r := rig.Result{ID: fmt.Sprint(i), Status: oracle.Fail, Verdicts: []oracle.Verdict{{Requirement: "a.b", Status: oracle.Fail, Level: requirement.Must}}}
		if i == smallReport {
			r.Verdicts[0].Requirement = "c.d"
		}
		p.Runs[0].Cases = append(p.Runs[0].Cases, Case{Result: r})
	}
	whole := planWhole(p, groupCases(p.Runs))
	count := 0
	for _, yes := range whole {
		if yes {
			count++
		}
	}
	if count != alike+1 {
		t.Errorf("%d are whole, want %d of one kind and one of the other", count, alike)
	}
}

// What was broken in a simpler world names what it came of there, and no later cause.
func TestSinceNamesItsCause(t *testing.T) {
	for since, want := range map[string]string{"undisturbed": "command.carried-out", "": ""} {
		list := sinceOf([]Case{{Result: rig.Result{ID: "a", Verdicts: []oracle.Verdict{
			{Requirement: "command.not-lost", Level: requirement.Must, Status: oracle.Fail, Since: "undisturbed", ComesOf: "command.carried-out"},
			{Requirement: "command.carried-out", Level: requirement.Must, Status: oracle.Fail, Since: since},
		}}}})
		if list[0].Requirement != "command.not-lost" || list[0].ComesOf != want {
			t.Errorf("%q: %+v", since, list)
		}
	}
}

func TestKindsOfBoxes(t *testing.T) {
	for want, chains := range map[string][][]string{
		"direct":                {nil},
		"forward":               {{"forward port 8080"}, {"forward"}},
		"forward with quirks":   {{"forward via squid port 8080"}},
		"intercept":             {{"intercept"}, {"intercept by host"}, {"intercept by original destination port 3129"}},
		"forward with password": {{"forward basic alice:secret port 3128"}},
		"socks":                 {{"socks5"}, {"socks4a port 1080"}},
		"socks with password":   {{"socks5 login alice:secret"}},
		"profiles":              {{"profile squid port 3128"}},
		"several boxes":         {{"relay", "forward port 8080"}},
		"changes in time":       {{"forward for 10s then down for 1s then forward"}},
	} {
		for _, chain := range chains {
			if got := boxOf(chain); got != want {
				t.Errorf("%q: %q, want %q", chain, got, want)
			}
		}
	}
}
