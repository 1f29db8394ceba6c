package wire

import (
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"gauntlet/proxies/fault"
)

// road is a Path that writes down what it is asked. It loses nothing; what is
// known to have arrived, and who has left, the test says.
type road struct {
	mu      sync.Mutex
	asked   []string
	left    func(how string)
	arrived bool
	refuses error // of the first call
	breaks  error // of healing
}

func (r *road) ask(what string, left func(string)) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked, r.left = append(r.asked, what), left
	return r.refuses
}

func (r *road) Left(net.Conn) (string, error)              { return "", nil }
func (r *road) Kill(net.Conn) error                        { return r.ask("kill", nil) }
func (r *road) Forget(_ net.Conn, left func(string)) error { return r.ask("forget", left) }
func (r *road) Reject(_ net.Conn, left func(string)) error { return r.ask("reject", left) }
func (r *road) Lose(_ net.Conn, d fault.Direction, left func(string)) (func() error, error) {
	return func() error { _ = r.ask("heal", left); return r.breaks }, r.ask(fmt.Sprint("lose ", d), left)
}

func (r *road) Arrived(net.Conn) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.arrived
}

func (r *road) arrives() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.arrived = true
}

// wasAsked is what the road was asked so far.
func (r *road) wasAsked() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Join(r.asked, "|")
}

// onRoad is a hop with a road, on which a request has come.
func onRoad(t *testing.T, r *road, fault string) (h *hop, peer, box net.Conn) {
	t.Helper()
	h = &hop{t: t}
	o := options(t, &h.log, fault)
	o.Path = r
	h.with(o)
	peer, box = h.pair()
	send(t, peer, request)
	readN(t, box, len(request))
	return h, peer, box
}

func TestFlowsAreAskedOfThePath(t *testing.T) {
	for effect, want := range map[string]string{
		"kill flow": "kill", "forget flow": "forget", "reject flow": "reject", "lose flow to client": fmt.Sprint("lose ", fault.ToPeer), "lose flow to box": fmt.Sprint("lose ", fault.ToBox),
	} {
		r := &road{}
		text := "hop 0: on poll 1, end: " + effect
		h, peer, box := onRoad(t, r, text)
		send(t, box, answer)
		if got := readN(t, peer, len(answer)); got != answer {
			t.Errorf("%s: the peer got %q", effect, got)
		}
		h.fired(text, 1)
		if got := r.wasAsked(); got != want {
			t.Errorf("%s: asked %q, want %q", effect, got, want)
		}
		if effect == "kill flow" {
			wantEnd(t, box, "", rst)
			h.happened("1/1 answer done", "fired", "1/0 closed fault RST")
			continue
		}
		if _ = box.Close(); strings.Contains(h.log.lines(), "closed") {
			t.Errorf("%s: the peer cannot hear that the box closes:\n%s", effect, h.log.lines())
		}
		r.left(fin)
		h.happened("1/1 answer done", "fired", "1/0 closed peer FIN")
	}
}

// What is written into a road that loses it counts as given once it has arrived:
// the road is healed, or the peer leaves with it.
func TestWhatIsLostOnTheRoadIsToldWhenItArrives(t *testing.T) {
	for name, c := range map[string]struct {
		effect  string
		arrives bool
		want    []string
	}{
		"healed":               {"lose flow to client for 5ms", true, []string{"1/1 fired", "1/1 answer began", "1/1 answer done"}},
		"the peer had it":      {"lose flow to client", true, []string{"1/1 fired", "1/1 answer began", "1/1 answer done", "1/0 closed peer FIN"}},
		"the peer had nothing": {"lose flow to client", false, []string{"1/1 fired", "1/1 closed NS+poll+MSG peer FIN"}},
	} {
		r := &road{}
		h, peer, box := onRoad(t, r, "hop 0: on poll 1, forward: "+c.effect)
		send(t, box, answer)
		readN(t, peer, len(answer))
		if got := h.log.lines(); strings.Contains(got, "answer") {
			t.Errorf("%s: told too soon:\n%s", name, got)
		}
		if c.arrives {
			r.arrives()
		}
		if !strings.Contains(c.effect, "for") {
			_ = peer.Close()
			_, _ = io.ReadAll(box)
		}
		h.happened(c.want...)
		if got := h.log.lines(); !c.arrives && strings.Contains(got, "answer") {
			t.Errorf("%s: told what never arrived:\n%s", name, got)
		}
		if healed := slices.Contains(strings.Split(r.wasAsked(), "|"), "heal"); healed != strings.Contains(c.effect, "for") {
			t.Errorf("%s: healed %t", name, healed)
		}
	}
}

