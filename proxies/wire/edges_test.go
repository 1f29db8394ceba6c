package wire

import (
	"context"
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

	"gauntlet/proxies/fault"
	"gauntlet/proxies/network"
)

// A fault that has the end come later has the box's half-close come later, too; the other
// direction flows meanwhile.
func TestAHalfCloseComesLater(t *testing.T) {
	inStreet(t, func(s *street, peer, box net.Conn) {
		send(t, box, "hello")
		if err := box.(network.CloseWriter).CloseWrite(); err != nil {
			t.Error(err)
		}
		send(t, peer, "more")
		if got := readN(t, box, 4); got != "more" {
			t.Errorf("the box read %q", got)
		}
		if in := took(func() { wantEnd(t, peer, "hello", fin) }); in != 5*time.Second {
			t.Errorf("the end took %v", in)
		}
		s.happened("closed box FIN")
	}, "hop 0: on connection 1: delay end 5s to client")
}

// A SYN that is lost is repeated, and is one attempt all the same.
func TestAnAttemptWithoutAnAnswer(t *testing.T) {
	const never, while = "hop 0: on connection 2: drop", "hop 0: on connection 3: drop, until 12s"
	inStreet(t, func(s *street, _, _ net.Conn) {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if _, err := s.net.Host("10.0.0.1").DialContext(ctx, "tcp", "10.0.0.2:80"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("never answered: %v", err)
		}
		if in := took(func() { s.connect() }); in < 2*time.Second || in > 8*time.Second {
			t.Errorf("answered after %v", in)
		}
		s.connect()
		s.fired(never, 2)
		s.fired("hop 0: on connection 3: drop, until 12s", 3)
		for part, times := range map[string]int{"2/0 refused no answer": 1, "3/0 refused no answer": 1, "2/0 accepted": 0, "3/0 accepted": 1, "4/0 accepted": 1} {
			if got := strings.Count(s.log.lines(), part); got != times {
				t.Errorf("%s: %d times", part, got)
			}
		}
	}, never, while)
}

// A fault whose time is over leaves an attempt to the next.
func TestAnAttemptThatTheSecondFaultTurnsAway(t *testing.T) {
	const over, refuses = "hop 0: on connection 2: drop, until 1ns", "hop 0: on connection 2: refuse"
	inStreet(t, func(s *street, _, _ net.Conn) {
		if _, err := s.net.Host("10.0.0.1").DialContext(s.t.Context(), "tcp", "10.0.0.2:80"); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("the second: %v", err)
		}
		s.fired(over)
		s.fired(refuses, 2)
	}, over, refuses)
}

// A machine that cannot be moved stays, and why is told at the end.
func TestAMoveThatFails(t *testing.T) {
	const line = "hop 0: on poll 1, end: client moves"
	inStreet(t, func(s *street, peer, box net.Conn) {
		no := errors.New("no such network")
		s.tap.options.Move = func() error { return no }
		send(t, peer, request)
		readN(t, box, len(request))
		send(t, box, answer)
		readN(t, peer, len(answer))
		send(t, peer, request)
		readN(t, box, len(request))
		s.fired(line)
		if err := s.tap.Close(); !errors.Is(err, no) {
			t.Errorf("at the end: %v", err)
		}
	}, line)
}

// Where there is a path it forgets the flows of the machine that moves; another machine's
// go on.
func TestTheFlowsOfAMachineThatMoves(t *testing.T) {
	const line = "hop 0: on poll 1, end: client moves"
	inStreet(t, func(s *street, peer, box net.Conn) {
		r := &road{}
		s.tap.options.Path = r
		s.tap.options.Move = func() error { return nil }
		s.connect()
		other, err := s.net.Host("10.0.0.5").DialContext(context.Background(), "tcp", "10.0.0.2:80")
		if err != nil {
			t.Fatal(err)
		}
		otherBox, err := s.l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		send(t, peer, request)
		readN(t, box, len(request))
		send(t, box, answer)
		s.fired(line, 1, 2)
		if got := r.wasAsked(); got != "forget|forget" {
			t.Errorf("asked %s", got)
		}
		send(t, other, request)
		readN(t, otherBox, len(request))
		_, _ = other.Close(), otherBox.Close()
	}, line)
}

