package wire

import (
	"io"
	"net"
	"os"
	"testing"
	"time"
)

// The peer's machine moves: nothing gets through any more on either of its connections, which
// nobody is told, and each is the peer's own to give up; the next comes from elsewhere and
// works.
func TestThePeerMoves(t *testing.T) {
	const line = "hop 0: on poll 1, end: client moves"
	inStreet(t, func(s *street, peer, box net.Conn) {
		s.tap.options.Move = func() error { s.net.Host("10.0.0.1").Move("10.0.0.7"); return nil }
		other, otherBox := s.connect()
		send(t, peer, request)
		readN(t, box, len(request))
		go func() { _, _ = io.WriteString(box, answer) }()
		readN(t, peer, len(answer))
		for _, ends := range [][2]net.Conn{{peer, box}, {other, otherBox}} {
			for _, way := range [][2]net.Conn{{ends[0], ends[1]}, {ends[1], ends[0]}} {
				send(t, way[0], "lost")
				_ = way[1].SetReadDeadline(time.Now().Add(time.Minute))
				if n, err := way[1].Read(make([]byte, 4)); n != 0 || !os.IsTimeout(err) {
					t.Errorf("%d bytes, %v", n, err)
				}
			}
			_ = ends[0].Close()
			_ = ends[1].SetReadDeadline(time.Now().Add(time.Minute))
			if _, err := ends[1].Read(make([]byte, 1)); !os.IsTimeout(err) {
				t.Errorf("the box is told that the peer has left: %v", err)
			}
			_ = ends[1].Close()
		}
		if fired := s.tap.Fired()[line]; len(fired) != 2 {
			t.Errorf("fired on %v", fired)
		}
		again, againBox := s.connect()
		defer again.Close()
		defer againBox.Close()
		if from := hostOf(againBox.RemoteAddr()); from != "10.0.0.7" {
			t.Errorf("the next comes from %s", from)
		}
		if _, err := io.WriteString(again, "heard"); err != nil || readN(t, againBox, 5) != "heard" {
			t.Errorf("the next: %v", err)
		}
		gone := 0
		for _, e := range s.log.events {
			if e.Kind == Closed && e.By == ByPeer {
				gone++
			}
		}
		if gone != 2 {
			t.Errorf("%d connections were given up", gone)
		}
	}, line)
}
