package fault

import (
	"errors"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"gauntlet/proxies/syntax"
)

func vocabulary() Vocabulary {
	return Vocabulary{
		Head:       []string{"poll", "open", "command"},
		Body:       []string{"MSG", "OUT"},
		Qualifiers: []string{"NS", "SB", "alice"},
		Hops:       2,
	}
}

// canonical lines parse and print back as they are.
var canonical = map[string]Fault{
	"hop 0: on poll 3, answer: reset": {
		Trigger: Trigger{Word: "poll", Ordinal: 3}, Landmark: Landmark{At: AtAnswer}, Effect: Effect{Name: "reset"}},
	"hop 1: on request 5, response byte 120: close": {Hop: 1,
		Trigger: Trigger{Word: "request", Ordinal: 5}, Landmark: Landmark{At: AtResponseByte, Byte: 120}, Effect: Effect{Name: "close"}},
	"hop 0: on SB command 2, forward: stall": {
		Trigger: Trigger{Qualifiers: []string{"SB"}, Word: "command", Ordinal: 2}, Landmark: Landmark{At: AtForward}, Effect: Effect{Name: "stall"}},
	"hop 0: on alice NS poll 4, answer: close, 2 times": {
		Trigger: Trigger{Qualifiers: []string{"alice", "NS"}, Word: "poll", Ordinal: 4}, Landmark: Landmark{At: AtAnswer},
		Effect: Effect{Name: "close"}, Often: Often{Rule: Times, N: 2}},
	"hop 0: after idle 30s: close": {
		Trigger: Trigger{On: Idle, Ordinal: 1, After: 30 * time.Second}, Landmark: Landmark{At: AtIdle, After: 30 * time.Second}, Effect: Effect{Name: "close"}},
	"hop 0: on poll 3, idle 500ms: reset": {
		Trigger: Trigger{Word: "poll", Ordinal: 3}, Landmark: Landmark{At: AtIdle, After: 500 * time.Millisecond}, Effect: Effect{Name: "reset"}},
	"hop 0: on connection 2: refuse, 3 times": {
		Trigger: Trigger{On: Connection, Ordinal: 2}, Effect: Effect{Name: "refuse"}, Often: Often{Rule: Times, N: 3}},
	"hop 0: on MSG 2, answer: reset": {
		Trigger: Trigger{Word: "MSG", InBody: true, Ordinal: 2}, Landmark: Landmark{At: AtAnswer}, Effect: Effect{Name: "reset"}},
	"hop 0: on poll 1, forward: close, every 5th": {
		Trigger: Trigger{Word: "poll", Ordinal: 1}, Landmark: Landmark{At: AtForward}, Effect: Effect{Name: "close"}, Often: Often{Rule: Every, N: 5}},
	"hop 0: on request 1, head: reset, with p=0.1": {
		Trigger: Trigger{Word: "request", Ordinal: 1}, Landmark: Landmark{At: AtHead}, Effect: Effect{Name: "reset"}, Often: Often{Rule: Chance, P: 0.1}},
	"hop 0: on poll 1, end: close, until 30s": {
		Trigger: Trigger{Word: "poll", Ordinal: 1}, Landmark: Landmark{At: AtEnd}, Effect: Effect{Name: "close"}, Often: Often{Rule: Always, Until: 30 * time.Second}},
	"hop 0: on open 1, request byte 9: close, with p=1, until 2m": {
		Trigger: Trigger{Word: "open", Ordinal: 1}, Landmark: Landmark{At: AtRequestByte, Byte: 9}, Effect: Effect{Name: "close"},
		Often: Often{Rule: Chance, P: 1, Until: 2 * time.Minute}},
	"hop 0: on open 1, answer: close, once, until 1h": {
		Trigger: Trigger{Word: "open", Ordinal: 1}, Landmark: Landmark{At: AtAnswer}, Effect: Effect{Name: "close"}, Often: Often{Until: time.Hour}},
}

func TestParseCanonical(t *testing.T) {
	for text, want := range canonical {
		got, err := Parse(text, vocabulary())
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s\n got %+v\nwant %+v", text, got, want)
		}
		if got.String() != text {
			t.Errorf("printed %q, want %q", got.String(), text)
		}
	}
}

