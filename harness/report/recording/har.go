package recording

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/report/har"
	"gauntlet/harness/run/rig"
)

// harLog is a HAR 1.2 log, as far as it matters here. Fields of our own begin with
// an underscore.
type harLog struct {
	Log *struct {
		Creator struct{ Name, Version string }
		Mode    string `json:"_mode"`
		Entries []harEntry
	}
}

type harEntry struct {
	Started    string         `json:"startedDateTime"`
	Time       float64        `json:"time"`
	Timings    map[string]any `json:"timings"`
	Connection string         `json:"connection"`
	Request    harMessage     `json:"request"`
	Response   harMessage     `json:"response"`
	Exchange   int            `json:"_exchange"`
	End        *har.End       `json:"_end"`
}

// harMessage is a request or an answer.
type harMessage struct {
	Method      string
	URL         string
	HTTPVersion string
	Status      int
	StatusText  string
	Headers     []struct{ Name, Value string }
	BodySize    int64
	PostData    *harBody
	Content     *harBody
}

type harBody struct {
	Size     int64
	Text     string
	Encoding string
	Raw      []byte `json:"_base64"`
}

func isHAR(data []byte) bool { return begins(data, "{") && bytes.Contains(data, []byte(`"log"`)) }

// readHAR reads a HAR log. Its entries may stand in any order.
func readHAR(data []byte) (Recording, error) {
	var l harLog
	if err := json.Unmarshal(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), &l); err != nil {
		return Recording{}, placed(data, err)
	}
	switch {
	case l.Log == nil:
		return Recording{}, errors.New("it has no log at its top")
	case len(l.Log.Entries) > mostMessages:
		return Recording{}, errTooMany("entries", mostMessages)
	}
	r := harReader{sight: Sight{Requests: true, Form: true, Times: true, Connections: true, Whole: true, Ties: harTies}, last: map[string]int{}}
	r.ours, r.proxy = l.Log.Creator.Name == "gauntlet", strings.Contains(l.Log.Creator.Name, "mitmproxy")
	if r.ours && l.Log.Mode == string(rig.Virtual) {
		r.sight.Ties = 0
	}
	if err := r.entries(l.Log.Entries); err != nil {
		return Recording{}, err
	}
	by := strings.TrimSpace(l.Log.Creator.Name + " " + l.Log.Creator.Version)
	return Recording{By: by, Sight: r.sight, Events: r.history(), Notes: r.notes()}, nil
}

// placed is a mistake in JSON with the line that it stands on.
func placed(data []byte, err error) error {
	at := int64(-1)
	if syntax := (*json.SyntaxError)(nil); errors.As(err, &syntax) {
		at = syntax.Offset
	}
	if kind := (*json.UnmarshalTypeError)(nil); errors.As(err, &kind) {
		at = kind.Offset
	}
	if at < 0 || at > int64(len(data)) {
		return err
	}
	line := 1 + bytes.Count(data[:at], []byte("\n"))
	return fmt.Errorf("line %d, byte %d: %w; save the log again", line, at, err)
}

// harTies is up to what an overlap is put down to the clocks of whoever wrote a log.
const harTies = 50 * time.Millisecond

type harReader struct {
	teller
	sight       Sight
	ours, proxy bool           // written by Gauntlet, by mitmproxy
	last        map[string]int // by the name of a connection in the log, its number here
	lanes       []time.Time    // where the log names no connections: until when each is taken
}

// span is when an exchange took place.
type span struct{ from, to time.Time }

func (r *harReader) entries(list []harEntry) error {
	spans := make([]span, len(list))
	order := make([]int, len(list))
	for i := range list {
		at, err := time.Parse(time.RFC3339Nano, list[i].Started)
		if err != nil {
			return fmt.Errorf("entry %d: startedDateTime %q is no date such as 2024-05-01T12:00:00.000Z", i+1, list[i].Started)
		}
		spans[i], order[i] = r.span(at, list[i]), i
	}
	slices.SortStableFunc(order, func(a, b int) int { return spans[a].from.Compare(spans[b].from) })
	if !slices.IsSorted(order) {
		r.note("the entries stood in another order than that of their times, and were put in order")
	}
	for n, i := range order {
		if err := r.entry(n+1, list[i], spans[i]); err != nil {
			return fmt.Errorf("entry %d: %w", i+1, err)
		}
	}
	return nil
}

