package gateway

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/msn/msnhttp"
	"gauntlet/proxies/network/networktest"
)

const openRequest = "POST /gateway/gateway.dll?Action=open&Server=NS&IP=messenger.hotmail.com HTTP/1.1\r\nHost: h\r\nContent-Length: 18\r\n\r\nVER 1 MSNP8 CVR0\r\n"

func pollRequest(id string) string {
	return "POST /gateway/gateway.dll?Action=poll&SessionID=" + msnhttp.EscapeID(id) + " HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n"
}

// roundTrip writes a raw request and reads the answer.
func roundTrip(t testing.TB, c net.Conn, b *bufio.Reader, request string) (status int, h msnhttp.SessionHeader, body string) {
	t.Helper()
	if _, err := io.WriteString(c, request); err != nil {
		t.Fatal(err)
	}
	r, err := http.ReadResponse(b, nil)
	if err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode == 200 && r.ContentLength != int64(len(all)) {
		t.Fatalf("%d of %d bytes: %v", len(all), r.ContentLength, err)
	}
	if r.StatusCode == 200 {
		if h, err = msnhttp.ParseSessionHeader(r.Header.Get(msnhttp.HeaderName)); err != nil {
			t.Fatal(err)
		}
	}
	return r.StatusCode, h, string(all)
}

// echo is a messenger that sends back what it hears.
func echo(context.Context, string, string) (net.Conn, error) {
	near, far := net.Pipe()
	go func() {
		_, _ = io.Copy(far, far)
		_ = far.Close()
	}()
	return near, nil
}

func TestOnRealSockets(t *testing.T) {
	g := New(Options{Dial: echo, Seed: 1, Dialect: Dialect{Settle: 5 * time.Second}})
	var listeners [2]net.Listener
	var wg sync.WaitGroup
	for i := range listeners {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		listeners[i] = l
		wg.Go(func() {
			if err := g.Serve(l); err != nil {
				t.Error(err)
			}
		})
	}
	var id string
	for i := range 6 { // each request on another connection, to either listener
		c, err := net.Dial("tcp", listeners[i%2].Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		request := openRequest
		if i > 0 {
			request = fmt.Sprintf("POST /gateway/gateway.dll?SessionID=%s HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nSYN %d 0\r\n", id, i)
		}
		status, h, body := roundTrip(t, c, bufio.NewReader(c), request)
		if status != 200 || !strings.HasSuffix(request, "\r\n\r\n"+body) || h.SessionID == id {
			t.Fatalf("%d %+v %q", status, h, body)
		}
		id = h.SessionID
		_ = c.Close()
	}
	if err := g.Close(); err != nil {
		t.Error(err)
	}
	wg.Wait()
	if err := g.Close(); err != nil {
		t.Errorf("closing again: %v", err)
	}
}

func TestLookup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := newStage(t, Dialect{IDShape: Reserved})
		defer st.close()
		c := st.client()
		defer func() { _ = c.Close() }()
		b := bufio.NewReader(c)
		_, h, _ := roundTrip(t, c, b, strings.Replace(openRequest, "VER 1 MSNP8 CVR0\r\n", "USR 1 TWN I a@b\r\n\n", 1))
		_, _, _ = roundTrip(t, c, b, pollRequest(h.SessionID))
		time.Sleep(time.Hour) // the session is long over
		for _, id := range []string{h.SessionID, msnhttp.EscapeID(h.SessionID)} {
			if info, known := st.g.Lookup(id); !known || info != (Info{Session: 1, Server: "NS", User: "a@b"}) {
				t.Fatalf("%q: %+v %v", id, info, known)
			}
		}
		if _, known := st.g.Lookup("1.2"); known || st.g.Sessions() != 0 {
			t.Fatal("knows too much")
		}
		if len(st.g.links) > 0 { // nobody else is left
			t.Fatal("a link outlives its session")
		}
	})
}

// TestObserverMayLookUp: the rig labels what it sees by asking the gateway.
func TestObserverMayLookUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var st *stage
		found := 0
		st = newStage(t, Dialect{}, func(o *Options) {
			o.Observe = func(e history.Event) {
				if _, known := st.g.Lookup(e.NewID); known {
					found++
				}
			}
		})
		c := st.client()
		_, h, _ := roundTrip(t, c, bufio.NewReader(c), openRequest)
		_, _, _ = roundTrip(t, c, bufio.NewReader(c), pollRequest(h.SessionID))
		_ = c.Close()
		st.close()
		if found != 3 {
			t.Fatalf("found %d", found)
		}
	})
}

