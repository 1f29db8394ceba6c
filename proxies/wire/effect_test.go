package wire

import (
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"gauntlet/proxies/fault"
)

// struckAt runs one exchange on raw bytes with a fault and checks what the box
// got of the request, what the peer got of the answer, and how each face ended.
type struckAt struct {
	landmark string
	box      string // what the box reads before the end
	peer     string // what the peer reads before the end
	answers  bool   // the box goes so far as to answer
}

func landmarks() []struckAt {
	return []struckAt{
		{"head", "", "", false},
		{"request byte 1", request[:1], "", false},
		{"request byte 9", request[:9], "", false},
		{"request byte 45", request[:45], "", false}, // where the head ends
		{"request byte 46", request[:46], "", false},
		{"forward", request[:len(request)-1], "", false},
		{"request byte 50", request, "", false},
		{"answer", request, "", true},
		{"response byte 1", request, answer[:1], true},
		{"response byte 12", request, answer[:12], true},
		{"status line", request, answer[:17], true},
		{"field content-LENGTH", request, answer[:36], true},
		{"response byte 38", request, answer[:38], true},
		{"response byte 40", request, answer[:40], true},
		{"response byte 43", request, answer, true},
		{"end", request, answer, true},
		{"idle 10ms", request, answer, true},
	}
}

func TestCloseAndResetAtEachLandmark(t *testing.T) {
	for effect, how := range map[string]string{"close": fin, "reset": rst} {
		for _, at := range landmarks() {
			t.Run(at.landmark+" "+effect, func(t *testing.T) {
				fault := "hop 0: on NS poll 1, " + at.landmark + ": " + effect
				h := newHop(t, fault)
				peer, box := h.pair()
				send(t, peer, request)
				talk(t, box, at)
				wantEnd(t, box, "", how)
				wantEnd(t, peer, at.peer, how)
				wantBroken(t, box, how)
				_ = box.Close()
				h.fired(fault, 1)
				h.happened("fired", "1/", "closed", "fault "+how)
			})
		}
	}
}

// talk is the box's part: it reads what it gets and answers.
func talk(t *testing.T, box net.Conn, at struckAt) {
	t.Helper()
	if got := readN(t, box, len(at.box)); got != at.box {
		t.Fatalf("the box read %q, want %q", got, at.box)
	}
	if at.answers {
		n, err := io.WriteString(box, answer)
		if whole := at.peer == answer; whole && (n != len(answer) || err != nil) || !whole && err == nil {
			t.Errorf("the box wrote %d: %v", n, err)
		}
	}
}

// What is held back because it may have to be kept from the box is free as soon as it is
// known that it need not be; and what has cut a connection leaves nothing to answer.
func TestWhatIsHeldAtForward(t *testing.T) {
	const reset = "hop 0: on NS poll 1, forward: reset"
	for other, gets := range map[string]string{"hop 0: on MSG 9, forward: status 502": request[:len(request)-1], "hop 0: on NS poll 1, forward: status 502": ""} {
		h := newHop(t, reset, other)
		peer, box := h.pair()
		send(t, peer, request)
		if got := readN(t, box, len(gets)); got != gets {
			t.Errorf("the box read %q, want %q", got, gets)
		}
		wantEnd(t, box, "", rst)
		wantEnd(t, peer, "", rst)
		_ = box.Close()
		h.fired(reset, 1)
		h.fired(other)
	}
}

func wantBroken(t *testing.T, box net.Conn, how string) {
	t.Helper()
	want := map[string]error{fin: syscall.EPIPE, rst: syscall.ECONNRESET}[how]
	if _, err := io.WriteString(box, answer); !errors.Is(err, want) || !saidOf(err, "write") {
		t.Errorf("the box's write after %s: %v", how, err)
	}
}