// span reads the times of an entry. A request begins when its connection stands; in
// mitmproxy's logs the connection meant is the one beyond the proxy.
func (r *harReader) span(at time.Time, e harEntry) span {
	const longest = 1e9 // milliseconds
	phase := func(names ...string) (d time.Duration) {
		for _, name := range names {
			if ms, is := e.Timings[name].(float64); is && ms > 0 && ms < longest {
				d += time.Duration(ms * float64(time.Millisecond))
			}
		}
		return d
	}
	if r.proxy {
		return span{at, at.Add(phase("send", "wait", "receive"))}
	}
	s := span{at.Add(phase("blocked", "dns", "connect")), at}
	if e.Time > 0 && e.Time < longest {
		s.to = at.Add(time.Duration(e.Time * float64(time.Millisecond)))
	} else if !r.ours {
		s.to = s.from.Add(phase("send", "wait", "receive"))
		r.note("an entry has no time")
		r.sight.Times = false
	}
	return span{s.from, later(s.from, s.to)}
}

// entry tells one exchange.
func (r *harReader) entry(n int, e harEntry, s span) error {
	if strings.HasPrefix(e.Request.URL, "https:") || strings.HasPrefix(e.Request.URL, "data:") {
		r.note("what went by TLS, or over no network, is not for the gateway, and was left out")
		return nil
	}
	body, kept, err := e.Request.body(e.Request.PostData)
	if err != nil {
		return fmt.Errorf("the body of the request: %w", err)
	}
	if !kept {
		r.note("the log does not hold the body of a request")
		r.sight.Form, r.sight.Whole = false, false
	}
	conn := r.connection(e.Connection, s)
	head := r.head(e.Request, e.Request.requestLine())
	r.tell(s.from, conn, n, history.Event{Kind: history.RequestBegan})
	switch {
	case r.ours && e.Exchange == 0:
		r.tell(s.from, conn, 0, history.Event{Kind: history.RequestCut, Data: head})
		return r.answer(conn, n, e, s)
	case e.End != nil && e.End.Cut:
		r.tell(s.from, conn, n, history.Event{Kind: history.RequestHead, Data: head})
		r.tell(s.from, conn, n, history.Event{Kind: history.RequestCut, Data: body})
		return r.answer(conn, n, e, s)
	}
	r.tell(s.from, conn, n, history.Event{Kind: history.RequestHead, Data: head})
	r.tell(s.from, conn, n, history.Event{Kind: history.RequestDone, Data: body})
	return r.answer(conn, n, e, s)
}

// answer tells what became of a request.
func (r *harReader) answer(conn, n int, e harEntry, s span) error {
	end := har.End{Answered: e.Response.Status > 0}
	if e.End != nil {
		end = *e.End
	} else if !end.Answered {
		end.By = "box"
	}
	if e.Response.Status > 0 {
		body, kept, err := e.Response.body(e.Response.Content)
		if err != nil {
			return fmt.Errorf("the body of the answer: %w", err)
		}
		lost := ""
		if !kept {
			lost = "the log does not hold it"
			r.note("the log does not hold the body of an answer")
			r.sight.Whole = false
		}
		head := e.Response
		if !r.ours {
			head.plain(len(body), kept)
		}
		r.tell(s.to, conn, n, history.Event{Kind: history.AnswerBegan})
		r.tell(s.to, conn, n, history.Event{Kind: history.AnswerHead, Status: e.Response.Status, Data: r.head(head, head.statusLine())})
		if end.Answered {
			r.tell(s.to, conn, n, history.Event{Kind: history.AnswerDone, Data: body, Text: lost})
		}
	}
	if end.By != "" {
		r.tell(s.to, conn, 0, history.Event{Kind: history.Closed, By: end.By, How: cmp.Or(end.How, "FIN")})
		maps.DeleteFunc(r.last, func(_ string, number int) bool { return number == conn })
	}
	return nil
}