func TestParseOtherSpellings(t *testing.T) {
	for text, want := range map[string]string{
		"  hop 0 :on  poll 03 ,answer:\treset\n":                 "hop 0: on poll 3, answer: reset",
		"hop 0: on poll 3, answer: reset, once":                  "hop 0: on poll 3, answer: reset",
		"hop 0: after idle 120s: close":                          "hop 0: after idle 2m: close",
		"hop 0: after idle 3600s: close":                         "hop 0: after idle 1h: close",
		"hop 0: after idle 600s: close":                          "hop 0: after idle 10m: close",
		"hop 0: on poll 3, answer: reset, with p=0.50":           "hop 0: on poll 3, answer: reset, with p=0.5",
		"hop 0: on poll 3, answer: reset, every 11th, until 90s": "hop 0: on poll 3, answer: reset, every 11th, until 1m30s",
	} {
		f, err := Parse(text, vocabulary())
		if err != nil || f.String() != want {
			t.Errorf("%q: %q, %v; want %q", text, f.String(), err, want)
		}
	}
}

func TestParseErrors(t *testing.T) {
	for _, c := range []struct{ text, at, allows string }{ // at: what stands from the offset on
		{"", "", "hop"},
		{"hob 0: on poll 1, answer: close", "hob 0", "hop"},
		{"hop x: on poll 1, answer: close", "x:", "a number from 0"},
		{"hop -1: on poll 1, answer: close", "-1", "a number from 0"},
		{"hop 2: on poll 1, answer: close", "2:", "0 1"},
		{"hop 0 on poll 1, answer: close", "on", ":"},
		{"hop 0: in poll 1, answer: close", "in", "on,after idle D,after N bytes,at D"},
		{"hop 0: at poll 1, answer: close", "poll", "a duration such as 500ms, 30s or 2m"},
		{"hop 0: after 0 bytes: close", "0 bytes", "a number from 1"},
		{"hop 0: after 5 bites: close", "bites", "bytes"},
		{`hop 0: on poll saying 1, answer: close`, ", answer", "a number from 1"},
		{`hop 0: on poll saying "" 1, answer: close`, `"" 1`, `a text such as "MSG 5"`},
		{`hop 0: on poll saying "a" 1, head: close`, "head", "forward"},
		{"hop 0: on poll 1, field : close", ": close", "a header field's name"},
		{"hop 0: on poll 1, answer: close, from 5s until 5s", "5s", "a duration above 5s"},
		{"hop 0: on poll 1, answer: close, from 5s for 5s", "for", "until"},
		{"hop 0: on pol 1, answer: close", "pol ", "request poll open command MSG OUT connection lookup NS SB alice"},
		{"hop 0: on NS NS poll 1, answer: close", "NS poll", "request poll open command MSG OUT SB alice"},
		{"hop 0: on NS connection 1: close", "connection", "request"},
		{"hop 0: on NS", "", "poll"},
		{"hop 0: on poll, answer: close", ", answer", "a number from 1"},
		{"hop 0: on poll 0, answer: close", "0, answer", "a number from 1"},
		{"hop 0: on poll +1, answer: close", "+1", "a number from 1"},
		{"hop 0: on poll 1: close", ": close", ","},
		{"hop 0: on poll 1, anser: close", "anser", "head,request byte N,forward,answer,status line,field NAME,response byte N,end,idle D"},
		{"hop 0: on poll 1, moment: close", "moment", "head"},
		{"hop 0: on poll 1, response bite 1: close", "response bite", "response byte N"},
		{"hop 0: on poll 1, response byte 0: close", "0: close", "a number from 1"},
		{"hop 0: on poll 1, idle: close", ": close", "a duration such as 500ms, 30s or 2m"},
		{"hop 0: on poll 1, idle 0s: close", "0s", "a duration such as 500ms, 30s or 2m"},
		{"hop 0: on MSG 1, head: close", "head", "forward,answer,status line,field NAME,response byte N,end,idle D"},
		{"hop 0: on MSG 1, request byte 3: close", "request byte", "forward"},
		{"hop 0: on connection 1, answer: close", ", answer", ":"},
		{"hop 0: after 30s: close", "30s", "idle"},
		{"hop 0: after idle soon: close", "soon", "a duration such as 500ms, 30s or 2m"},
		{"hop 0: on poll 1, answer: explode", "explode", "close"},
		{"hop 0: on poll 1, answer: refuse", "refuse", "close"},
		{"hop 0: on connection 1: explode", "explode", "refuse"},
		{"hop 0: on poll 1, answer: close twice", "twice", ","},
		{"hop 0: on poll 1, answer: close, often", "often", "once,N times,every Nth,with p=X,from D,until D"},
		{"hop 0: on poll 1, answer: close, 0 times", "0 times", "a number from 1"},
		{"hop 0: on poll 1, answer: close, 2 tims", "tims", "times"},
		{"hop 0: on poll 1, answer: close, every 2th", "2th", "2nd"},
		{"hop 0: on poll 1, answer: close, every time", "time", "Nth"},
		{"hop 0: on poll 1, answer: close, with q=1", "q=1", "p=X"},
		{"hop 0: on poll 1, answer: close, with p=2", "p=2", "p=X"},
		{"hop 0: on poll 1, answer: close, with p=NaN", "p=NaN", "p=X"},
		{"hop 0: on poll 1, answer: close, with 0.5", "0.5", "p=X"},
		{"hop 0: on poll 1, answer: close, with p=0", "p=0", "p=X"},
		{"hop 0: on poll 1, answer: close, every 0th", "0th", "Nth"},
		{"hop 0: on poll 1, answer: close,", "", "once,N times,every Nth,with p=X,from D,until D"},
		{"hop 0: on poll 1, answer: close, once,", "", "until"},
		{"hop 0: on poll 1, answer: close, once until 3s", "until 3s", ","},
		{"hop 0: on poll 1, answer: close, until 0s", "0s", "a duration such as 500ms, 30s or 2m"},
		{"hop 0: on poll 1, answer: close, 2 times, 3 times", "3 times", "until"},
		{"hop 0: on poll 1, answer: close, until 3s, once", ", once", "nothing"},
	} {
		checkError(t, c.text, c.at, c.allows)
	}
}