// TestHalfARequestDoesNotCount: its connection breaks in the middle of the body.
func TestHalfARequestDoesNotCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := newStage(t, Dialect{})
		defer st.close()
		a, b := st.client(), st.client()
		_, h, _ := roundTrip(t, a, bufio.NewReader(a), openRequest)
		synctest.Wait()
		before := st.story()
		half := "POST /gateway/gateway.dll?SessionID=" + h.SessionID + " HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nSYN"
		if _, err := io.WriteString(a, half); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		_ = a.Close()
		time.Sleep(time.Second)
		if after := st.story(); after != before {
			t.Fatalf("half a request left %q", after)
		}
		whole := strings.Replace(half, "SYN", "SYN 1 0\r\n", 1)
		if status, _, _ := roundTrip(t, b, bufio.NewReader(b), whole); status != 200 {
			t.Fatal(status)
		}
		_ = b.Close()
	})
}

// TestCloseWithEverythingUnderWay ends thinking, holding, waiting and reading.
func TestCloseWithEverythingUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := newStage(t, Dialect{Think: time.Second, LongPoll: LongPollHonoured})
		var conns []net.Conn
		for i := range 20 {
			c := st.client()
			conns = append(conns, c)
			_, h, _ := roundTrip(t, c, bufio.NewReader(c), openRequest)
			request := strings.Replace(pollRequest(h.SessionID), "Action=poll", "Action=poll&Lifespan=60", 1)
			if _, err := io.WriteString(c, request[:len(request)-i%2]); err != nil {
				t.Fatal(err)
			}
			if i%3 == 0 {
				d := st.client()
				conns = append(conns, d)
				if _, err := io.WriteString(d, request); err != nil {
					t.Fatal(err)
				}
			}
		}
		time.Sleep(500 * time.Millisecond)
		st.close()
		for _, c := range conns {
			_ = c.Close()
		}
	})
}

// A session whose messenger has hung up says so with its next answer, and no
// longer waits for one that may be held.
func TestMessengerHangsUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := newStage(t, Dialect{LongPoll: LongPollHonoured})
		defer st.close()
		c := st.client()
		defer c.Close()
		b := bufio.NewReader(c)
		_, h, _ := roundTrip(t, c, b, openRequest)
		time.AfterFunc(5*time.Second, func() {
			st.mu.Lock()
			defer st.mu.Unlock()
			_ = st.messenger[0].Close()
		})
		began := time.Now()
		_, h, _ = roundTrip(t, c, b, strings.Replace(pollRequest(h.SessionID), "Action=poll", "Action=poll&Lifespan=60", 1))
		if took := time.Since(began).Round(time.Second); !h.Close || took != 5*time.Second {
			t.Errorf("after %v: close %t", took, h.Close)
		}
	})
}

// TestManyAbandonedSessions: they end one by one, and leave nothing.
func TestManyAbandonedSessions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := newStage(t, Dialect{}, func(o *Options) { o.Limits.Sessions = 1000; o.Observe = nil })
		defer st.close()
		refused := 0
		for range 2000 {
			c := st.client()
			if status, _, _ := roundTrip(t, c, bufio.NewReader(c), openRequest); status == 503 {
				refused++
			}
			_ = c.Close()
		}
		if st.g.Sessions() != 1000 || refused != 1000 {
			t.Fatalf("%d sessions, %d refused", st.g.Sessions(), refused)
		}
		synctest.Wait()
		if n := networktest.InThisBubble(); n > 2*1000+50 {
			t.Errorf("%d goroutines for 1000 sessions, which have two each", n)
		}
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if n := networktest.InThisBubble(); n > 50 || st.g.Sessions() != 0 {
			t.Fatalf("%d goroutines, %d sessions", n, st.g.Sessions())
		}
	})
}

// TestMessengerFloodsAndIsHeldBack: what nobody fetches is bounded.
func TestMessengerFloodsAndIsHeldBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := newStage(t, Dialect{}, func(o *Options) { o.Limits.Queued = 10_000 })
		defer st.close()
		c := st.client()
		defer func() { _ = c.Close() }()
		b := bufio.NewReader(c)
		_, h, _ := roundTrip(t, c, b, openRequest)
		flood := strings.Repeat("NLN NLN bob@example.com Bob 0\r\n", 2000)
		st.wg.Go(func() { st.say(flood) })
		var got strings.Builder
		for got.Len() < len(flood) {
			time.Sleep(2 * time.Second)
			_, next, body := roundTrip(t, c, b, pollRequest(h.SessionID))
			if len(body) > 10_000+4096 {
				t.Fatalf("%d bytes at once", len(body))
			}
			got.WriteString(body)
			h = next
		}
		if got.String() != flood {
			t.Fatal("not what was sent")
		}
	})
}