func TestRefuseOnRealSockets(t *testing.T) {
	fault := "hop 0: on connection 2: refuse, 2 times"
	h := newHop(t, fault)
	h.pair()
	two, three := h.dial(), h.dial()
	_, box := h.pair()
	wantEnd(t, two, "", rst)
	wantEnd(t, three, "", rst)
	if c := box.(*conn); c.id != 4 {
		t.Errorf("connection %d", c.id)
	}
	h.fired(fault, 2, 3)
	h.happened("1/0 accepted", "2/0 fired", "2/0 refused", "3/0 fired", "3/0 refused", "4/0 accepted")
	for _, e := range h.log.events {
		if (e.Kind == Accepted || e.Kind == Refused) && hostOf(&net.UnixAddr{Name: e.Peer}) != "127.0.0.1" {
			t.Errorf("%s: %q", e.Kind, e.Peer)
		}
	}
}

func TestAcceptAndClose(t *testing.T) {
	fault := "hop 0: on connection 1: close"
	h := newHop(t, fault)
	peer, box := h.pair()
	wantEnd(t, peer, "", fin)
	wantEnd(t, box, "", fin)
	h.fired(fault, 1)
	h.happened("1/0 accepted", "1/0 fired", "1/0 closed fault FIN")
}

// A moment strikes whatever is under way, on each connection that is open.
func TestAtAMoment(t *testing.T) {
	fault := "hop 0: at 300ms: reset"
	h := newHop(t, fault)
	idle, first := h.pair()
	busy, second := h.pair()
	send(t, busy, request[:9])
	readN(t, second, 9)
	h.fired(fault)
	wantEnd(t, idle, "", rst)
	wantEnd(t, busy, "", rst)
	wantEnd(t, first, "", rst)
	wantEnd(t, second, "", rst)
	h.fired(fault, 1, 2)
}

// The bytes of all answers count, and the cut is exact.
func TestAfterBytes(t *testing.T) {
	fault := fmt.Sprintf("hop 0: after %d bytes: close", len(answer)+7)
	h := newHop(t, fault)
	peer, box := h.pair()
	for range 2 {
		send(t, peer, request)
		readN(t, box, len(request))
		_, _ = io.WriteString(box, answer) // the second is cut
	}
	wantEnd(t, peer, answer+answer[:7], fin)
	h.fired(fault, 1)
}

// An interim answer counts whole, and the next does not come, however many the box writes
// at once.
func TestAfterBytesOfInterimAnswers(t *testing.T) {
	const line, interim = "hop 0: after 20 bytes: close", "HTTP/1.1 100 Continue\r\n\r\n"
	inStreet(t, func(s *street, peer, box net.Conn) {
		send(t, peer, request)
		readN(t, box, len(request))
		_, _ = io.WriteString(box, interim+interim+answer) // it is cut
		wantEnd(t, peer, interim, fin)
		s.fired(line, 1)
	}, line)
}

// What comes before a window is not counted; what comes after it is not struck.
func TestWindow(t *testing.T) {
	for window, want := range map[string][]int{", from 1h": nil, ", once, from 1ns": {1}, ", from 1ns until 1h": {1, 1}, ", from 1ns until 2ns": nil} {
		line := "hop 0: on poll 1, answer: add header A b" + window
		_, _, tap := converse(t, options(t, nil, line), 500)
		text, _ := fault.Parse(line, fault.Vocabulary{Head: []string{"poll"}})
		if got := tap.Fired()[text.String()]; len(want) == 2 && len(got) != 3 || len(want) < 2 && !slices.Equal(got, want) {
			t.Errorf("%s: fired %v", line, got)
		}
	}
}

// What a request says, in head or body, can be what a fault waits for.
func TestWhatARequestSays(t *testing.T) {
	for says, on := range map[string]int{`"MSG 2"`: 2, `"Connection: Keep-Alive"`: 1, `"close-x"`: 3, `"MSG 2" 2`: 0} {
		line := "hop 0: on request saying " + says
		if !strings.HasSuffix(says, " 2") {
			line += " 1"
		}
		l := &log{}
		converse(t, options(t, l, line+", answer: add header A b"), 500)
		if want := fmt.Sprintf("1/%d fired", on); on > 0 != strings.Contains(l.lines(), "fired") || on > 0 && !strings.Contains(l.lines(), want) {
			t.Errorf("%s: %s", line, l.lines())
		}
	}
}