func checkError(t *testing.T, text, at, allows string) {
	t.Helper()
	_, err := Parse(text, vocabulary())
	var syntax *syntax.Error
	if !errors.As(err, &syntax) {
		t.Errorf("%q: %v, not a syntax error", text, err)
		return
	}
	rest := text[syntax.Offset:]
	if !strings.HasPrefix(rest, at) || (at == "") != (rest == "") || !strings.HasPrefix(rest, syntax.Word) || syntax.Text != text {
		t.Errorf("%q: offset %d (%q), word %q; want %q", text, syntax.Offset, rest, syntax.Word, at)
	}
	if !allowsAll(syntax.Allowed, allows) {
		t.Errorf("%q: allowed %q, want %q", text, syntax.Allowed, allows)
	}
	for _, part := range append(slices.Clone(syntax.Allowed), strings.Trim(strconv.Quote(syntax.Word), `"`), syntax.Problem, "byte ") {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q: %q is not in the message %q", text, part, err)
		}
	}
}

// allowsAll: a single form must be among allowed; a list must be all of it.
func allowsAll(allowed []string, want string) bool {
	if slices.Contains(allowed, want) {
		return true
	}
	return strings.Join(allowed, ",") == want || strings.Join(allowed, " ") == want
}

func TestParseArguments(t *testing.T) {
	effects := map[string]Kind{"delay": {At: []Place{AtAnswer}, Arguments: []Argument{
		{Name: "time", Form: Duration}, {Name: "count", Form: Number, Optional: true}, {Name: "side", Form: Choice, Words: []string{"peer", "box"}, Optional: true}}}}
	for text, want := range map[string]string{
		"delay 60s":        "delay 1m",
		"delay 2s 03":      "delay 2s 3",
		"delay 2s 3 box":   "delay 2s 3 box",
		"delay":            "",
		"delay 2s many":    "",
		"delay 2s 3 both":  "",
		"delay 2s 3 box 1": "",
	} {
		f, err := parseWith("hop 0: on poll 1, answer: "+text+", once", vocabulary(), effects)
		if got := f.Effect.String(); (err == nil) != (want != "") || err == nil && got != want {
			t.Errorf("%q: %q, %v; want %q", text, got, err, want)
		}
	}
}

