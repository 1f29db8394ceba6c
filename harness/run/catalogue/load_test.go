package catalogue

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"gauntlet/harness/run/yamlfile"
	"gauntlet/proxies/fault"
)

func vocabulary() Vocabulary {
	return Vocabulary{
		Dialects: []string{"documented", "strict"},
		Faults:   fault.Vocabulary{Head: []string{"poll", "open"}, Body: []string{"MSG", "OUT"}, Qualifiers: []string{"NS", "SB"}},
	}
}

func load(texts ...string) ([]Case, error) {
	files := fstest.MapFS{"cases/README.md": {Data: []byte("not a case")}}
	for i, text := range texts {
		files[fmt.Sprintf("cases/%c.yaml", 'a'+i)] = &fstest.MapFile{Data: []byte(text)}
	}
	return Load(files, "cases", vocabulary())
}

const crossed = `
id: cut-${where}-${box}
title: lost at ${where}
why: Things break at ${where} behind ${box} all day.
proves: [session-id.newest, "connection.${survives}"]
matrix:
  where: {answer: answer, middle: response byte 60}
  box: {forward: forward port 8080, direct: direct, two: intercept -> relay port 80}
  survives: [session-survives]
except:
  - {where: middle, box: [direct, two]}
chain: ["${box}"]
faults: ["hop 0: on poll 3, ${where}: close"]
gateway: {dialect: strict, think: 2s}
workload: [sign in, "stay 5s", sign out]
`