// An answer of our own goes the same road, before what the box writes behind it, and comes
// once, each time.
func TestAnAnswerOfOurOwnIsLostOnTheRoad(t *testing.T) {
	const poll = "hop 0: on poll 1, forward: "
	inStreet(t, func(s *street, peer, box net.Conn) {
		for _, ex := range []int{1, 3} {
			r, before := &road{}, len(s.log.lines())
			s.tap.options.Path = r
			send(t, peer, request+request)
			readN(t, box, len(request))
			send(t, box, answer)
			if got := readN(t, peer, len(badGateway()+answer)); got != badGateway()+answer {
				t.Errorf("the peer got %q", got)
			}
			if got := s.log.lines()[before:]; strings.Contains(got, "answer") {
				t.Errorf("told too soon:\n%s", got)
			}
			r.arrives()
			time.Sleep(10 * time.Second)
			s.happened(fmt.Sprintf("1/%d answer head NS+poll+MSG 502", ex), fmt.Sprintf("1/%d answer done", ex), fmt.Sprintf("1/%d answer done", ex+1))
		}
		_ = box.Close()
		wantEnd(t, peer, "", fin)
	}, poll+"lose flow to client for 5s, every 2nd", poll+"status 502, every 2nd")
}

// Who leaves with it has got it.
func TestThePeerLeavesWithAnAnswerOfOurOwn(t *testing.T) {
	const poll = "hop 0: on poll 1, forward: "
	inStreet(t, func(s *street, peer, box net.Conn) {
		r := &road{arrived: true}
		s.tap.options.Path = r
		send(t, peer, request)
		go func() {
			readN(t, peer, len(badGateway()))
			_ = peer.Close()
		}()
		wantEnd(t, box, "", fin)
		s.happened("1/1 answer done", "1/0 closed peer FIN")
	}, poll+"lose flow to client", poll+"status 502")
}

// losesAnAnswer has a poll answered on a road that loses that.
func (s *street) losesAnAnswer(t *testing.T, peer, box net.Conn) *road {
	t.Helper()
	r := &road{}
	s.tap.options.Path = r
	send(t, peer, request)
	readN(t, box, len(request))
	send(t, box, answer)
	readN(t, peer, len(answer))
	return r
}

// One that had to wait for what was lost goes when that has arrived, although the box only
// reads.
func TestAnAnswerOfOurOwnWaitsForWhatWasLost(t *testing.T) {
	inStreet(t, func(s *street, peer, box net.Conn) {
		r := s.losesAnAnswer(t, peer, box)
		go func() { _, _ = io.ReadAll(box) }()
		send(t, peer, request)
		time.Sleep(10 * time.Second)
		r.arrives()
		if got := readN(t, peer, len(badGateway())); got != badGateway() {
			t.Errorf("the peer got %q", got)
		}
	}, "hop 0: on poll 1, forward: lose flow to client for 5s", "hop 0: on poll 2, forward: status 502")
}

// A road that is healed has yet to carry what was lost: it is told when it has arrived, if it
// does before the end.
func TestAHealedRoadTakesItsTime(t *testing.T) {
	for _, arrives := range []bool{true, false} {
		t.Run(fmt.Sprint(arrives), func(t *testing.T) { takesItsTime(t, arrives) })
	}
}

func takesItsTime(t *testing.T, arrives bool) {
	inStreet(t, func(s *street, peer, box net.Conn) {
		r := s.losesAnAnswer(t, peer, box)
		time.Sleep(time.Minute)
		if got := s.log.lines(); r.wasAsked() != fmt.Sprint("lose ", fault.ToPeer, "|heal") || strings.Contains(got, "answer") {
			t.Errorf("asked %s, told too soon:\n%s", r.wasAsked(), got)
		}
		if !arrives {
			_ = s.tap.Close()
			s.happened("1/1 request done", "closed NS+poll+MSG fault FIN")
			return
		}
		r.arrives()
		time.Sleep(time.Second)
		s.happened("1/1 answer began", "1/1 answer done")
	}, "hop 0: on poll 1, forward: lose flow to client for 5s")
}

