package wire

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"gauntlet/proxies/network"
)

// waits checks that for an hour nothing comes, not even an end.
func waits(t *testing.T, who string, c net.Conn) {
	t.Helper()
	_ = c.SetReadDeadline(time.Now().Add(time.Hour))
	if got, err := io.ReadAll(c); len(got) > 0 || ending(err) != "timeout" {
		t.Errorf("%s read %q, then %v", who, got, err)
	}
	_ = c.SetReadDeadline(time.Time{})
}

// atAnswer arms an effect at the first answer and goes so far as to write it.
func atAnswer(t *testing.T, effect string, then func(s *street, peer, box net.Conn, wrote error)) {
	t.Helper()
	line := "hop 0: on poll 1, answer: " + effect
	inStreet(t, func(s *street, peer, box net.Conn) {
		send(t, peer, request)
		readN(t, box, len(request))
		_, err := io.WriteString(box, answer)
		then(s, peer, box, err)
		s.fired(line, 1)
	}, line)
}

func TestOneSideIsCutOff(t *testing.T) {
	for effect, how := range map[string]string{"cut client": fin, "reset client": rst} {
		atAnswer(t, effect, func(s *street, peer, box net.Conn, wrote error) {
			if wrote != nil {
				t.Errorf("%s: the box wrote: %v", effect, wrote)
			}
			wantEnd(t, peer, "", how)
			waits(t, "the box", box)
			s.happened("fired", "closed", "fault "+how)
		})
	}
	for effect, how := range map[string]string{"cut box": fin, "reset box": rst} {
		atAnswer(t, effect, func(s *street, peer, box net.Conn, wrote error) {
			if wrote == nil {
				t.Errorf("%s: the box could write", effect)
			}
			wantEnd(t, box, "", how)
			if err := box.(network.CloseWriter).CloseWrite(); err != nil {
				t.Errorf("%s: the box ends its half: %v", effect, err)
			}
			waits(t, "the peer", peer)
			_ = box.Close()
			waits(t, "the peer", peer)
		})
	}
}

// A box that waits on a connection which the peer has lost waits no longer than the Tap is
// there.
func TestTheTapEndsAWaitBehindACut(t *testing.T) {
	atAnswer(t, "reset client", func(s *street, peer, box net.Conn, _ error) {
		wantEnd(t, peer, "", rst)
		time.AfterFunc(time.Minute, func() { _ = s.tap.Close() })
		wantEnd(t, box, "", "closed")
	})
}

// A side that has been ended cannot be ended once more: the second fault did nothing.
func TestASideEndsOnce(t *testing.T) {
	first, second := "hop 0: on poll 1, answer: reset client", "hop 0: on poll 1, answer: cut client"
	inStreet(t, func(s *street, peer, box net.Conn) {
		send(t, peer, request)
		readN(t, box, len(request))
		send(t, box, answer)
		wantEnd(t, peer, "", rst)
		s.fired(first, 1)
		s.fired(second)
	}, first, second)
}

// A box that gets nothing more gets no request once more: the second fault did nothing.
func TestNothingIsRepeatedToWhoGetsNothing(t *testing.T) {
	for _, effect := range []string{"stall", "blackhole", "cut box"} {
		first, second := "hop 0: on poll 1, forward: "+effect, "hop 0: on poll 1, forward: repeat"
		inStreet(t, func(s *street, peer, box net.Conn) {
			send(t, peer, request)
			_ = box.SetReadDeadline(time.Now().Add(time.Second))
			if got, err := io.ReadAll(box); len(got) >= len(request) {
				t.Errorf("%s: the box got %q, %v", effect, got, err)
			}
			s.fired(first, 1)
			s.fired(second)
		}, first, second)
	}
}