// connection is the number of the one by which an entry went. Where the log names
// none, what does not overlap shares one.
func (r *harReader) connection(name string, s span) int {
	if name == "" {
		r.sight.Connections = false
		r.note("the log does not say on which connections requests went")
		lane := slices.IndexFunc(r.lanes, func(until time.Time) bool { return !until.After(s.from) })
		if lane < 0 {
			r.lanes = append(r.lanes, time.Time{})
			lane = len(r.lanes) - 1
		}
		r.lanes[lane] = s.to
		name = "lane " + strconv.Itoa(lane)
	}
	if r.last[name] == 0 {
		r.conns++
		r.last[name] = r.conns
		r.tell(s.from, r.conns, 0, history.Event{Kind: history.Accepted})
	}
	return r.last[name]
}

// head is a message's head as its fields say it. Those of HTTP/2 that stand for the
// request line were never in a head of HTTP/1.
func (r *harReader) head(m harMessage, start string) []byte {
	if v := strings.ToLower(m.HTTPVersion); strings.HasPrefix(v, "h2") || strings.HasPrefix(v, "h3") || strings.HasPrefix(v, "http/2") || strings.HasPrefix(v, "http/3") {
		r.note("the log tells of HTTP/2 or 3: its fields are not the bytes of hop 0, and their form is not judged")
		r.sight.Form, r.sight.Connections = false, false
	}
	var out bytes.Buffer
	out.WriteString(oneLine(start) + "\r\n")
	for _, f := range m.Headers {
		if !strings.HasPrefix(f.Name, ":") {
			out.WriteString(oneLine(f.Name) + ": " + oneLine(f.Value) + "\r\n")
		}
	}
	out.WriteString("\r\n")
	return out.Bytes()
}

func (m harMessage) requestLine() string { return m.Method + " " + m.URL + " " + m.version() }

func (m harMessage) statusLine() string {
	return m.version() + " " + strconv.Itoa(m.Status) + " " + m.StatusText
}

// version is that of HTTP/1 in which the message is told.
func (m harMessage) version() string {
	if v := strings.ToUpper(m.HTTPVersion); strings.HasPrefix(v, "HTTP/1.") {
		return v
	}
	return "HTTP/1.1"
}

// body is what the log holds of a body, and whether that is all of it.
func (m harMessage) body(b *harBody) (data []byte, kept bool, err error) {
	if b == nil {
		return nil, m.BodySize <= 0, nil
	}
	switch {
	case b.Raw != nil:
		data = b.Raw
	case b.Encoding == "base64":
		if data, err = base64.StdEncoding.DecodeString(b.Text); err != nil {
			return nil, false, fmt.Errorf("%w; save the log again", err)
		}
	case b.Encoding != "":
		return nil, false, fmt.Errorf("the encoding %q is unknown; base64 is read", b.Encoding)
	default:
		data = []byte(b.Text)
	}
	if len(data) > mostBody {
		return nil, false, fmt.Errorf("it has %d bytes; at most %d are read", len(data), mostBody)
	}
	return data, len(data) > 0 || b.Size <= 0 && m.BodySize <= 0, nil
}

// plain makes the fields fit a body that the log holds decoded.
func (m *harMessage) plain(length int, kept bool) {
	coded := false
	fields := slices.Clone(m.Headers)
	for i := range fields {
		coded = coded || isAny(fields[i].Name, "Content-Encoding", "Transfer-Encoding")
	}
	if !coded || !kept {
		return
	}
	m.Headers = fields[:0]
	for _, f := range fields {
		if !isAny(f.Name, "Content-Encoding", "Transfer-Encoding", "Content-Length") {
			m.Headers = append(m.Headers, f)
		}
	}
	m.Headers = append(m.Headers, struct{ Name, Value string }{"Content-Length", strconv.Itoa(length)})
}

func isAny(name string, of ...string) bool {
	return slices.ContainsFunc(of, func(x string) bool { return strings.EqualFold(name, x) })
}

func oneLine(text string) string { return strings.NewReplacer("\r", "", "\n", "").Replace(text) }