// What has arrived after all waits for a Write that is under way, and is nobody's affair any
// more on a connection that has ended, or that another fault has taken.
func TestWhatArrivesBesideOtherThings(t *testing.T) {
	lost := func(inner net.Conn, l *log) *conn {
		o := options(t, l)
		o.Path = &road{}
		wrapped, _ := New(o).wrap(inner, attempt{id: 1})
		c := wrapped.(*conn)
		c.mu.Lock()
		defer c.mu.Unlock()
		c.link.meet(partition)
		return c
	}
	arrives := func(c *conn, as func()) {
		c.mu.Lock()
		defer c.mu.Unlock()
		as()
		c.passage.reunite()
	}
	synctest.Test(t, func(t *testing.T) {
		j := &jam{freed: make(chan struct{})}
		c := lost(j, nil)
		go func() { _, _ = io.WriteString(c, answer) }()
		synctest.Wait()
		go arrives(c, func() {})
		synctest.Wait()
		if c.link.state != partitioned {
			t.Error("it does not wait")
		}
		close(j.freed)
		synctest.Wait()
		if c.link.state != linked {
			t.Errorf("then it is %d", c.link.state)
		}
		_ = c.tap.Close()
	})
	for what, as := range map[string]func(*conn){
		"ended": func(c *conn) { c.ended = true }, "taken": func(c *conn) { c.link.meet(stall) }, "the run's end": func(c *conn) { c.ends = byTap },
	} {
		l := &log{}
		c := lost(&scripted{}, l)
		send(t, c, answer)
		arrives(c, func() { as(c) })
		if got := l.lines(); strings.Contains(got, "answer") {
			t.Errorf("%s: %s", what, got)
		}
	}
	l := &log{}
	c := lost(gone{&scripted{}}, l)
	if _, err := io.WriteString(c, answer); !errors.Is(err, syscall.ECONNRESET) || !strings.HasSuffix(l.lines(), "1/0 closed peer RST") {
		t.Errorf("a peer that is gone: %v, %s", err, l.lines())
	}
}

// gone is the network's side of a peer that has reset.
type gone struct{ *scripted }

func (gone) Write([]byte) (int, error) { return 0, syscall.ECONNRESET }

// What was lost in the middle of a piece is not given twice, nor is what follows it lost.
func TestTheRestOfAPieceFollowsWhatArrived(t *testing.T) {
	for _, lost := range []int{2, 9, 20, len(answer) - 1} {
		r := &road{arrived: true}
		h, peer, box := onRoad(t, r, "hop 0: on poll 1, forward: lose flow to client for 1ms")
		send(t, box, answer[:lost])
		readN(t, peer, lost)
		for !strings.Contains(r.wasAsked(), "heal") {
			time.Sleep(time.Millisecond)
		}
		send(t, box, answer[lost:])
		if got := readN(t, peer, len(answer)-lost); got != answer[lost:] {
			t.Errorf("%d bytes were lost: then comes %q", lost, got)
		}
		h.happened("1/1 answer done")
		_ = box.Close()
		wantEnd(t, peer, "", fin)
	}
}

// After a road was healed the connection is as it was.
func TestAHealedRoadCarriesOn(t *testing.T) {
	r := &road{arrived: true}
	h, peer, box := onRoad(t, r, "hop 0: on poll 1, forward: lose flow to client for 1ms")
	send(t, box, answer)
	readN(t, peer, len(answer))
	h.happened("1/1 answer done")
	send(t, peer, request)
	readN(t, box, len(request))
	send(t, box, answer)
	readN(t, peer, len(answer))
	h.happened("1/1 answer done", "1/2 request done", "1/2 answer done")
	_ = box.Close()
	wantEnd(t, peer, "", fin)
	h.happened("1/0 closed box FIN")
}

// What goes wrong on the path is told at the end, and a fault that it refuses has
// not fired.
func TestAPathThatFails(t *testing.T) {
	no := errors.New("no such rule")
	refused := &road{refuses: no}
	const text = "hop 0: on poll 1, forward: lose flow to client for 1ms"
	h, _, _ := onRoad(t, refused, text)
	h.fired(text)
	if err := h.tap.Close(); !errors.Is(err, no) {
		t.Errorf("refused: %v", err)
	}
	broken := &road{breaks: no}
	h, _, _ = onRoad(t, broken, text)
	h.fired(text, 1)
	for !strings.Contains(broken.wasAsked(), "heal") {
		continue
	}
	if err := h.tap.Close(); !errors.Is(err, no) {
		t.Errorf("not healed: %v", err)
	}
	patient := &road{}
	h, _, _ = onRoad(t, patient, "hop 0: on poll 1, forward: lose flow to client for 1h")
	if err := h.tap.Close(); err != nil || strings.Contains(patient.wasAsked(), "heal") {
		t.Errorf("at the end of all: %v, asked %s", err, patient.wasAsked())
	}
}