// A peer that leaves is noticed, also where the connection was taken from both while the
// box waited for its bytes' time.
func TestTakenWhileTheBoxWaitsForItsBytes(t *testing.T) {
	for _, effect := range []string{"stall", "blackhole"} {
		inStreet(t, func(s *street, peer, box net.Conn) {
			send(t, peer, request)
			go func() { _, _ = io.ReadAll(box) }()
			time.Sleep(2 * time.Second)
			_ = peer.Close()
			time.Sleep(time.Minute)
			if got := s.log.lines(); !strings.Contains(got, "closed NS+poll+MSG peer FIN") {
				t.Errorf("%s: %s", effect, got)
			}
		}, "hop 0: on connection 1: delay 1h to box", "hop 0: at 1s: "+effect)
	}
}

// A box that reads on while it answers gets the request once more.
func TestARequestComesAgainToABoxThatReads(t *testing.T) {
	const line = "hop 0: on poll 1, forward: repeat after drop"
	inStreet(t, func(s *street, peer, box net.Conn) {
		send(t, peer, request)
		readN(t, box, len(request))
		again := make(chan string)
		go func() { again <- readN(t, box, len(request)) }()
		synctest.Wait()
		send(t, box, answer)
		if got := <-again; got != request {
			t.Errorf("it got %q", got)
		}
		send(t, box, reply(2))
		if got := readN(t, peer, len(reply(2))); got != reply(2) {
			t.Errorf("the peer got %q", got)
		}
		s.fired(line, 1)
	}, line)
}

// jam is a network in which a Write waits until it is let go.
type jam struct {
	scripted
	writes      int
	interrupted bool
	freed       chan struct{}
}

func (j *jam) Write(p []byte) (int, error) {
	if j.writes++; j.writes > 1 {
		return j.scripted.Write(p)
	}
	<-j.freed
	return 0, os.ErrDeadlineExceeded
}

func (j *jam) SetDeadline(t time.Time) error {
	j.interrupted = j.interrupted || t.Equal(longAgo)
	return nil
}

// What the box has under way in the network is interrupted when the network is taken
// from it; only then can anybody see the peer leave. Nothing of it is written later.
func TestABlockedWriteIsInterrupted(t *testing.T) {
	for by, want := range map[linkEvent]error{stall: syscall.EPIPE, silence: nil} {
		synctest.Test(t, func(t *testing.T) {
			j := &jam{freed: make(chan struct{})}
			tap := New(Options{})
			wrapped, _ := tap.wrap(j, attempt{id: 1})
			c, ended := wrapped.(*conn), make(chan error, 1)
			go func() {
				_, err := io.WriteString(c, answer)
				ended <- err
			}()
			synctest.Wait()
			c.mu.Lock()
			c.link.meet(by)
			c.link.takeOver()
			c.mu.Unlock()
			synctest.Wait() // whoever is to see the peer leave waits for the Write
			c.mu.Lock()
			if !j.interrupted || c.peerGone {
				t.Errorf("it is interrupted: %t, and waited for: %t", j.interrupted, !c.peerGone)
			}
			c.mu.Unlock()
			close(j.freed)
			synctest.Wait()
			select {
			case err := <-ended:
				if !errors.Is(err, want) || j.writes > 1 {
					t.Errorf("it ended by %v after %d writes", err, j.writes)
				}
			default:
				t.Error("it does not hear that the peer has left")
			}
			_ = tap.Close()
		})
	}
}

// A Read that is to hand on an answer of our own waits for the Write that is under way,
// until its deadline.
func TestAReadThatWaitsForAWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := &jam{scripted: scripted{reads: []string{request, ask(2)}}, freed: make(chan struct{})}
		tap := New(options(t, nil, "hop 0: on poll 2, forward: status 502"))
		c, _ := tap.wrap(j, attempt{id: 1})
		readN(t, c, len(request))
		go func() { _, _ = io.WriteString(c, answer) }()
		synctest.Wait()
		_ = c.SetReadDeadline(time.Now().Add(time.Second))
		if in := took(func() { wantEnd(t, c, "", "timeout") }); in != time.Second {
			t.Errorf("it waited for %v", in)
		}
		_ = c.SetReadDeadline(time.Time{})
		close(j.freed)
		wantEnd(t, c, "", fin)
		if got := strings.Join(j.written, ""); got != badGateway() {
			t.Errorf("the peer got %q", got)
		}
		_ = tap.Close()
	})
}