// What the messenger says is taken whether anybody asks for it or not.
func TestMessengerSpeaksUnasked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := newStage(t, Dialect{})
		defer st.close()
		c := st.client()
		b := bufio.NewReader(c)
		_, h, _ := roundTrip(t, c, b, openRequest)
		for range 2 {
			st.say("NLN NLN bob@example.com Bob 0\r\n")
			synctest.Wait()
		}
		for _, piece := range "NLN NLN bob@example.com Bob 0\r\n" {
			st.say(string(piece))
		}
		if _, _, body := roundTrip(t, c, b, pollRequest(h.SessionID)); strings.Count(body, "NLN NLN") != 3 {
			t.Errorf("%q", body)
		}
		_ = c.Close()
	})
}

// A head that does not come whole is waited for in vain, and its client is told nothing that
// it could take for an answer; one that ends early may still read.
func TestHalfAHead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := newStage(t, Dialect{})
		defer st.close()
		for _, behind := range []bool{false, true} {
			for half, want := range map[bool]string{false: "", true: "HTTP/1.1 400 "} {
				c := st.client()
				b := bufio.NewReader(c)
				if behind { // another request
					roundTrip(t, c, b, openRequest)
					time.Sleep(time.Minute)
				}
				began := time.Now()
				_, _ = io.WriteString(c, openRequest[:30])
				if half {
					_ = c.(interface{ CloseWrite() error }).CloseWrite()
				}
				got, err := io.ReadAll(b)
				took := time.Since(began).Round(time.Second)
				if !strings.HasPrefix(string(got), want) || (want == "") != (len(got) == 0) || err != nil || took != map[bool]time.Duration{false: 30 * time.Second}[half] {
					t.Errorf("behind another %t, half-closed %t: %q, %v after %v", behind, half, got, err, took)
				}
				_ = c.Close()
			}
		}
		synctest.Wait()
		if open := st.g.server.open(); len(open) != 0 {
			t.Errorf("%d connections are kept that have ended", len(open))
		}
	})
}

// A gateway that is closed serves nobody, and says of itself what it is.
func TestServeAfterTheEnd(t *testing.T) {
	g := New(Options{Dial: echo, Dialect: Dialect{Think: 3 * time.Second}})
	if d := g.Dialect(); d.Think != 3*time.Second || d.Idle != DefaultIdle {
		t.Errorf("%+v", d)
	}
	if err := g.Close(); err != nil {
		t.Error(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := g.Serve(l); err != nil {
		t.Error(err)
	}
	if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("its listener is open: %v", err)
	}
	near, far := net.Pipe()
	g.server.welcome(near)
	if _, err := far.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("a connection that came late: %v", err)
	}
}

// TestMessengerThatDoesNotRead cannot be made to hold everything.
func TestMessengerThatDoesNotRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var far net.Conn
		st := newStage(t, Dialect{}, func(o *Options) {
			o.Limits.Queued, o.Limits.Write = 1000, time.Hour
			o.Dial = func(context.Context, string, string) (c net.Conn, err error) { c, far = net.Pipe(); return c, nil }
		})
		c := st.client()
		defer func() { _ = c.Close() }()
		b := bufio.NewReader(c)
		_, h, _ := roundTrip(t, c, b, openRequest)
		status := 200
		for i := 0; status == 200 && i < 10; i++ {
			body := "MSG 1 N 500\r\n" + strings.Repeat("x", 500)
			var next msnhttp.SessionHeader
			status, next, _ = roundTrip(t, c, b, fmt.Sprintf("POST /gateway/gateway.dll?SessionID=%s HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n%s", h.SessionID, len(body), body))
			if status == 200 {
				h = next
			}
		}
		if status != 503 {
			t.Fatal(status)
		}
		st.close()
		_ = far.Close()
	})
}