// The box reads the end of a client that still listens.
func TestHalfCloseToBox(t *testing.T) {
	for landmark, got := range map[string]string{"request byte 9": request[:9], "forward": request[:len(request)-1], "answer": request, "end": request, "idle 10ms": request} {
		line := "hop 0: on NS poll 1, " + landmark + ": half-close to box"
		h := newHop(t, line)
		peer, box := h.pair()
		send(t, peer, request)
		if readN(t, box, len(got)) != got {
			t.Errorf("%s: the box read something else", landmark)
		}
		if landmark != "answer" && landmark != "end" && landmark != "idle 10ms" {
			wantEnd(t, box, "", fin)
		}
		send(t, box, answer)
		if readN(t, peer, len(answer)) != answer {
			t.Errorf("%s: the peer did not get its answer", landmark)
		}
		wantEnd(t, box, "", fin)
		h.fired(line, 1)
	}
}

func TestAfterIdle(t *testing.T) {
	fault := "hop 0: after idle 300ms: close"
	h := newHop(t, fault)
	peer, box := h.pair()
	for range 3 { // what comes in time puts it off
		send(t, peer, request)
		readN(t, box, len(request))
		send(t, box, answer)
		readN(t, peer, len(answer))
		time.Sleep(5 * time.Millisecond)
		h.fired(fault)
	}
	wantEnd(t, peer, "", fin)
	wantEnd(t, box, "", fin)
	h.fired(fault, 1)
}

// One-sided cuts: the other side is left in ignorance.
func TestOneSidedCuts(t *testing.T) {
	line := "hop 0: on poll 1, answer: reset"
	o := options(t, nil, line)
	o.Effects = map[string]func(fault.Injection){"reset": func(s fault.Injection) { s.CutPeer(rst) }}
	h := (&hop{t: t}).with(o)
	peer, box := h.pair()
	send(t, peer, request)
	readN(t, box, len(request))
	send(t, box, answer) // swallowed
	wantEnd(t, peer, "", rst)
	quiet(t, box)
	h.fired(line, 1)

	o = options(t, nil, line)
	o.Effects = map[string]func(fault.Injection){"reset": func(s fault.Injection) { s.CutBox(rst) }}
	h = (&hop{t: t}).with(o)
	peer, box = h.pair()
	send(t, peer, request)
	readN(t, box, len(request))
	wantBroken(t, box, rst)
	wantEnd(t, box, "", rst)
	_ = box.Close()
	quiet(t, peer)
	h.fired(line, 1)
}

func TestEffectsThatDoNothingLeaveNoTrace(t *testing.T) {
	var faults []string
	for _, at := range landmarks() {
		faults = append(faults, "hop 0: on poll 1, "+at.landmark+": reset")
	}
	l := &log{}
	o := options(t, l, append(faults, "hop 0: on connection 1: refuse", "hop 0: after idle 1ms: close")...)
	nothing, refusals := func(fault.Injection) {}, 0
	o.Effects = map[string]func(fault.Injection){"reset": nothing, "refuse": func(fault.Injection) { refusals++ }, "close": nothing}
	h := (&hop{t: t}).with(o)
	peer, box := h.pair()
	send(t, peer, request)
	if got := readN(t, box, len(request)); got != request {
		t.Errorf("the box read %q", got)
	}
	send(t, box, answer)
	if got := readN(t, peer, len(answer)); got != answer {
		t.Errorf("the peer read %q", got)
	}
	time.Sleep(15 * time.Millisecond)
	if got := h.tap.Fired(); len(got) != 0 || strings.Contains(l.lines(), "fired") {
		t.Errorf("fired %v\n%s", got, l.lines())
	}
	if refusals != 1 {
		t.Errorf("what acts on an attempt was run %d times on one", refusals)
	}
	const refuse = "hop 0: on connection 2: refuse"
	inStreet(t, func(s *street, _, _ net.Conn) {
		refusals, s.tap.options.Effects = 0, o.Effects
		if _, _ = s.connect(); refusals != 1 {
			t.Errorf("what acts on an attempt was run %d times at a gate", refusals)
		}
	}, refuse)
}