// What the box writes meanwhile waits for an answer of our own that a Read hands on, until
// its deadline.
func TestAWriteThatWaitsForARead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := &jam{scripted: scripted{reads: []string{request}}, freed: make(chan struct{})}
		tap := New(options(t, nil, "hop 0: on poll 1, forward: status 502"))
		c, _ := tap.wrap(j, attempt{id: 1})
		go func() { _, _ = c.Read(make([]byte, 1)) }()
		synctest.Wait()
		_ = c.SetWriteDeadline(time.Now().Add(time.Second))
		if _, err := io.WriteString(c, answer); ending(err) != "timeout" || !saidOf(err, "write") || j.writes != 1 {
			t.Errorf("%d write at a time; it ends by %v", j.writes, err)
		}
		close(j.freed)
		synctest.Wait()
		_ = tap.Close()
	})
}

func TestHalfClose(t *testing.T) {
	line := "hop 0: on poll 1, response byte 20: half-close"
	inStreet(t, func(s *street, peer, box net.Conn) {
		send(t, peer, request)
		readN(t, box, len(request))
		send(t, box, answer)
		wantEnd(t, peer, answer[:20], fin)
		send(t, peer, request)
		if got := readN(t, box, len(request)); got != request {
			t.Errorf("after the FIN the box read %q", got)
		}
		send(t, box, answer) // swallowed
		_ = peer.Close()
		wantEnd(t, box, "", fin)
		s.fired(line, 1)
		s.happened("1/1 fired", "1/2 request done", "closed NS+poll+MSG peer FIN given 20")
	}, line)
}

func TestBlackhole(t *testing.T) {
	atAnswer(t, "blackhole", func(s *street, peer, box net.Conn, wrote error) {
		if wrote != nil {
			t.Errorf("the box wrote: %v", wrote)
		}
		send(t, peer, request)
		send(t, box, answer)
		waits(t, "the peer", peer)
		waits(t, "the box", box)
		_ = peer.Close()
		waits(t, "the box, when the peer has left,", box)
		s.happened("fired", "1/2 request done", "closed", "peer FIN")
	})
	atAnswer(t, "blackhole", func(_ *street, peer, box net.Conn, _ error) {
		_ = box.Close()
		waits(t, "the peer, when the box has closed,", peer)
	})
}

func TestCrossedAnswer(t *testing.T) {
	line := "hop 0: on poll 2, answer: crossed answer"
	inStreet(t, func(s *street, one, oneBox net.Conn) {
		two, twoBox := s.connect()
		for i, c := range [][2]net.Conn{{one, oneBox}, {two, twoBox}} {
			send(t, c[0], request)
			readN(t, c[1], len(request))
			send(t, c[1], reply(i+1))
			if got := readN(t, c[0], len(reply(1))); got != reply(1) {
				t.Errorf("peer %d read %q", i+1, got)
			}
		}
		s.fired(line, 2)
		_, _ = two.Close(), twoBox.Close()
	}, line)
}

// A peer that is gone is noticed by the box's Write, and told.
func TestAPeerThatResets(t *testing.T) {
	h := newHop(t)
	peer, box := h.pair()
	_ = peer.(*net.TCPConn).SetLinger(0)
	_ = peer.Close()
	var err error
	for err == nil {
		_, err = io.WriteString(box, answer)
	}
	if !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, syscall.EPIPE) {
		t.Error(err)
	}
	h.happened("1/0 closed peer RST")
}