func TestEffectsWithArguments(t *testing.T) {
	for _, text := range []string{
		"hop 0: on connection 1: delay 300ms jitter 1s, until 1h", "hop 0: on poll 1, head: dribble 5 bytes every 1s to box",
		"hop 0: on poll 1, answer: stall for 5s", "hop 0: on poll 1, forward: status 502, until 20s", "hop 0: on poll 1, end: reset client",
		"hop 0: on poll 1, forward: repeat after drop, 2 times", "hop 0: on poll 1, forward: repeat, once, until 5s",
		"hop 0: on poll 1, answer: length wrong -3", "hop 0: on poll 1, answer: length differs -3 as list, 2 times", "hop 0: on poll 1, answer: add header X-Cache HIT", "hop 0: on poll 1, answer: redirect to a.example",
		"hop 0: at 30s: blackhole", "hop 0: after 5000 bytes: reset, until 1h", "hop 0: on poll 1, forward: status 502, from 20s until 2m20s", "hop 0: on connection 1: drop, from 20s", "hop 0: on poll 1, answer: reset, every 2nd, from 5s",
		"hop 0: on poll 2, status line: close", "hop 0: on poll 2, field X-MSN-Messenger: reset client", `hop 0: on NS request saying "MSG 5, \"x\": y" 2, forward: corrupt body byte 3`, "hop 0: on poll saying QNG 1, answer: reset",
		`hop 0: on poll 1, answer: status 429 with "Retry-After: 17" with "X: a, b", 2 times`, "hop 0: on poll 1, forward: redirect 307 to https://a.example:8443/b,c?d=1, 2 times", "hop 0: on poll 1, head: status 413", `hop 0: on poll 1, forward: add header Via "1.1 proxy, 1.0 b"`, "hop 0: on poll 1, end: half-close to box",
		"hop 0: on lookup 2: no such name, 2 times", "hop 0: on lookup 1: late 6s, from 20s until 1m", "hop 0: on lookup 1: lead to 10.9.0.99", `hop 0: on lookup 1: lead to "fd00:10:9::80"`, "hop 0: on lookup 1: ipv6 first dead, every 1st",
	} {
		if f, err := Parse(text, vocabulary()); err != nil || f.String() != text {
			t.Errorf("%s: %v, printed %s", text, err, f)
		}
	}
	for _, c := range []struct{ text, at, allows string }{
		{"hop 0: on poll 1, answer: stall 5s", "5s", "for"},
		{"hop 0: on poll 1, answer: status 399", "399", "a number from 400 to 599"},
		{"hop 0: on poll 1, answer: status bad", "bad", "a number from 400 to 599"},
		{"hop 0: on poll 1, answer: status 600", "600", "a number from 400 to 599"},
		{`hop 0: on poll 1, answer: status 500 with Retry-After`, "Retry-After", `a header field in quotes: "Name: value"`},
		{`hop 0: on poll 1, answer: status 500 with "A: b`, `"A`, `a header field in quotes: "Name: value"`},
		{`hop 0: on poll 1, answer: status 500 with "A b: c"`, `"A`, `a header field in quotes: "Name: value"`},
		{`hop 0: on poll 1, answer: status 500 with ": c"`, `":`, `a header field in quotes: "Name: value"`},
		{`hop 0: on poll 1, answer: status 500 with "A: b\nC: d"`, `"A`, `a header field in quotes: "Name: value"`},
		{"hop 0: on poll 1, answer: redirect to ://a.example", ":", "a URL"},
		{"hop 0: on poll 1, answer: status 502 now", "now", "with"},
		{"hop 0: on poll 1, answer: redirect 305", "305", "to"},
		{"hop 0: on poll 1, request byte 3: status 502", "status", "close"},
		{"hop 0: on poll 1, answer: repeat after drop", "repeat", "stale answer"},
		{"hop 0: on poll 1, request byte 3: blackhole", "blackhole", "stall"},
		{"hop 0: on connection 1: truncate 5", "truncate", "refuse"},
		{"hop 0: on poll 1, answer: cut", "", "client,box"},
		{"hop 0: on poll 1, answer: bandwidth 0", "0", "a number from 1"},
		{"hop 0: on poll 1, answer: length wrong 5", "5", "+N"},
		{"hop 0: on poll 1, answer: length wrong +0", "+0", "-N"},
		{"hop 0: on poll 1, answer: length wrong", "", "+N"},
		{"hop 0: on poll 1, answer: drop header", "", "a header field's name"},
		{"hop 0: on poll 1, answer: add header X", "", "a value"},
		{"hop 0: on poll 1, answer: add header X ,", ",", "a value"},
		{"hop 0: on poll 1, answer: add header X :", ":", "a value"},
		{"hop 0: on poll 1, answer: drop header X: Y", ": Y", ","},
		{"hop 0: on poll 1, answer: drop header (x)", "(x)", "a header field's name"},
		{"hop 0: on lookup 1: close", "close", "no such name"}, {"hop 0: on lookup 1: lead to gateway.example", "gateway.example", "a numeric address"}, {"hop 0: on lookup 1: lead to fd00:1", "fd00", "a numeric address"},
		{"hop 0: on connection 1: no such name", "no", "refuse"}, {"hop 0: on NS lookup 1: late 2s", "lookup", "request"}, {"hop 0: on lookup 0: late 2s", "0", "a number from 1"},
		{"hop 0: on poll 1, answer: delay 1s jitter", "", "a duration such as 500ms, 30s or 2m"},
	} {
		checkError(t, c.text, c.at, c.allows)
	}
}

