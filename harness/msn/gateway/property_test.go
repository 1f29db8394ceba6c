package gateway

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"gauntlet/harness/msn/msnhttp"

	"pgregory.net/rapid"
)

// world is one client, one gateway's table and one messenger, without I/O. The
// client keeps the client's rule: it repeats the unanswered request byte for
// byte before any other, and takes an answer only whole. Everything else is
// chance: requests and answers get lost, a box repeats requests, copies arrive
// late, the messenger speaks when it likes.
type world struct {
	*table
	now time.Time

	id       string   // the client's
	waiting  *request // its unanswered request
	answers  []*reply // to it, on their way; those of earlier requests are on closed connections
	past     []*request
	pending  []*reply // to be finished
	commands int      // sent so far
	got      bytes.Buffer

	heard    bytes.Buffer // by the messenger
	expected bytes.Buffer
	said     bytes.Buffer
	lines    int
}

func newWorld(t *rapid.T, d Dialect) *world {
	w := &world{table: newTable(d, Limits{}, rapid.Uint64().Draw(t, "seed")), now: time.Unix(0, 0)}
	r := &request{action: msnhttp.ActionOpen, server: NS}
	if no := w.reserve(w.now, r); no != nil {
		t.Fatal(no)
	}
	p := w.open(w.now, r)
	w.finish(w.now, p)
	w.id = idOf(p.answer)
	return w
}

// submit begins the client's next request, or repeats the unanswered one.
func (w *world) submit(t *rapid.T) {
	if w.waiting == nil {
		w.waiting = ask(w.id, "")
		if rapid.Bool().Draw(t, "command") {
			w.commands++
			body := fmt.Sprintf("MSG %d N 3\r\n%03d", w.commands, w.commands%1000)
			w.expected.WriteString(body)
			w.waiting = ask(w.id, body)
		}
	}
	if rapid.IntRange(0, 3).Draw(t, "lost") > 0 {
		w.arrive(t, w.waiting)
	}
}

// arrive is one copy of the client's request at the gateway.
func (w *world) arrive(t *rapid.T, r *request) {
	copied := *r
	p, first, no := w.begin(w.now, &copied)
	if no != nil {
		t.Fatalf("the client's own request %q was refused: %s", r.body, no.reason)
	}
	if first {
		w.pending = append(w.pending, p)
	}
	w.answers = append(w.answers, p)
}

// late is a copy of a request that was answered long ago. It may be answered
// again; it must not be processed.
func (w *world) late(t *rapid.T) {
	if len(w.past) == 0 {
		t.Skip("nothing is late yet")
	}
	r := *rapid.SampledFrom(w.past).Draw(t, "copy")
	_, first, no := w.begin(w.now, &r)
	if first || no != nil && no.reason != ReasonStale {
		t.Fatalf("a late copy: processed %v, refusal %+v", first, no)
	}
}

// compute finishes what is pending.
func (w *world) compute(t *rapid.T) {
	if len(w.pending) == 0 {
		t.Skip("nothing is pending")
	}
	w.finish(w.now, w.pending[0])
	w.pending = w.pending[1:]
}

// receive brings an answer to the client, or loses it.
func (w *world) receive(t *rapid.T) {
	for i, p := range w.answers {
		if !p.entry.settled() {
			continue
		}
		w.answers = append(w.answers[:i:i], w.answers[i+1:]...)
		if rapid.IntRange(0, 2).Draw(t, "lost") > 0 {
			w.accept(t, p)
		}
		return
	}
	t.Skip("no answer is on its way")
}

func (w *world) accept(t *rapid.T, p *reply) {
	h, err := msnhttp.ParseSessionHeader(p.answer.header)
	if err != nil || h.Close {
		t.Fatalf("%q %v", p.answer.header, err)
	}
	w.got.Write(p.answer.body)
	w.id, w.past = h.SessionID, append(w.past, w.waiting)
	w.waiting, w.answers = nil, nil
}

func (w *world) speak(t *rapid.T) {
	w.lines++
	line := fmt.Appendf(nil, "MSG a b 4\r\n%04d", w.lines%10_000)
	w.said.Write(line)
	cut := rapid.IntRange(0, len(line)).Draw(t, "cut")
	w.known[1].deliver(line[:cut])
	w.known[1].deliver(line[cut:])
}

// check compares what arrived with what was sent.
func (w *world) check(t *rapid.T) {
	for _, up := range w.known[1].unsent() {
		w.heard.Write(up)
	}
	if !bytes.HasPrefix(w.expected.Bytes(), w.heard.Bytes()) {
		t.Fatalf("the messenger heard %q of %q", w.heard.Bytes(), w.expected.Bytes())
	}
	if !bytes.HasPrefix(w.said.Bytes(), w.got.Bytes()) {
		t.Fatalf("the client got %q of %q", w.got.Bytes(), w.said.Bytes())
	}
	if s := w.known[1]; len(s.tickets) > 2+len(s.log) || int(s.down.end()) != w.said.Len() {
		t.Fatalf("%d ids, %d entries, %d bytes", len(s.tickets), len(s.log), s.down.end())
	}
}

// settleAll lets everything arrive and asks until all is there.
func (w *world) settleAll(t *rapid.T) {
	for range 4 {
		if w.waiting == nil {
			w.waiting = ask(w.id, "")
		}
		w.arrive(t, w.waiting)
		for len(w.pending) > 0 {
			w.compute(t)
		}
		w.accept(t, w.answers[len(w.answers)-1])
	}
	w.check(t)
	if w.heard.Len() != w.expected.Len() || w.got.Len() != w.said.Len() {
		t.Fatalf("heard %d of %d bytes, got %d of %d", w.heard.Len(), w.expected.Len(), w.got.Len(), w.said.Len())
	}
}

// TestExactlyOnceInOrder: whatever is lost, late or repeated, the messenger
// hears each command once and in order, and the client gets each byte likewise.
// Steps: -rapid.checks times -rapid.steps.
func TestExactlyOnceInOrder(t *testing.T) {
	for _, name := range []string{"documented", "hostile-legal", "forgetful"} {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				w := newWorld(t, Dialects()[name])
				t.Repeat(map[string]func(*rapid.T){
					"submit": w.submit, "late": w.late, "compute": w.compute, "receive": w.receive, "speak": w.speak, "": w.check,
				})
				w.settleAll(t)
			})
		})
	}
}
