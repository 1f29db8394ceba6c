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
				h.writes(box, fault, at.peer == answer)
			}
			quiet(t, box)
			if got := readN(t, peer, len(at.peer)); got != at.peer {
				t.Errorf("the peer read %q", got)
			}
			h.fired(fault, 1)
			_ = box.Close() // hangs: the peer must not notice
			quiet(t, peer)
			_ = peer.Close()
			h.happened("fired", "closed", "peer FIN")
		})
	}
}

// writes has the box write the answer: the whole of it, or as far as the fault that
// stalls it lets it; only a deadline ends such a write.
func (h *hop) writes(box net.Conn, fault string, whole bool) {
	h.t.Helper()
	written := make(chan error, 1)
	go func() {
		_, err := io.WriteString(box, answer)
		written <- err
	}()
	if !whole {
		h.fired(fault, 1)
		_ = box.SetWriteDeadline(time.Now())
	}
	if err := <-written; whole != (err == nil) || err != nil && ending(err) != "timeout" {
		h.t.Errorf("stalled write: %v", err)
	}
}

// quiet checks that nothing can be read for a while.
func quiet(t *testing.T, c net.Conn) {
	t.Helper()
	_ = c.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
	wantEnd(t, c, "", "timeout")
	_ = c.SetReadDeadline(time.Time{})
}

func TestStalledBoxIsToldThatThePeerLeft(t *testing.T) {
	for how, leave := range map[string]func(*net.TCPConn){
		fin: func(c *net.TCPConn) { _ = c.Close() },
		rst: func(c *net.TCPConn) { _ = c.SetLinger(0); _ = c.Close() },
	} {
		h := newHop(t, "hop 0: on poll 1, answer: stall")
		peer, box := h.pair()
		send(t, peer, request)
		readN(t, box, len(request))
		time.AfterFunc(20*time.Millisecond, func() { leave(peer.(*net.TCPConn)) })
		_, err := io.WriteString(box, answer)
		if want := map[string]error{fin: syscall.EPIPE, rst: syscall.ECONNRESET}[how]; !errors.Is(err, want) {
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
	wantEnd(t, peer, "", fin)
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
		if _, err := io.WriteString(box, "x"); ending(err) != "timeout" || !saidOf(err, "write") {
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