// A word of the head is known early, even if it could stand in a body as well.
func TestWordsOfHeadAndBody(t *testing.T) {
	v := Vocabulary{Head: []string{"poll"}, Body: []string{"MSG", "poll", AnyExchange}}
	for word, inBody := range map[string]bool{"poll": false, AnyExchange: false, "MSG": true} {
		f, err := Parse("hop 7: on "+word+" 1, forward: close", v)
		if err != nil || f.Trigger.InBody != inBody || f.Hop != 7 {
			t.Errorf("%s: %+v, %v", word, f, err)
		}
	}
}

// Where requests are streams there are no bytes and no connections of HTTP/1 to speak of;
// at the other hops there are.
func TestOverHTTP2(t *testing.T) {
	v := vocabulary()
	v.Streams = []int{1}
	for rest, at := range map[string]string{ // what is refused; "" for what is taken
		"on poll 1, forward: status 502": "", "on NS MSG 2, answer: gzip, 2 times": "", "on poll 1, head: reset": "",
		"on lookup 1: no such name": "", "on lookup 2: late 2s": "",
		"after idle 30s: close": "after", "after 500 bytes: close": "after", "at 30s: blackhole": "at",
		"on connection 1: refuse": "connection", "on connection 1: reset": "connection",
		"on poll 1, end: reset": "end", "on poll 1, response byte 9: reset": "response", "on poll 1, idle 3s: reset": "idle",
		"on poll 1, answer: close": "close", "on poll 1, answer: length twice": "length", "on poll 1, forward: blackhole": "blackhole",
	} {
		_, err := Parse("hop 1: "+rest, v)
		var refused *syntax.Error
		if (err == nil) != (at == "") || err != nil && (!errors.As(err, &refused) || refused.Word != at || refused.Problem != OverHTTP2 || len(refused.Allowed) == 0) {
			t.Errorf("%s: %v", rest, err)
		}
		if _, err := Parse("hop 0: "+rest, v); err != nil {
			t.Errorf("over HTTP/1: %v", err)
		}
	}
	for line, want := range map[string]string{ // what is allowed there is of streams, too
		"hop 1: on poll 1, end: reset":     "head, forward, answer",
		"hop 1: on poll 1, answer: close":  "add header, drop header, gzip, hold, portal, redirect, reset, reset later, stall, status, truncate",
		"hop 1: on lookup 1: close":        strings.Join(effectsAt(AtLookup), ", "),
		"hop 1: on poll 1, forward: close": "add header, cached, drop header, portal, redirect, repeat, repeat after drop, reset, reset later, stall, status",
	} {
		var refused *syntax.Error
		if _, err := Parse(line, v); !errors.As(err, &refused) || strings.Join(refused.Allowed, ", ") != want {
			t.Errorf("%s: %v", line, err)
		}
	}
}