// TestAnHourIdle: polls every two seconds leave nothing behind.
func TestAnHourIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := newStage(t, Dialect{Think: 50 * time.Millisecond}, func(o *Options) { o.Observe = nil })
		defer st.close()
		c := st.client()
		defer func() { _ = c.Close() }()
		b := bufio.NewReader(c)
		_, h, _ := roundTrip(t, c, b, openRequest)
		synctest.Wait() // what ends with an answer has ended
		goroutines := networktest.InThisBubble()
		for range 1800 {
			time.Sleep(2 * time.Second)
			_, h, _ = roundTrip(t, c, b, pollRequest(h.SessionID))
		}
		synctest.Wait()
		s := st.g.table.known[1]
		if n := networktest.InThisBubble(); n > goroutines || len(s.log) > 1 || len(s.tickets) > 2 || len(st.g.table.journal.events) > 0 {
			t.Fatalf("%d goroutines, before %d; %d entries, %d ids", n, goroutines, len(s.log), len(s.tickets))
		}
	})
}

func TestHugeHead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := newStage(t, Dialect{})
		defer st.close()
		c := st.client()
		go func() { _, _ = io.WriteString(c, "POST /gateway/gateway.dll?SessionID="+strings.Repeat("1", 1<<20)) }()
		got, ended := readQuiet(c)
		if !strings.HasPrefix(got, "HTTP/1.1 431 ") || !ended {
			t.Fatalf("%.60q %v", got, ended)
		}
		_ = c.Close()
	})
}

// failing is a listener that has troubles before somebody comes, and one that lasts at last.
type failing struct {
	net.Listener
	troubles []error
	comes    net.Conn
}

func (f *failing) Addr() net.Addr { return &net.TCPAddr{} }
func (f *failing) Close() error   { return nil }
func (f *failing) Accept() (net.Conn, error) {
	if len(f.troubles) > 0 {
		err := f.troubles[0]
		f.troubles = f.troubles[1:]
		return nil, err
	}
	if f.comes == nil {
		return nil, syscall.EINVAL
	}
	c := f.comes
	f.comes = nil
	return c, nil
}

// A messenger that takes nothing does not keep a gateway that is closed, and the log says so.
func TestClosedWhileAMessengerTakesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var said strings.Builder
		st := newStage(t, Dialect{}, func(o *Options) {
			o.Logger = slog.New(slog.NewTextHandler(&said, &slog.HandlerOptions{Level: slog.LevelDebug}))
			o.Dial = func(context.Context, string, string) (net.Conn, error) { c, _ := net.Pipe(); return c, nil }
		})
		c := st.client()
		roundTrip(t, c, bufio.NewReader(c), openRequest)
		began := time.Now()
		st.close()
		if took := time.Since(began); took > time.Second {
			t.Errorf("it took %v", took)
		}
		if !strings.Contains(said.String(), `msg="the messenger takes nothing" session=1 error=`) {
			t.Errorf("the log: %s", said.String())
		}
		_ = c.Close()
	})
}

// crowded is a messenger's connection of which a test lets go one write after the other.
type crowded struct {
	net.Conn
	writing, most int
	freed         chan struct{}
}

func (c *crowded) Write(p []byte) (int, error) {
	c.writing++
	c.most = max(c.most, c.writing)
	<-c.freed
	c.writing--
	return len(p), nil
}

// What is due to a messenger is written by one at a time, however often it is said.
func TestAMessengerIsWrittenToByOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &crowded{freed: make(chan struct{})}
		st := newStage(t, Dialect{}, func(o *Options) {
			o.Dial = func(context.Context, string, string) (net.Conn, error) { m.Conn, _ = net.Pipe(); return m, nil }
		})
		c := st.client()
		roundTrip(t, c, bufio.NewReader(c), openRequest)
		m.freed <- struct{}{}
		for range 2 {
			synctest.Wait()
			st.g.do(func(t *table) {
				t.known[1].send([]byte("CVR 2 x\r\n"))
				t.known[1].send([]byte("SYN 3 0\r\n"))
			})
		}
		synctest.Wait()
		if m.writing != 1 || m.most != 1 {
			t.Errorf("%d write, %d at a time", m.writing, m.most)
		}
		close(m.freed)
		st.close()
		_ = c.Close()
	})
}

