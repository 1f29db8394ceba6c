package history

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"
)

func sample() (Meta, []Event) {
	head := []byte("POST http://gateway.messenger.hotmail.com/gateway/gateway.dll?Action=poll HTTP/1.1\r\n\r\n")
	meta := Meta{Case: "cut-poll", Mode: "virtual", Client: "built-in", Harness: "devel", Seed: math.MaxUint64}
	return meta, []Event{
		{Seq: 1, At: time.Millisecond, From: AtHop, Kind: Accepted, Conn: 1, How: "stream of HTTP/2"},
		{Seq: 2, At: time.Second, From: AtHop, Kind: RequestHead, Conn: 1, Exchange: 1, Data: head, Labels: []string{"poll", "NS"}},
		{Seq: 3, At: time.Second, From: AtGateway, Kind: Processed, User: "alice", Server: "NS", Session: 1, ID: "1.2", NewID: "1.3", Action: "poll", Data: []byte("OUT\r\n")},
		{Seq: 4, At: time.Second, From: AtHop, Kind: RequestHead, Hop: 1, Conn: 1, Exchange: 1, Data: head},
		{Seq: 5, At: time.Second, From: AtHop, Kind: Opaque, Conn: 2, By: "peer", Data: []byte{5, 1, 0}},
		{Seq: 9, At: time.Hour, From: AtHop, Kind: Closed, Conn: 1, Given: 3, By: "fault", How: "RST"},
	}
}