// The message has the whole of it on one line.
func TestMessages(t *testing.T) {
	for text, want := range map[string]string{
		"hop 0: on poll 1, answer: explode":                 `at byte 26, "explode": not an effect; allowed here: ` + strings.Join(effectsAt(AtAnswer), ", "),
		"hop 0: on poll 1, anser: close":                    `at byte 18, "anser": not a landmark; allowed here: ` + strings.Join(forms(AtHead), ", "),
		"hop 0: by poll 1, answer: close":                   `at byte 7, "by": a trigger is wanted; allowed here: on, after idle D, after N bytes, at D`,
		"hop 0: on pool 1, answer: close":                   `at byte 10, "pool": not a word for an exchange here; allowed here: ` + strings.Join(vocabulary().afterOn(nil), ", "),
		"hop 0: on poll 1, answer: status 399":              `at byte 33, "399": not a status of an error; allowed here: a number from 400 to 599`,
		"hop 0: on poll 1, answer: length wrong 5":          `at byte 39, "5": a number with its sign is wanted; allowed here: +N, -N`,
		"hop 0: on poll 1, answer: hold 0s":                 `at byte 31, "0s": a duration above zero is wanted; allowed here: a duration such as 500ms, 30s or 2m`,
		"hop 0: on poll 1, answer: close, often":            `at byte 33, "often": not a way to say how often; allowed here: ` + strings.Join(oftenForms(), ", "),
		"hop 0: on poll 1, answer: close, every time":       `at byte 39, "time": an ordinal number is wanted; allowed here: Nth`,
		"hop 0: on poll 1, answer: close, every 2th":        `at byte 39, "2th": not how the ordinal number is written; allowed here: 2nd`,
		"hop 0: on poll 1, answer: close, with p=2":         `at byte 38, "p=2": a probability is wanted, above 0 and at most 1; allowed here: p=X`,
		"hop 0: on poll 1, answer: close, from 5s until 5s": `at byte 47, "5s": the window ends before it begins; allowed here: a duration above 5s`,
		"hop 0 on poll 1, answer: close":                    `at byte 6, "on": ":" is wanted; allowed here: :`,
		"hop 0: on poll 1, answer: reset both":              `at byte 32, "both": not a side (client, box); allowed here: client, box`,
		"hop 0: on poll 1, answer: close, until 3s, once":   `at byte 41, ",": the line goes on after its end; allowed here: nothing`,
		"hop 0: on poll 1, answer: cut both":                `at byte 30, "both": not a side (client, box); allowed here: client, box`,
		"hop 0: on poll 1, answer: drop header":             `at byte 37, the end: not a header field's name; allowed here: a header field's name`,
		"hop 2: on poll 1, answer: close":                   `at byte 4, "2": there is no such hop; allowed here: 0, 1`,
		"hop 0: on MSG 1, head: close":                      `at byte 17, "head": a word of the body is not yet known there; allowed here: forward, answer, status line, field NAME, response byte N, end, idle D`,
		"hop 0: on connection 1: gzip":                      `at byte 24, "gzip": gzip means nothing at accept; allowed here: ` + strings.Join(effectsAt(AtAccept), ", "),
		"hop 0: on poll 1, answer: close, 0 times":          `at byte 33, "0": a number is wanted; allowed here: a number from 1`,
	} {
		if _, err := Parse(text, vocabulary()); err == nil || err.Error() != "fault "+strconv.Quote(text)+": "+want {
			t.Errorf("%v\nwant %s", err, want)
		}
	}
}

func effectsAt(p Place) (names []string) {
	for name, kind := range Effects() {
		if kind.MeansSomethingAt(p) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func TestTheOnlyHop(t *testing.T) {
	v := Vocabulary{Hops: 1}
	if _, err := Parse("hop 0: on request 1, answer: close", v); err != nil {
		t.Error(err)
	}
	if _, err := Parse("hop 1: on request 1, answer: close", v); err == nil {
		t.Error("there is a second hop")
	}
}

func TestOrdinalNumbers(t *testing.T) {
	for n, want := range map[int]string{1: "1st", 2: "2nd", 3: "3rd", 4: "4th", 10: "10th", 11: "11th", 12: "12th", 13: "13th", 21: "21st", 22: "22nd", 23: "23rd", 111: "111th", 121: "121st"} {
		if got := nth(n); got != want {
			t.Errorf("%d: %s", n, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	for text := range canonical {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		first, err := Parse(text, vocabulary())
		if err != nil {
			if e := err.(*syntax.Error); e.Offset < 0 || e.Offset > len(text) || len(e.Allowed) == 0 {
				t.Fatalf("bad error %+v", e)
			}
			return
		}
		again, err := Parse(first.String(), vocabulary())
		if err != nil || !reflect.DeepEqual(first, again) {
			t.Fatalf("%q -> %q -> %+v, %v; want %+v", text, first.String(), again, err, first)
		}
	})
}