// What a request is answered from memory comes as it was framed.
func TestWhatIsRememberedKeepsItsFraming(t *testing.T) {
	l := &log{}
	const cached = "hop 0: on poll 2, forward: cached"
	o := options(t, l, cached)
	tap := New(o)
	inner := &scripted{reads: []string{request}}
	c, _ := tap.wrap(inner, attempt{id: 1})
	readN(t, c, len(request))
	send(t, c, chunked)
	inner.reads = []string{request}
	_, _ = c.Read(make([]byte, 1)) // it is answered meanwhile
	if got, want := strings.Join(inner.written, ""), chunked+"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"; got != want {
		t.Errorf("in chunks: %q", got)
	}
	_ = tap.Close()
	inStreet(t, func(s *street, peer, box net.Conn) {
		const whole = "HTTP/1.1 200 OK\r\n\r\nQNG"
		send(t, peer, request)
		readN(t, box, len(request))
		send(t, box, whole)
		_ = box.Close()
		wantEnd(t, peer, whole, fin)
		peer, box = s.connect()
		send(t, peer, request)
		wantEnd(t, box, "", fin)
		wantEnd(t, peer, whole, fin)
		_, _ = peer.Close(), box.Close()
	}, cached)
}

// What an effect has swallowed of an answer was not given, and what the limit lets through
// ends the connection, also where a landmark has it go in two pieces. What the peer asks for
// behind what was swallowed will have no answer, and is told as it comes.
func TestAnswersThatAreSwallowedOrLimited(t *testing.T) {
	for effect, gets := range map[string]string{"swallow to client": "", "limit 0 bytes to client": "", "limit 20 bytes to client": answer[:20]} {
		line := "hop 0: on poll 1, answer: " + effect
		inStreet(t, func(s *street, peer, box net.Conn) {
			send(t, peer, request)
			readN(t, box, len(request))
			_, _ = io.WriteString(box, answer) // it may be cut
			if strings.HasPrefix(effect, "swallow") {
				send(t, peer, request)
				readN(t, box, len(request))
				s.happened(`opaque peer "POST`)
				waits(t, "the peer", peer)
				send(t, box, answer)
				_ = box.Close()
			}
			wantEnd(t, peer, gets, fin)
			if got := s.log.lines(); strings.Contains(got, "answer done") {
				t.Errorf("%s: %s", effect, got)
			}
			s.fired(line, 1)
		}, line, "hop 0: on poll 1, response byte 9: delay 1ns to box")
	}
}

// A limit that comes into the middle of an answer lets no more of it through.
func TestALimitInTheMiddleOfAnAnswer(t *testing.T) {
	inStreet(t, func(_ *street, peer, box net.Conn) {
		send(t, peer, request)
		readN(t, box, len(request))
		send(t, box, answer[:20])
		time.Sleep(2 * time.Second)
		_, _ = io.WriteString(box, answer[20:]) // it is cut
		wantEnd(t, peer, answer[:20], fin)
	}, "hop 0: at 1s: limit 0 bytes to client")
}

// A box that writes too late, or for too long, hears of it as from package net.
func TestWritesThatComeToNothing(t *testing.T) {
	for effect, want := range map[string]error{"hold 3s": syscall.EPIPE, "stall": os.ErrDeadlineExceeded} {
		inStreet(t, func(s *street, peer, box net.Conn) {
			send(t, peer, request)
			readN(t, box, len(request))
			_ = box.SetWriteDeadline(time.Now().Add(time.Minute))
			if effect != "stall" {
				time.AfterFunc(time.Second, func() { _ = peer.Close() })
				go func() { _, _ = io.ReadAll(box) }()
			}
			_, err := io.WriteString(box, answer)
			var e *net.OpError
			if !errors.Is(err, want) || !errors.As(err, &e) || e.Op != "write" || e.Net != "tcp" {
				t.Errorf("%s: %v", effect, err)
			}
		}, "hop 0: on poll 1, answer: "+effect)
	}
}

// A peer that does not leave is left, a while after it was told to.
func TestAPeerThatStaysIsLeft(t *testing.T) {
	atAnswer(t, "cut client", func(s *street, peer, _ net.Conn, _ error) {
		wantEnd(t, peer, "", fin)
		time.Sleep(2 * linger)
		_, _ = io.WriteString(peer, "still here")
		time.Sleep(time.Second)
		if _, err := io.WriteString(peer, "and here"); ending(err) != rst && !errors.Is(err, syscall.EPIPE) {
			t.Errorf("it writes: %v", err)
		}
	})
}

// What a peer says when its connection has been ended is no request.
func TestWhatIsSaidBehindTheEnd(t *testing.T) {
	atAnswer(t, "close", func(s *street, peer, _ net.Conn, _ error) {
		wantEnd(t, peer, "", fin)
		send(t, peer, request)
		time.Sleep(time.Minute)
		if got := s.log.lines(); strings.Count(got, "request began") != 1 {
			t.Errorf("%s", got)
		}
	})
}

// A peer that resets is told to the box so, and to who looks on.
func TestAPeerThatResetsIsRead(t *testing.T) {
	inStreet(t, func(s *street, peer, box net.Conn) {
		send(t, peer, request)
		readN(t, box, len(request))
		if err := network.Reset(peer); err != nil {
			t.Fatal(err)
		}
		wantEnd(t, box, "", rst)
		s.happened("1/1 closed NS+poll+MSG peer RST")
	}, "hop 0: on poll 9, head: close")
}