func write(t *testing.T, meta Meta, events []Event) string {
	t.Helper()
	var out bytes.Buffer
	if err := Write(&out, meta, events); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestHistoryComesBack(t *testing.T) {
	meta, events := sample()
	opaque := func(data []byte) Event { return Event{From: AtHop, Kind: Opaque, Conn: 1, By: "box", Data: data} }
	for name, more := range map[string]Event{
		"nothing special":      {From: AtHop, Kind: Fired, Fault: "f"},
		"a long binary blob":   opaque(bytes.Repeat([]byte{0, 0xff}, 100)),
		"UTF-8 data":           opaque([]byte("Grüße\r\n")),
		"broken UTF-8 data":    opaque([]byte("Gr\xfc\xdfe")),
		"control characters":   opaque([]byte("\x1b[0m")),
		"63 bytes":             opaque(bytes.Repeat([]byte("x"), 63)),
		"64 bytes":             opaque(bytes.Repeat([]byte("x"), 64)),
		"HTML and U+2028":      {From: AtGateway, Kind: Rejected, Status: 400, Data: []byte("<a>&\u2028"), Text: "<a>&\u2028"},
		"broken UTF-8 in text": {From: AtRig, Kind: Configured, How: "direct", Text: "a\xff", ID: "\xff", Labels: []string{"poll", "\xfe"}},
		"quotes":               {From: AtGateway, Kind: Rejected, Status: 400, Text: `"\` + "\x00", Data: []byte(`"\`)},
	} {
		more.Seq = 10
		all := append(events[:len(events):len(events)], more)
		text := write(t, meta, all)
		gotMeta, got, err := Read(strings.NewReader(text))
		if err != nil || !reflect.DeepEqual(gotMeta, meta) || !reflect.DeepEqual(got, all) {
			t.Errorf("%s: %v, %+v\n%s", name, err, got, text)
		}
		if again := write(t, gotMeta, got); again != text {
			t.Errorf("%s: not the same bytes again:\n%s\n%s", name, text, again)
		}
	}
}

func TestFileIsForPeople(t *testing.T) {
	text := write(t, Meta{Case: "c", Seed: 7}, []Event{
		{Seq: 1, From: AtHop, Kind: RequestDone, Conn: 1, Exchange: 1, Data: []byte("OUT\r\n")},
		{Seq: 2, From: AtHop, Kind: Opaque, Conn: 1, By: "peer", Data: []byte{0}},
	})
	want := `{"format":"gauntlet-history","version":1,"case":"c","mode":"","client":"","harness":"","seed":7}
{"seq":1,"at":0,"from":"hop","kind":"request done","conn":1,"exchange":1,"raw":"OUT\r\n"}
{"seq":2,"at":0,"from":"hop","kind":"opaque","conn":1,"by":"peer","raw64":"AA=="}
{"events":2,"sha256":"`
	if !strings.HasPrefix(text, want) {
		t.Errorf("got\n%s\nwant\n%s", text, want)
	}
}

func TestDataIsStoredOnce(t *testing.T) {
	meta, events := sample()
	text := write(t, meta, events)
	if n := strings.Count(text, "Action=poll"); n != 1 {
		t.Errorf("the head is stored %d times:\n%s", n, text)
	}
}

func TestDamageIsFound(t *testing.T) {
	meta, events := sample()
	whole := strings.SplitAfter(write(t, meta, events), "\n")
	whole = whole[:len(whole)-1] // 1 first, 2 event, 3 blob, 4-8 events, 9 last
	edit := func(change func(lines []string) []string) string {
		return strings.Join(change(append([]string(nil), whole...)), "")
	}
	replace := func(n int, from, to string) string {
		return edit(func(l []string) []string { l[n-1] = strings.Replace(l[n-1], from, to, 1); return l })
	}
	for name, test := range map[string]struct {
		text, want string
		tampered   bool
	}{
		"empty":           {"", "line 1: no history: EOF", false},
		"not JSON":        {"hello\n", "line 1: no history", false},
		"another format":  {`{"format":"har","version":1}` + "\n", `line 1: format "har"`, false},
		"another version": {replace(1, `"version":1`, `"version":2`), "line 1: format", false},
		"first changed":   {replace(1, "virtual", "netns"), "line 9: ", true},
		"event changed":   {replace(5, "OUT", "PNG"), "line 9: ", true},
		"blob changed":    {replace(3, "poll", "open"), "line 3: ", true},
		"unknown field":   {replace(2, `"conn"`, `"con"`), `line 2: json: unknown field "con"`, false},
		"data field":      {replace(2, `"conn":1`, `"data":"AA=="`), `line 2: unknown field "data"`, false},
		"two values":      {replace(2, "}\n", "} {}\n"), "line 2: more than one value", false},
		"bad field name":  {replace(2, `"conn":1`, `"bytes64":{"text":"/w==","x":"/w=="}`), `line 2: bytes64 has no place for "x"`, false},
		"both forms":      {replace(5, `"raw"`, `"raw64":"AA==","raw"`), "line 5: both raw and raw64", false},
		"unknown blob":    {edit(func(l []string) []string { return append(l[:2], l[3:]...) }), "line 3: ", true},
		"swapped":         {edit(func(l []string) []string { l[4], l[5] = l[5], l[4]; return l }), "line 6: ", true},
		"event missing":   {edit(func(l []string) []string { return append(l[:4], l[5:]...) }), "6 events were written and 5 are here; event 3 is", true},
		"event repeated":  {edit(func(l []string) []string { l[5] = l[4]; return l }), "line 6: ", true},
		"last missing":    {edit(func(l []string) []string { return l[:8] }), "line 9: cut short: the last line", false},
		"line cut":        {strings.Join(whole, "")[:700], "cut short: the line has no end", false},
		"line added":      {strings.Join(whole, "") + "{}\n", "line 10: ", true},
		"blank line":      {replace(2, "\n", "\n\n"), "line 3: neither an event nor", false},
		"digest changed":  {replace(9, `"sha256":"`, `"sha256":"0`), "line 9: ", true},
		"count changed":   {replace(9, `"events":6`, `"events":7`), "7 events were written and 6 are here", true},
	} {
		meta, events, err := Read(strings.NewReader(test.text))
		if err == nil || !strings.Contains(err.Error(), test.want) || errors.Is(err, errTampered) != test.tampered {
			t.Errorf("%s: %v, want %q in it, tampered %v", name, err, test.want, test.tampered)
		}
		if events != nil || !reflect.DeepEqual(meta, Meta{}) {
			t.Errorf("%s: something was returned beside the error", name)
		}
		if _, events, file := ReadFile(strings.NewReader(test.text), int64(len(test.text))); events != nil || fmt.Sprint(file) != fmt.Sprint(err) {
			t.Errorf("%s: of a file it is said: %v", name, file)
		}
	}
}

func TestEventsOutOfOrderAreNotWritten(t *testing.T) {
	if err := Write(&bytes.Buffer{}, Meta{}, []Event{{Seq: 2}, {Seq: 2}}); err == nil {
		t.Error("no error")
	}
}

func TestErrorOfTheWriter(t *testing.T) {
	want := errors.New("disk full")
	if err := Write(failing{want}, Meta{}, nil); !errors.Is(err, want) {
		t.Error(err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func FuzzRead(f *testing.F) {
	meta, events := sample()
	var out bytes.Buffer
	if err := Write(&out, meta, events); err != nil {
		f.Fatal(err)
	}
	f.Add(out.Bytes())
	f.Fuzz(func(t *testing.T, text []byte) {
		meta, events, err := Read(bytes.NewReader(text))
		if err != nil {
			return
		}
		again := write(t, meta, events)
		if _, twice, err := Read(strings.NewReader(again)); err != nil || !reflect.DeepEqual(events, twice) {
			t.Errorf("%v\n%s\n%s", err, text, again)
		}
	})
}

func FuzzRoundTrip(f *testing.F) {
	f.Add([]byte("OUT\r\n"), "1.2", "poll")
	f.Fuzz(func(t *testing.T, data []byte, id, label string) {
		want := []Event{
			{Seq: 1, From: AtRig, Kind: Configured, How: "direct", Text: "gateway", ID: id, Labels: []string{label}},
			{Seq: 2, From: AtHop, Kind: RequestDone, Conn: 1, Exchange: 1},
		}
		if len(data) > 0 {
			want[1].Data = data
		}
		_, got, err := Read(strings.NewReader(write(t, Meta{}, want)))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%v: %+v, want %+v", err, got, want)
		}
	})
}

func BenchmarkWrite(b *testing.B) {
	var events []Event
	for i := range 1000 {
		events = append(events, Event{Seq: i + 1, From: AtHop, Kind: RequestHead, Conn: 1, Data: fmt.Appendf(nil, "POST /%070d HTTP/1.1\r\n\r\n", i%20)})
	}
	for b.Loop() {
		if err := Write(&bytes.Buffer{}, Meta{}, events); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	var events []Event
	for i := range 250 {
		head := fmt.Appendf(nil, "POST /%070d HTTP/1.1\r\n\r\n", i%20)
		for _, e := range []Event{
			{From: AtHop, Kind: RequestBegan, Conn: 1}, {From: AtHop, Kind: RequestHead, Conn: 1, Exchange: i + 1, Data: head, Labels: []string{"poll", "NS"}},
			{From: AtRig, Kind: StepBegan, Text: "sign in"}, {From: AtGateway, Kind: Processed, Session: 1, ID: "1.2", NewID: "1.3", Action: "poll", Server: "NS"},
		} {
			e.Seq = len(events) + 1
			events = append(events, e)
		}
	}
	var out bytes.Buffer
	if err := Write(&out, Meta{}, events); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, _, err := Read(bytes.NewReader(out.Bytes())); err != nil {
			b.Fatal(err)
		}
	}
}