func TestFamilyExpands(t *testing.T) {
	cases, err := load(crossed)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, c := range cases {
		ids = append(ids, c.ID)
	}
	if want := []string{"cut-answer-forward", "cut-answer-direct", "cut-answer-two", "cut-middle-forward"}; !slices.Equal(ids, want) {
		t.Errorf("%v, want %v", ids, want)
	}
	got := fmt.Sprintf("%s|%s|%v|%s|%s|%s|%v|%s|%s:%d", cases[2].Title, cases[2].Why, cases[2].Proves, cases[2].Dialect,
		cases[2].Think, cases[2].Chain, cases[2].Faults, cases[2].Workload, cases[2].File, cases[2].Line)
	want := "lost at answer|Things break at answer behind two all day.|[session-id.newest connection.session-survives]|strict|" +
		"2s|intercept → relay port 80|[hop 0: on poll 3, answer: close]|sign in; stay 5s; sign out|cases/a.yaml:2"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

const alone = `
id: one
title: one
why: It is the only one here.
proves: [session-id.newest]
chain: []
workload: chat
`

func TestDefaults(t *testing.T) {
	cases, err := load(alone + "---" + strings.Replace(alone, "one", "two", 1))
	if err != nil || len(cases) != 2 {
		t.Fatal(cases, err)
	}
	c := cases[1]
	if c.ID != "two" || c.Dialect != DefaultDialect || c.Think != 50*time.Millisecond || c.Chain != nil || c.Faults != nil || len(c.Workload) == 0 {
		t.Errorf("%+v", c)
	}
}

const line = `faults: ["hop 0: on poll 3, ${where}: close"]`

// Each mistake is written into one of the two families; ▸ stands before the
// place at which the error must point.
func TestMistakesAreShownAtTheirPlace(t *testing.T) {
	for _, test := range []struct{ text, from, to, want string }{
		{crossed, "title:", "▸titel:", `unknown key "titel"; allowed: id, title, why, `},
		{crossed, "title:", "▸titel:", `(did you mean title?)`},
		{crossed, "think: 2s", "▸thinks: 2s", `unknown key "thinks"; allowed: dialect, think`},
		{crossed, "matrix:", "▸matirx:", `unknown key "matirx"`},
		{crossed, "except:", "▸excpet:", `unknown key "excpet"`},
		{crossed, "lost at ${where}", "lost ▸${where", `${ has no }`},
		{crossed, "lost at ${where}", "ü lost at ${▸were}", `unknown axis "were"; allowed: where, box, survives`},
		{crossed, "cut-${where}-", "▸cut-", `the id lacks ${where}`},
		{crossed, "[session-survives]", `[session-survives]` + "\n  ▸more: [x]", `axis "more" is not used`},
		{crossed, `"connection.$`, `"▸connections.$`, `unknown requirement "connections.session-survives"; allowed: `},
		{alone, "id: one", "matrix: {n: [1, ▸1]}\nid: one-${n}", `axis "n" has "1" twice`},
		{crossed, "[session-survives]", `▸session-survives`, `a list or a mapping is wanted here, not a text`},
		{crossed, "survives: [session-survives]", `survives: ▸[]`, `axis "survives" has no values`},
		{crossed, "answer: answer,", "answer: ▸awnser,", `unknown fault word "awnser"; allowed: head, request byte N, forward, answer,`},
		{crossed, "answer: answer,", "answer: '▸awnser',", `not a landmark in "hop 0: on poll 3, awnser: close"`},
		{crossed, "byte 60", `byte ▸many`, `unknown fault word "many"; allowed: a number from 1`},
		{crossed, "on poll 3, ${where}", "on ▸pull 3, ${where}", `unknown fault word "pull"; allowed: `},
		{crossed, "}: close", "}: ▸refuse", `misplaced fault word "refuse"; allowed: add header, `},
		{crossed, "}: close\"", "}▸\"", `ends too early`},
		{crossed, "hop 0", "hop ▸3", `unknown fault word "3"; allowed: 0, 1`},
		{crossed, line, "faults:\n  - >-\n    hop 0: on\n    ▸pull 3, answer: close", `unknown fault word "pull"`},
		{crossed, line, "faults: [\"\\x68op\\t0: on\\\n   \\ ▸pull 3, answer: close\"]", `unknown fault word "pull"`},
		{crossed, "lost at ${where}\n", "'it''s ${▸nope}'\n", `unknown axis "nope"`},
		{crossed, "forward port", "▸foward port", `unknown box word "foward"; allowed: ` + boxWords + ` (did you mean forward?); no such box in "foward port 8080"`},
		{crossed, "8080", "▸80800", `unknown box word "80800"; allowed: 1 to 65535`},
		{crossed, "-> relay port", "-> relay ▸prot", `unknown box word "prot"`},
		{crossed, "strict", "▸strickt", `unknown dialect "strickt"; allowed: documented, strict (did you mean strict?)`},
		{crossed, "2s}", "▸soon}", `"soon" is not a duration`},
		{crossed, "2s}", "▸2}", `"2" is not a duration; allowed: 0s, or a number and a unit`},
		{crossed, "[sign in,", "[▸sing in,", `unknown step "sing in"; allowed: sign in, `},
		{crossed, "stay 5s", "stay ▸long", `"long" is not a duration`},
		{crossed, `"stay 5s"`, `▸send 1 message`, `step 2: "send 1 message" without an open chat`},
		{crossed, `[sign in, "stay 5s", sign out]`, `▸chatter`, `unknown workload "chatter"; allowed: burst, chat, chats, forgotten, kicked, quiet-hour, sign-in`},
		{crossed, `[sign in, "stay 5s", sign out]`, `▸[]`, `at least one step`},
		{crossed, `[sign in, "stay 5s", sign out]`, `▸{sign: in}`, `a text is wanted here, not a mapping`},
		{crossed, "{where: middle", "{▸were: middle", `unknown axis "were"; allowed: where, box, survives`},
		{crossed, "{where: middle", "{where: ▸midle", `unknown value of this axis "midle"; allowed: answer, middle`},
		{crossed, "\nid:", "\n▸id:", `except leaves no case`},
		{crossed, "{forward: f", "{▸Forward: f", `id "cut-answer-Forward": an id has lower-case letters`},
		{alone, "id: one", "id: one-▸-two", `id "one--two": an id has lower-case letters and digits, single hyphens between them`},
		{alone, "id: one", "id: ▸con", `id "con": Windows has a device of this name`},
		{alone, "id: one", "id: ▸lpt9", `id "lpt9": Windows has a device of this name`},
		{alone, "id: one", "id: one▸-", `id "one-": an id has lower-case`},
		{alone, "id: one", "id: ▸-one", `id "-one": an id has lower-case`},
		{alone, "id: one", "id: one▸/../two", `id "one/../two": an id has lower-case`},
		{alone, "id: one", "id: " + strings.Repeat("a", 120) + "▸b", `at most 120 characters`},
		{crossed, "[session-id.newest", "[▸session-id.newset", `unknown requirement "session-id.newset"`},
		{crossed, "[session-id.newest", "[session-id.newest, ▸session-id.newest", `is named twice`},
		{alone, "[session-id.newest]", "▸session-id.newest", `a list is wanted here, not a text`},
		{alone, "[session-id.newest]", "[▸12]", `a text is wanted here, not a number`},
		{alone, "\nid:", "\n▸id:", `a case proves at least one requirement`},
		{alone, "id: one", "id: ▸true", `a text is wanted here, not true or false; put it in quotes`},
		{alone, "title: one", "title: '▸'", `this text is empty`},
		{alone, "id: one\ntitle: one", "▸title: one", `missing: id`},
		{alone, "workload: chat", "▸title: two", `"title" already defined`},
		{alone, "chain: []", "chain: ▸[", `sequence end token ']' not found`},
		{alone, "workload: chat", "workload: ▸*chat", `no alias here`},
		{alone, "workload: chat", "workload: ▸!!str chat", `no tag here`},
		{alone, "workload: chat", "workload: chat\n---\n▸- x", `a mapping is wanted here, not a list`},
		{alone, "workload: chat", "workload: chat\n---" + strings.Replace(alone, "id: ", "id: ▸", 1), `id "one" is given already at cases/a.yaml:2`},
		{alone, "chain: []", "chain: [relay]\nproxy: ▸socks5 proxy", `the chain "relay" has no box that a client is told of`},
		{alone, "chain: []", "chain: [forward]\nproxy: ▸socks proxy", `unknown proxy setting "socks proxy"; allowed: switched off, without password, http proxy,`},
		{alone, "chain: []", "chain: [forward upstream-http2, forward]\nfaults: ['hop 1: on poll 3, ▸response byte 9: reset']", `misplaced fault word "response"; allowed: head, forward, answer; this hop speaks HTTP/2, where a request is a stream among others, and this is about the bytes or the connections of HTTP/1: name another hop, or take upstream-http2 from the box before it in`},
		{alone, "chain: []", "chain: [forward upstream-http2]\nfaults: ['hop 1: on poll 3, answer: ▸close']", `misplaced fault word "close"; allowed: add header, drop header, gzip, hold, portal, redirect, reset, reset later, stall, status, truncate; this hop`},
		{alone, "chain: []", "chain: [forward upstream-http2]\nfaults: ['hop 1: ▸after 9 bytes: reset']", `misplaced fault word "after"; allowed: on; this hop`},
		{alone, "chain: []", "chain: [forward upstream-http2]\nfaults: ['hop 1: on ▸connection 1: reset']", `misplaced fault word "connection"; allowed: request`},
		{alone, "chain: []", "chain: [intercept]\nproxy: ▸file", "no box that a client is told of"},
		{alone, "chain: []", "chain: [forward]\nproxy: ▸file direct", "the file says that nobody is on the way"},
		{alone, "chain: []", "chain: [connect]\nproxy: ▸file dead", "a file cannot say that a proxy is to be asked for tunnels"},
		{alone, "chain: []", "chain: ['forward basic a:b']\nproxy: ▸file", "nor with which password"},
		{alone, "chain: []", "chain: [forward]\nclients: 2\nproxy: ▸file", "only one client is told of a file"},
		{alone, "chain: []", "chain: []\nclients: ▸1", `clients: "1" is not a number from 2 to 1000`},
		{alone, "workload: chat", "workload: [▸fail to sign in]", `"" is not a duration`},
		{"▸# nothing\n", "", "", `there is no case in this file`},
	} {
		marked := strings.Replace(test.text, test.from, test.to, 1)
		if strings.Contains(test.want, "leaves no case") {
			marked = strings.Replace(marked, "{where: middle, box: [direct, two]}", "{survives: session-survives}", 1)
		}
		if strings.Contains(test.want, "proves at least") {
			marked = strings.Replace(marked, "[session-id.newest]", "[]", 1)
		}
		checkMistake(t, marked, test.want)
	}
}

// boxWords are those that a box may begin with.
const boxWords = "connect, down, forward, intercept, portal, relay, socks4, socks4a, socks5, tls, profile"

func checkMistake(t *testing.T, marked, want string) {
	t.Helper()
	before, _, ok := strings.Cut(marked, "▸")
	if !ok {
		t.Fatalf("no mark in %s", marked)
	}
	line := strings.Count(before, "\n") + 1
	column := len([]rune(before[strings.LastIndex(before, "\n")+1:])) + 1
	cases, err := load(strings.Replace(marked, "▸", "", 1))
	if cases != nil || err == nil {
		t.Errorf("no error, %q is wanted: %s", want, marked)
		return
	}
	var first *yamlfile.Error
	if !errors.As(err, &first) || !strings.HasPrefix(err.Error(), fmt.Sprintf("cases/a.yaml:%d:%d: ", line, column)) ||
		!strings.Contains(err.Error(), want) {
		t.Errorf("got  %v\nwant cases/a.yaml:%d:%d: …%s", err, line, column, want)
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("more than one error: %v", err)
	}
}

func TestAllMistakesAreTold(t *testing.T) {
	_, err := load(strings.Replace(alone, "chat", "chit", 1), strings.Replace(alone, "title", "titel", 1),
		strings.NewReplacer("one", "two", "chat", "chut", "[]", "[box]").Replace(alone), strings.NewReplacer("one", "three", "chain: []", "chain: [relai]\ngatway: {}").Replace(alone))
	want := `cases/a.yaml:7:11: unknown workload "chit"; allowed: burst, chat, chats, forgotten, kicked, quiet-hour, sign-in (did you mean chat?)
cases/b.yaml:3:1: unknown key "titel"; allowed: id, title, why, proves, matrix, except, level, chain, contact, clients, proxy, account, faults, gateway, workload (did you mean title?)
cases/c.yaml:6:9: unknown box word "box"; allowed: ` + boxWords + `; no such box in "box"
cases/c.yaml:7:11: unknown workload "chut"; allowed: burst, chat, chats, forgotten, kicked, quiet-hour, sign-in (did you mean chat?)
cases/d.yaml:6:9: unknown box word "relai"; allowed: ` + boxWords + ` (did you mean relay?); no such box in "relai"
cases/d.yaml:7:1: unknown key "gatway"; allowed: id, title, why, proves, matrix, except, level, chain, contact, clients, proxy, account, faults, gateway, workload (did you mean gateway?)`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

func TestSameIDInTwoFiles(t *testing.T) {
	_, err := load(alone, alone)
	if want := `cases/b.yaml:2:5: id "one" is given already at cases/a.yaml:2`; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

func TestNoFiles(t *testing.T) {
	if _, err := load(); err == nil || !strings.Contains(err.Error(), "no *.yaml in cases") {
		t.Error(err)
	}
	if _, err := Load(fstest.MapFS{}, "cases", vocabulary()); err == nil {
		t.Error("no error for a missing directory")
	}
}

func FuzzLoad(f *testing.F) {
	f.Add(crossed)
	f.Add(alone)
	f.Add("a: &x [*x]\n--- !!t\n? b\n: |\n  c\n")
	f.Fuzz(func(t *testing.T, text string) {
		cases, err := load(text)
		if err == nil && len(cases) == 0 {
			t.Error("neither cases nor an error")
		}
	})
}

// What would take all memory is refused before it is parsed or expanded, at its
// place.
func TestInputIsBounded(t *testing.T) {
	matrix, id := "matrix:\n", "id: n"
	for i := range 17 {
		matrix += fmt.Sprintf("  a%d: [x, y]\n", i)
		id += fmt.Sprintf("-${a%d}", i)
	}
	faults := strings.Repeat("\n  - 'hop 0: on poll 1, answer: close'", 1001)
	for name, test := range map[string]struct{ text, want string }{
		"brackets":             {strings.Repeat("[", 5000), "cases/a.yaml:1:65: lists and mappings are nested"},
		"brackets, on lines":   {"a:\n" + strings.Repeat(" {a:\n", 5000), "cases/a.yaml:66:2: lists and mappings are nested"},
		"items":                {strings.Repeat("- ", 5000) + "x", "cases/a.yaml:1:129: lists and mappings are nested"},
		"a line":               {"a: " + strings.Repeat("a: ", 6000), "cases/a.yaml:1:16384: a line has"},
		"a file":               {strings.Repeat("# nothing\n", 1<<17), "cases/a.yaml:1:1: the file has more than 1048576 bytes"},
		"a matrix":             {strings.Replace(alone, "id: one\n", id+"\n"+matrix, 1), "the matrix has more combinations"},
		"a schedule of faults": {strings.Replace(alone, "workload:", "faults:"+faults+"\nworkload:", 1), "a case has at most 1000 faults"},
	} {
		if _, err := load(test.text); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %.200v, want %q", name, err, test.want)
		}
	}
}