// Two answers that are written at once do not mix, however slowly they flow.
func TestWritesDoNotMix(t *testing.T) {
	h := newHop(t, "hop 0: on connection 1: dribble 1 bytes every 1ms to client")
	peer, box := h.pair()
	for _, text := range []string{"aaaaaaaa", "bbbbbbbb"} {
		go func() { _, _ = io.WriteString(box, text) }()
	}
	if got := readN(t, peer, 16); got != "aaaaaaaabbbbbbbb" && got != "bbbbbbbbaaaaaaaa" {
		t.Errorf("%q", got)
	}
}

// What is too little to tell what it is waits for more, and goes on when no more comes.
func TestWhatWaitedForMoreGoesOnInTheEnd(t *testing.T) {
	const begun = "HT"
	for _, ends := range []func(net.Conn){
		func(box net.Conn) { _ = box.Close() },
		func(box net.Conn) { _ = box.(network.CloseWriter).CloseWrite() },
	} {
		inStreet(t, func(s *street, peer, box net.Conn) {
			send(t, peer, request)
			readN(t, box, len(request))
			send(t, box, begun)
			ends(box)
			wantEnd(t, peer, begun, fin)
		}, "hop 0: on poll 9, head: close")
	}
}

// A Tap keeps nothing of connections that have ended.
func TestEndedConnectionsAreForgotten(t *testing.T) {
	tap := New(Options{})
	c, _ := tap.wrap(&scripted{}, attempt{id: 1})
	if len(tap.conns) != 1 {
		t.Errorf("%d connections", len(tap.conns))
	}
	if _ = c.Close(); len(tap.conns) != 0 {
		t.Errorf("%d connections are left", len(tap.conns))
	}
	if err := c.SetDeadline(time.Now()); !errors.Is(err, net.ErrClosed) {
		t.Errorf("a deadline of what is closed: %v", err)
	}
}

// Nor of one that is withheld from the box: its network's side ends when both have left.
func TestAbandonedConnectionsAreForgotten(t *testing.T) {
	for _, effect := range []string{"cut box", "reset box"} {
		atAnswer(t, effect, func(s *street, peer, box net.Conn, _ error) {
			_ = peer.Close()
			time.Sleep(time.Second)
			_ = box.Close()
			time.Sleep(time.Second)
			s.tap.mu.Lock()
			defer s.tap.mu.Unlock()
			if len(s.tap.conns) != 0 {
				t.Errorf("%s: %d connections are left", effect, len(s.tap.conns))
			}
		})
	}
}

// A Tap that is closed begins nothing that its Close would not wait for.
func TestAClosedTapTakesNoMoreWork(t *testing.T) {
	tap := New(Options{})
	if tap.options.Settle != 5*time.Millisecond {
		t.Errorf("it settles for %v", tap.options.Settle)
	}
	began := make(chan string, 2)
	if !tap.drain(func() { began <- "before" }) {
		t.Error("work before its end is refused")
	}
	if err := tap.Close(); err != nil {
		t.Fatal(err)
	}
	if tap.drain(func() { began <- "after" }) {
		t.Error("work after its end is taken")
	}
	if _, taken := tap.adopt(&conn{}, attempt{}); taken || len(tap.conns) != 0 {
		t.Errorf("%d connections after its end", len(tap.conns))
	}
	tap.drainers.Wait()
	if len(began) != 1 {
		t.Errorf("%d pieces of work were begun", len(began))
	}
}