// last is a network's side whose last bytes come with the end.
type last struct{ scripted }

func (l *last) Read(p []byte) (n int, err error) {
	if n, err = l.scripted.Read(p); len(l.reads) == 0 {
		err = io.EOF
	}
	return n, err
}

// Of a request that will not be whole the box gets what came, however much of it was
// held back.
func TestWhatWasHeldOfABrokenRequest(t *testing.T) {
	for _, line := range []string{"hop 0: on poll 9, head: close", "hop 0: on poll 9, forward: status 502", "hop 0: on poll 1, request byte 30: delay 1ns"} {
		for _, came := range []string{request[:4], request[:30], request + request[:9], request[:len(request)-1]} {
			for _, n := range []int{3, 100} {
				l := &log{}
				inner := &last{scripted{reads: cut(came, n)}}
				c, _ := New(options(t, l, line)).wrap(inner, attempt{id: 1})
				if got, err := io.ReadAll(c); string(got) != came || err != nil {
					t.Errorf("%s in pieces of %d: the box got %q of %q, %v", line, n, got, came, err)
				}
				_ = c.Close()
			}
		}
	}
}

// Line ends behind a request that the box does not see are kept from it, too.
func TestBlankLinesBehindAWithheldRequest(t *testing.T) {
	for _, n := range []int{1, 3, 500} {
		inner := &scripted{reads: cut(request+"\r\n\r\n"+ask(2)+"\r\n"+ask(3), n)}
		c, _ := New(options(t, nil, "hop 0: on poll 1, forward: status 502")).wrap(inner, attempt{id: 1})
		if got, _ := io.ReadAll(c); string(got) != ask(2)+"\r\n"+ask(3) {
			t.Errorf("in pieces of %d the box got %q", n, got)
		}
		if got := strings.Join(inner.written, ""); got != badGateway() {
			t.Errorf("in pieces of %d the peer got %q", n, got)
		}
		_ = c.Close()
	}
}

// While an effect runs nothing that the peer does in reply reaches the box.
func TestWhatThePeerSaysWaitsForTheEffect(t *testing.T) {
	const line = "hop 0: on poll 1, end: close"
	inStreet(t, func(s *street, peer, box net.Conn) {
		going, over := make(chan bool), false
		s.tap.options.Effects = map[string]func(fault.Injection){"close": func(fault.Injection) { <-going; over = true }}
		send(t, peer, request)
		readN(t, box, len(request))
		go func() { _, _ = io.WriteString(box, answer) }()
		readN(t, peer, len(answer))
		send(t, peer, request)
		_ = box.SetReadDeadline(time.Now().Add(time.Second))
		wantEnd(t, box, "", "timeout")
		_ = box.SetReadDeadline(time.Time{})
		came := make(chan bool, 1)
		go func() {
			_, _ = io.ReadFull(box, make([]byte, len(request)))
			came <- over
		}()
		time.Sleep(time.Minute)
		close(going)
		if !<-came {
			t.Error("the box had read before the effect was over")
		}
	}, line)
}

// slowly is a network's side whose reads end when they are let go.
type slowly struct {
	scripted
	reading int
	freed   chan struct{}
}

func (s *slowly) Read([]byte) (int, error) {
	s.reading++
	<-s.freed
	return 0, os.ErrDeadlineExceeded
}

// One Read at a time is under way in the network, and who takes its side over waits for
// that, and for no longer.
func TestTheNetworkIsTakenFromARead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inner := &slowly{freed: make(chan struct{})}
		tap := New(options(t, nil, "hop 0: on connection 1: delay 1h to box"))
		wrapped, _ := tap.wrap(inner, tap.attempt())
		c := wrapped.(*conn)
		c.mu.Lock()
		c.in.data, c.in.parsed, c.in.free = []byte("x"), 1, 1
		c.mu.Unlock()
		for range 2 {
			go func() { _, _ = c.Read(make([]byte, 100)) }()
		}
		synctest.Wait()
		c.mu.Lock()
		c.link.meet(stall)
		c.link.takeOver()
		c.mu.Unlock()
		synctest.Wait()
		if inner.reading != 1 {
			t.Errorf("%d reads are under way", inner.reading)
		}
		inner.freed <- struct{}{}
		synctest.Wait()
		if inner.reading != 2 {
			t.Errorf("%d reads were made: nobody sees the peer leave", inner.reading)
		}
		close(inner.freed)
		_ = tap.Close()
	})
}