// Who asked twice is answered when what led to the answer has been observed, as is who was
// first.
func TestADuplicateIsAnsweredWhenAllIsObserved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var answered, early atomic.Bool
		st := newStage(t, Dialect{Think: time.Second}, func(o *Options) {
			o.Observe = func(e history.Event) {
				for i := 0; i < 10_000 && e.Kind == history.SessionEnded && !answered.Load(); i++ {
					runtime.Gosched()
				}
				early.Store(answered.Load())
			}
		})
		first := st.client()
		near, again := net.Pipe() // on which nothing waits for time to pass
		st.g.server.welcome(near)
		_, h, _ := roundTrip(t, first, bufio.NewReader(first), openRequest)
		leave := strings.Replace(strings.Replace(pollRequest(h.SessionID), "Action=poll&", "", 1), "h: 0\r\n\r\n", "h: 5\r\n\r\nOUT\r\n", 1)
		_, _ = io.WriteString(first, leave)
		time.Sleep(100 * time.Millisecond)
		if _, h, _ = roundTrip(t, again, bufio.NewReader(again), leave); !h.Close {
			t.Errorf("%+v", h)
		}
		answered.Store(true)
		synctest.Wait()
		if early.Load() {
			t.Error("it is answered before that")
		}
		_, _ = first.Close(), again.Close()
		st.close()
	})
}

// Connections are dealt with in the order in which they came.
func TestConnectionsAreKeptInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := newStage(t, Dialect{})
		defer st.close()
		var came, kept []string
		for range 9 {
			c := st.client()
			defer c.Close()
			came = append(came, c.LocalAddr().String())
		}
		synctest.Wait()
		for _, c := range st.g.server.open() {
			kept = append(kept, c.RemoteAddr().String())
		}
		if !slices.Equal(kept, came) {
			t.Errorf("%v, came %v", kept, came)
		}
	})
}

// A gateway that is about to end serves nobody more, and ends at once where nobody is left.
func TestServeWhileItLeaves(t *testing.T) {
	g, l := New(Options{Dial: echo}), &failing{troubles: []error{syscall.EINVAL}}
	g.server.leaving = true
	if err := g.Serve(l); err != nil || len(l.troubles) == 0 {
		t.Errorf("%v; it waits for somebody", err)
	}
	synctest.Test(t, func(t *testing.T) {
		st := newStage(t, Dialect{})
		began := time.Now()
		ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
		defer cancel()
		if err := st.g.Shutdown(ctx); err != nil || time.Since(began) > time.Second {
			t.Errorf("nobody was there: %v after %v", err, time.Since(began))
		}
		st.close()
	})
}

// A connection on which somebody waits for an answer ends behind it when the gateway leaves.
func TestAConnectionEndsBehindItsAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := newStage(t, Dialect{Think: time.Second})
		defer st.close()
		idle, busy := st.client(), st.client()
		_, _ = io.WriteString(busy, openRequest)
		time.Sleep(100 * time.Millisecond)
		began := time.Now()
		ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
		defer cancel()
		st.g.server.shutdown(ctx)
		if took := time.Since(began); took < 800*time.Millisecond || took > time.Second {
			t.Errorf("it took %v", took)
		}
		for c, want := range map[net.Conn]string{idle: "", busy: "HTTP/1.1 200 "} {
			if got, ended := readQuiet(c); !strings.HasPrefix(got, want) || (got == "") != (want == "") || !ended {
				t.Errorf("%q, ended %t", got, ended)
			}
			_ = c.Close()
		}
	})
}

// Troubles of a listener that pass are waited out.
func TestServeBearsWithTroubles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		g, began := New(Options{Dial: echo}), time.Now()
		served := make(chan error, 1)
		go func() {
			served <- g.Serve(&failing{troubles: []error{syscall.EMFILE, syscall.ENFILE, syscall.ECONNABORTED, syscall.ECONNRESET}, comes: near})
		}()
		if status, _, _ := roundTrip(t, far, bufio.NewReader(far), openRequest); status != 200 {
			t.Errorf("%d", status)
		}
		if took := time.Since(began); took != 80*time.Millisecond {
			t.Errorf("it was waited for %v", took)
		}
		if err := <-served; !errors.Is(err, syscall.EINVAL) {
			t.Error(err)
		}
		_, _ = far.Close(), g.Close()
		g = New(Options{Dial: echo})
		go func() { served <- g.Serve(&failing{troubles: slices.Repeat([]error{syscall.EMFILE}, 1000)}) }()
		time.Sleep(time.Second)
		_ = g.Close()
		if err := <-served; err != nil && !errors.Is(err, syscall.EMFILE) {
			t.Errorf("closed meanwhile: %v", err)
		}
	})
}

func TestServeReportsItsListenersFailure(t *testing.T) {
	g := New(Options{Dial: echo})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	if err := g.Serve(l); !errors.Is(err, net.ErrClosed) {
		t.Fatal(err)
	}
	_ = g.Close()
}