// What the network's side cannot do is said as package net says it.
func TestWhatTheNetworkCannotDo(t *testing.T) {
	tap := New(Options{})
	wrapped, _ := tap.wrap(&scripted{}, attempt{id: 1})
	c := wrapped.(*conn)
	for what, do := range map[string]func() error{
		"close read": c.CloseRead, "close write": c.CloseWrite, "set linger": func() error { return c.SetLinger(0) },
		"raw-read": func() error { _, err := c.SyscallConn(); return err },
	} {
		op, _, _ := strings.Cut(what, " ")
		if err := do(); !errors.Is(err, errors.ErrUnsupported) || !saidOf(err, op) {
			t.Errorf("%s: %v", what, err)
		}
	}
	_ = c.Close()
	var e *net.OpError
	if err := c.SetDeadline(time.Now()); !errors.Is(err, net.ErrClosed) || !errors.As(err, &e) || e.Op != "set" {
		t.Errorf("a deadline of what is closed: %v", err)
	}
	if err := c.Close(); !errors.Is(err, net.ErrClosed) || !errors.As(err, &e) || e.Op != "close" {
		t.Errorf("an end of what is closed: %v", err)
	}
	ending, _ := tap.wrap(stuck{&scripted{}}, attempt{id: 2})
	if err := ending.Close(); !errors.Is(err, syscall.EIO) {
		t.Errorf("an end that fails: %v", err)
	}
	_ = tap.Close()
	atAnswer(t, "reset", func(_ *street, _, box net.Conn, _ error) {
		if _, err := box.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) || !errors.As(err, &e) || e.Op != "read" {
			t.Errorf("a read of what was reset: %v", err)
		}
	})
}

// stuck is a network's side whose end fails.
type stuck struct{ *scripted }

func (stuck) Close() error { return syscall.EIO }

// able is a network's side that can do all that one can.
type able struct {
	*scripted
	did []string
}

func (a *able) do(what string) error                  { a.did = append(a.did, what); return nil }
func (a *able) CloseRead() error                      { return a.do("close read") }
func (a *able) CloseWrite() error                     { return a.do("close write") }
func (a *able) SetLinger(seconds int) error           { return a.do(fmt.Sprint("linger ", seconds)) }
func (a *able) SyscallConn() (syscall.RawConn, error) { return nil, a.do("raw") }

// What the network's side can do is done there, while a fault has not taken it from the
// box; how the box closes is told as it wants it.
func TestWhatTheNetworkCanDo(t *testing.T) {
	for _, c := range []struct {
		taken  bool
		linger int
		did    string
		closed string
	}{
		{false, 0, "close read|linger 0|close write|raw", "1/0 closed box FIN"},
		{false, 5, "close read|linger 5|close write|raw", "1/0 closed box FIN"},
		{true, 0, "raw", ""},
	} {
		l := &log{}
		tap := New(options(t, l))
		inner := &able{scripted: &scripted{}}
		wrapped, _ := tap.wrap(inner, attempt{id: 1})
		box := wrapped.(*conn)
		if c.taken {
			box.mu.Lock()
			box.link.meet(silence)
			box.link.takeOver()
			box.mu.Unlock()
		}
		for _, err := range []error{box.CloseRead(), box.SetLinger(c.linger), box.CloseWrite()} {
			if err != nil {
				t.Errorf("taken %t: %v", c.taken, err)
			}
		}
		_, _ = box.SyscallConn()
		if got := strings.Join(inner.did, "|"); got != c.did {
			t.Errorf("taken %t: the network did %s, want %s", c.taken, got, c.did)
		}
		if !strings.Contains(l.lines(), c.closed) || c.taken && strings.Contains(l.lines(), "closed box") {
			t.Errorf("taken %t:\n%s\nwant %s", c.taken, l.lines(), c.closed)
		}
		_, _ = box.Close(), tap.Close()
	}
}

// Who has its Close reset the connection is told as one that did.
func TestAHardClose(t *testing.T) {
	for linger, want := range map[int]string{0: "1/0 closed box RST", 1: "1/0 closed box FIN"} {
		l := &log{}
		tap := New(options(t, l))
		box, _ := tap.wrap(&able{scripted: &scripted{}}, attempt{id: 1})
		_ = box.(*conn).SetLinger(linger)
		_, _ = box.Close(), tap.Close()
		if !strings.Contains(l.lines(), want) {
			t.Errorf("linger %d:\n%s\nwant %s", linger, l.lines(), want)
		}
	}
}