// Of whom bytes were swallowed the connection is closed when that is lifted, whatever else
// stands in the way.
func TestLiftingOneOfTwo(t *testing.T) {
	const swallows, slow = "hop 0: on connection 1: swallow for 1h to client", "hop 0: on connection 1: delay 1ms to client"
	for _, lines := range [][]string{{swallows, slow}, {slow, swallows}} {
		inStreet(t, func(s *street, peer, box net.Conn) {
			s.tap.Lift(slow)
			send(t, peer, "still open")
			readN(t, box, 10)
			s.tap.Lift(swallows)
			wantEnd(t, peer, "", fin)
			wantEnd(t, box, "", fin)
		}, lines...)
	}
}

// A Tap puts what it is told to between itself and the network, shows what it wraps, and
// leaves alone what does not concern it.
func TestWhatATapWraps(t *testing.T) {
	inner, other := &able{scripted: &scripted{}}, &scripted{}
	tap := New(Options{Open: func(net.Conn) net.Conn { return other }})
	c, _ := tap.wrap(inner, attempt{id: 1})
	send(t, c, "hello")
	if len(inner.written) > 0 || strings.Join(other.written, "") != "hello" || c.(*conn).NetConn() != net.Conn(other) {
		t.Errorf("written %q and %q", inner.written, other.written)
	}
	_ = tap.Close()
	l := &listener{}
	if under := tap.Listen(l).(interface{ NetListener() net.Listener }).NetListener(); under != net.Listener(l) {
		t.Errorf("%v is listened at", under)
	}
	if _, ok := tap.wrap(inner, attempt{id: 2}); ok {
		t.Error("a Tap that is closed takes a connection")
	}
	n := named(t)
	defer n.Close()
	host := n.Host("10.0.0.1")
	for _, o := range []Options{{}, options(t, nil, "hop 0: on poll 1, head: close"), options(t, nil, "hop 1: on lookup 1: late 1s")} {
		if New(o).Resolving(host) != network.Network(host) {
			t.Error("look-ups are changed where no fault speaks of any")
		}
	}
	for _, o := range []Options{{Standing: true}, options(t, nil, "hop 0: on lookup 1: late 1s")} {
		if New(o).Resolving(host) == network.Network(host) {
			t.Error("look-ups are left alone where faults may come")
		}
	}
}

// Each event says when and at which hop it was; of a body that is cut and too long to be
// kept it says how much there was.
func TestWhenAndWhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &log{}
		o := options(t, l)
		o.Hop = 3
		time.Sleep(time.Hour)
		inner := &scripted{reads: []string{fmt.Sprintf("POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n", maxBody+9), strings.Repeat("x", maxBody+5)}}
		c, _ := New(o).wrap(inner, attempt{id: 1})
		if n, err := io.Copy(io.Discard, c); n < maxBody || err != nil {
			t.Errorf("%d bytes, %v", n, err)
		}
		for _, e := range l.events {
			if !e.At.Equal(time.Now()) || e.Hop != 3 {
				t.Errorf("%s: at %v, hop %d", e.Kind, e.At, e.Hop)
			}
			if e.Kind == RequestCut && e.Text != "the first 1048576 of 1048581 bytes" {
				t.Errorf("cut: %s", e.Text)
			}
		}
		_ = c.Close()
	})
}

// A byte of an answer in chunks is counted as it stands on the wire.
func TestAByteOfAnAnswerInChunks(t *testing.T) {
	for _, n := range []int{48, 50, 53, 55, 60, len(chunked)} {
		line := fmt.Sprintf("hop 0: on poll 1, response byte %d: close", n)
		inStreet(t, func(s *street, peer, box net.Conn) {
			send(t, peer, request)
			readN(t, box, len(request))
			_, _ = io.WriteString(box, chunked) // it is cut
			wantEnd(t, peer, chunked[:n], fin)
			s.fired(line, 1)
		}, line)
	}
}

// What is taken from the box when the Tap is about to end ends at once.
func TestTakenWhenTheTapEnds(t *testing.T) {
	near, far := net.Pipe()
	tap := New(Options{})
	wrapped, _ := tap.wrap(near, attempt{id: 1})
	tap.closed = true
	c := wrapped.(*conn)
	c.mu.Lock()
	c.link.meet(stall)
	c.link.takeOver()
	c.mu.Unlock()
	if _, err := far.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("the peer reads %v", err)
	}
}

// A Tap whose faults may change begins with those that it was given.
func TestAStandingTapHasItsFirstFaults(t *testing.T) {
	if New(Options{Standing: true}).hop().Any(fault.Fault.OnLookup) {
		t.Error("one that was given none has one")
	}
	o := options(t, nil, "hop 0: on poll 2, answer: status 502")
	o.Standing = true
	if _, toPeer, _ := converse(t, o, 500); toPeer != reply(1)+badGateway()+reply(3) {
		t.Errorf("the peer got %q", toPeer)
	}
}
