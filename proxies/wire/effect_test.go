package wire

import (
	"errors"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"
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
		{"response byte 38", request, answer[:38], true},
		{"response byte 40", request, answer[:40], true},
		{"response byte 43", request, answer, true},
		{"end", request, answer, true},
		{"idle 10ms", request, answer, true},
	}
}

func TestCloseAndResetAtEachLandmark(t *testing.T) {
	for effect, how := range map[string]string{"close": FIN, "reset": RST} {
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

func wantBroken(t *testing.T, box net.Conn, how string) {
	t.Helper()
	want := map[string]error{FIN: syscall.EPIPE, RST: syscall.ECONNRESET}[how]
	if _, err := io.WriteString(box, answer); !errors.Is(err, want) {
		t.Errorf("the box's write after %s: %v", how, err)
	}
}

func TestStallAtEachLandmark(t *testing.T) {
	for _, at := range landmarks() {
		t.Run(at.landmark, func(t *testing.T) {
			fault := "hop 0: on poll 1, " + at.landmark + ": stall"
			h := newHop(t, fault)
			peer, box := h.pair()
			send(t, peer, request)
			if got := readN(t, box, len(at.box)); got != at.box {
				t.Fatalf("the box read %q", got)
			}
			if at.answers {
				writeBriefly(t, box, at.peer == answer)
			}
			silent(t, box)
			if got := readN(t, peer, len(at.peer)); got != at.peer {
				t.Errorf("the peer read %q", got)
			}
			time.Sleep(15 * time.Millisecond) // the idle landmark
			h.fired(fault, 1)
			_ = box.Close() // hangs: the peer must not notice
			silent(t, peer)
			_ = peer.Close()
			h.happened("fired", "closed", "peer FIN")
		})
	}
}

// writeBriefly writes the answer with a deadline, which ends a stalled write.
func writeBriefly(t *testing.T, box net.Conn, whole bool) {
	t.Helper()
	_ = box.SetWriteDeadline(time.Now().Add(20 * time.Millisecond))
	if _, err := io.WriteString(box, answer); whole != (err == nil) || err != nil && ending(err) != "timeout" {
		t.Errorf("stalled write: %v", err)
	}
}

// silent checks that nothing can be read for a while.
func silent(t *testing.T, c net.Conn) {
	t.Helper()
	_ = c.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
	wantEnd(t, c, "", "timeout")
	_ = c.SetReadDeadline(time.Time{})
}

func TestStalledBoxIsToldThatThePeerLeft(t *testing.T) {
	for how, leave := range map[string]func(*net.TCPConn){
		FIN: func(c *net.TCPConn) { _ = c.Close() },
		RST: func(c *net.TCPConn) { _ = c.SetLinger(0); _ = c.Close() },
	} {
		h := newHop(t, "hop 0: on poll 1, answer: stall")
		peer, box := h.pair()
		send(t, peer, request)
		readN(t, box, len(request))
		time.AfterFunc(20*time.Millisecond, func() { leave(peer.(*net.TCPConn)) })
		_, err := io.WriteString(box, answer)
		if want := map[string]error{FIN: syscall.EPIPE, RST: syscall.ECONNRESET}[how]; !errors.Is(err, want) {
			t.Errorf("write after %s: %v", how, err)
		}
		wantEnd(t, box, "", how)
		_ = box.Close()
		h.happened("fired", "1/1 closed", "peer "+how)
	}
}

// What the peer sends into a stalled connection is told and counted.
func TestRequestsOnAStalledConnectionAreTold(t *testing.T) {
	h := newHop(t, "hop 0: on poll 1, forward: stall", "hop 0: on poll 2, answer: close")
	peer, box := h.pair()
	send(t, peer, request+request[:9])
	_ = box.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
	wantEnd(t, box, request[:len(request)-1], "timeout")
	send(t, peer, request[9:])
	h.happened("1/1 request done", "1/1 fired", "1/0 request began", "1/2 request done")
	_ = peer.Close()
	h.happened("1/1 closed NS+poll+MSG peer FIN")
	h.fired("hop 0: on poll 2, answer: close")
}

func TestTapCloseEndsAStall(t *testing.T) {
	h := newHop(t, "hop 0: on poll 1, answer: stall")
	peer, box := h.pair()
	send(t, peer, request)
	readN(t, box, len(request))
	ended := make(chan error, 2)
	go func() { _, err := io.WriteString(box, answer); ended <- err }()
	go func() { _, err := box.Read(make([]byte, 1)); ended <- err }()
	time.Sleep(20 * time.Millisecond)
	_ = h.tap.Close()
	for range 2 {
		if err := <-ended; !errors.Is(err, net.ErrClosed) {
			t.Errorf("ended by %v", err)
		}
	}
	wantEnd(t, peer, "", FIN)
	h.happened("fired", "1/1 closed NS+poll+MSG fault")
}

// net/http ends its background read by a deadline in the past.
func TestDeadlinesAreKeptWhileWithheld(t *testing.T) {
	for _, fault := range []string{"hop 0: on poll 1, head: stall", "hop 0: on poll 2, head: stall"} {
		h := newHop(t, fault)
		peer, box := h.pair()
		send(t, peer, request[:20]) // the head is held until it is complete
		time.AfterFunc(20*time.Millisecond, func() { _ = box.SetReadDeadline(time.Unix(1, 0)) })
		wantEnd(t, box, "", "timeout")
		_ = box.SetReadDeadline(time.Time{})
		send(t, peer, request[20:])
		if strings.Contains(fault, "poll 2") {
			if got := readN(t, box, len(request)); got != request {
				t.Errorf("the box read %q", got)
			}
			continue
		}
		time.AfterFunc(20*time.Millisecond, func() { _ = box.SetDeadline(time.Unix(1, 0)) })
		wantEnd(t, box, "", "timeout")
		if _, err := io.WriteString(box, "x"); ending(err) != "timeout" {
			t.Errorf("write: %v", err)
		}
	}
}

// A write that waits for the peer's window is interrupted by a stall that
// comes from the other direction.
func TestStallInterruptsABlockedWrite(t *testing.T) {
	h := newHop(t, "hop 0: on open 1, head: stall")
	peer, box := h.pair()
	send(t, peer, request)
	readN(t, box, len(request))
	large := append([]byte("HTTP/1.1 200 OK\r\nContent-Length: 67108864\r\n\r\n"), make([]byte, 64<<20)...)
	ended := make(chan error, 1)
	go func() { _, err := box.Write(large); ended <- err }()
	time.Sleep(20 * time.Millisecond)
	send(t, peer, "GET /open HTTP/1.1\r\n\r\n")
	_ = box.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	wantEnd(t, box, "", "timeout")
	_ = box.SetWriteDeadline(time.Now())
	if err := <-ended; ending(err) != "timeout" {
		t.Errorf("ended by %v", err)
	}
}

func TestRefuseOnRealSockets(t *testing.T) {
	fault := "hop 0: on connection 2: refuse, 2 times"
	h := newHop(t, fault)
	h.pair()
	two, three := h.dial(), h.dial()
	_, box := h.pair()
	wantEnd(t, two, "", RST)
	wantEnd(t, three, "", RST)
	if c := box.(*conn); c.id != 4 {
		t.Errorf("connection %d", c.id)
	}
	h.fired(fault, 2, 3)
	h.happened("1/0 accepted", "2/0 fired", "2/0 refused", "3/0 fired", "3/0 refused", "4/0 accepted")
}

func TestAcceptAndClose(t *testing.T) {
	fault := "hop 0: on connection 1: close"
	h := newHop(t, fault)
	peer, box := h.pair()
	wantEnd(t, peer, "", FIN)
	wantEnd(t, box, "", FIN)
	h.fired(fault, 1)
	h.happened("1/0 accepted", "1/0 fired", "1/0 closed fault FIN")
}

func TestAfterIdle(t *testing.T) {
	fault := "hop 0: after idle 30ms: close"
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
	wantEnd(t, peer, "", FIN)
	wantEnd(t, box, "", FIN)
	h.fired(fault, 1)
}

// One-sided cuts: the other side is left in ignorance.
func TestOneSidedCuts(t *testing.T) {
	line := "hop 0: on poll 1, answer: reset"
	o := options(t, nil, line)
	o.Effects = map[string]Effect{"reset": effect(func(s *Strike) { s.CutPeer(RST) })}
	h := (&hop{t: t}).with(o)
	peer, box := h.pair()
	send(t, peer, request)
	readN(t, box, len(request))
	send(t, box, answer) // swallowed
	wantEnd(t, peer, "", RST)
	silent(t, box)
	h.fired(line, 1)

	o = options(t, nil, line)
	o.Effects = map[string]Effect{"reset": effect(func(s *Strike) { s.CutBox(RST) })}
	h = (&hop{t: t}).with(o)
	peer, box = h.pair()
	send(t, peer, request)
	readN(t, box, len(request))
	wantBroken(t, box, RST)
	wantEnd(t, box, "", RST)
	_ = box.Close()
	silent(t, peer)
	h.fired(line, 1)
}

// effect makes an Effect of a function.
type effect func(*Strike)

func (e effect) Strike(s *Strike) { e(s) }

func TestEffectsThatDoNothingLeaveNoTrace(t *testing.T) {
	var faults []string
	for _, at := range landmarks() {
		faults = append(faults, "hop 0: on poll 1, "+at.landmark+": reset")
	}
	l := &log{}
	o := options(t, l, append(faults, "hop 0: on connection 1: refuse", "hop 0: after idle 1ms: close")...)
	nothing := effect(func(*Strike) {})
	o.Effects = map[string]Effect{"reset": nothing, "refuse": nothing, "close": nothing}
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
}
