package wire

import (
	"bytes"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"gauntlet/proxies/fault"
)

func downgrade(head []byte) []byte {
	return bytes.Replace(head, []byte("HTTP/1.1 200 OK"), []byte("HTTP/1.0 200 Okay"), 1)
}

func TestEditHeadAsAnEffect(t *testing.T) {
	const line = "hop 0: on poll 2, answer: close"
	edited := "HTTP/1.0 200 Okay" + answer[len("HTTP/1.1 200 OK"):]
	for n := 1; n < 60; n++ {
		l := &log{}
		o := options(t, l, line)
		o.Effects = map[string]func(fault.Injection){"close": func(s fault.Injection) { s.EditHead(downgrade) }}
		_, toPeer, events := relay(t, o, l, n, request, answer, request, "HTTP/1.1 100 \r\n\r\n"+answer, request, answer)
		if toPeer != answer+"HTTP/1.1 100 \r\n\r\n"+edited+answer {
			t.Fatalf("pieces of %d: the peer got %q", n, toPeer)
		}
		if !inOrder(events, []string{"1/2 fired", "1/2 edited", line, `"HTTP/1.1 200`, "1/2 answer began", `1/2 answer head`, `"HTTP/1.0 200 Okay`, "1/2 answer done", "given 45"}) {
			t.Fatalf("pieces of %d:\n%s", n, events)
		}
	}
}

func TestAnEditThatChangesNothingLeavesNoTrace(t *testing.T) {
	l := &log{}
	o := options(t, l, "hop 0: on poll 1, answer: close")
	o.Effects = map[string]func(fault.Injection){"close": func(s fault.Injection) { s.EditHead(func(h []byte) []byte { return h }) }}
	if _, toPeer, events := relay(t, o, l, 7, request, answer); toPeer != answer || strings.Contains(events, "fired") {
		t.Errorf("the peer got %q\n%s", toPeer, events)
	}
}

// An edited head does not wait for the body, which may be long in coming.
func TestAnEditedHeadGoesAtOnce(t *testing.T) {
	head := answer[:len(answer)-5]
	atAnswerBy(t, func(s fault.Injection) { s.EditHead(downgrade) }, func(peer, box net.Conn) {
		send(t, box, head)
		if got := readN(t, peer, len(downgrade([]byte(head)))); got != string(downgrade([]byte(head))) {
			t.Errorf("the peer read %q", got)
		}
		send(t, box, answer[len(head):])
		readN(t, peer, 5)
	})
}

// What we give in place of an answer may be too short to be one.
func TestAnAnswerOfOurOwnThatIsNone(t *testing.T) {
	for _, text := range []string{"H", "HTTP", "HTTP/1.1 2"} {
		a := fault.Answer{Head: []byte(text), Then: fault.FIN}
		atAnswerBy(t, func(s fault.Injection) { s.Replace(a) }, func(peer, box net.Conn) {
			_, _ = io.WriteString(box, answer)
			wantEnd(t, peer, text, fin)
		})
	}
}

// atAnswerBy has act be the effect on the first answer, which play may then write.
func atAnswerBy(t *testing.T, act func(fault.Injection), play func(peer, box net.Conn)) {
	t.Helper()
	o := options(t, nil, "hop 0: on poll 1, answer: close")
	o.Effects = map[string]func(fault.Injection){"close": act}
	h := (&hop{t: t}).with(o)
	peer, box := h.pair()
	send(t, peer, request)
	readN(t, box, len(request))
	play(peer, box)
}

// Landmarks within an edited head count the bytes as they are handed on.
func TestCutWithinAnEditedHead(t *testing.T) {
	o := options(t, nil, "hop 0: on poll 1, answer: stall", "hop 0: on poll 1, response byte 12: close")
	o.Effects = map[string]func(fault.Injection){}
	o.Effects["stall"] = func(s fault.Injection) { s.EditHead(downgrade) }
	h := (&hop{t: t}).with(o)
	peer, box := h.pair()
	send(t, peer, request)
	readN(t, box, len(request))
	_, _ = io.WriteString(box, answer)
	wantEnd(t, peer, "HTTP/1.0 200", fin)
}

// drip lets one byte pass each time it is asked, a moment apart.
type drip struct{ next time.Time }

func (d *drip) Admit(now time.Time, _ int) (int, time.Time) {
	if now.Before(d.next) {
		return 0, d.next
	}
	d.next = now.Add(time.Millisecond)
	return 1, time.Time{}
}

func TestPace(t *testing.T) {
	o := options(t, nil, "hop 0: on poll 1, head: close")
	o.Effects = map[string]func(fault.Injection){"close": func(s fault.Injection) {
		s.Pace(fault.ToBox, &drip{})
		s.Pace(fault.ToPeer, &drip{})
	}}
	h := (&hop{t: t}).with(o)
	peer, box := h.pair()
	began := time.Now()
	send(t, peer, request)
	if got := readN(t, box, len(request)); got != request {
		t.Errorf("the box read %q", got)
	}
	send(t, box, answer)
	if got := readN(t, peer, len(answer)); got != answer {
		t.Errorf("the peer read %q", got)
	}
	if took := time.Since(began); took < time.Duration(len(request)+len(answer)-2)*time.Millisecond {
		t.Errorf("took %v", took)
	}
}

func TestPaceKeepsDeadlines(t *testing.T) {
	o := options(t, nil, "hop 0: on poll 1, head: close")
	never := time.Now().Add(time.Hour)
	o.Effects = map[string]func(fault.Injection){"close": func(s fault.Injection) {
		s.Pace(fault.ToBox, &drip{never})
		s.Pace(fault.ToPeer, &drip{never})
	}}
	h := (&hop{t: t}).with(o)
	peer, box := h.pair()
	send(t, peer, request)
	_ = box.SetDeadline(time.Now().Add(20 * time.Millisecond))
	wantEnd(t, box, "", "timeout")
	if _, err := io.WriteString(box, answer); ending(err) != "timeout" || !saidOf(err, "write") {
		t.Errorf("write: %v", err)
	}
	_ = box.SetDeadline(time.Time{})
	time.AfterFunc(10*time.Millisecond, func() { _ = box.Close() })
	wantEnd(t, box, "", "closed")
}
