package gateway

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A client that polls hears OUT SSD and then Session=close; the gateway waits
// for that and for no longer.
func TestShutdownTellsClients(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := newStage(t, Dialect{})
		defer st.close()
		c := st.client()
		defer c.Close()
		b := bufio.NewReader(c)
		_, h, _ := roundTrip(t, c, b, openRequest)

		began, ended := time.Now(), make(chan error, 1)
		go func() { ended <- st.g.Shutdown(context.Background()) }()
		synctest.Wait()
		_, again, body := roundTrip(t, c, b, pollRequest(h.SessionID))
		if body != "OUT SSD\r\n" || again.Close {
			t.Errorf("the first poll after it gets %q, close %v", body, again.Close)
		}
		if status := openInto(t, st); status != http.StatusServiceUnavailable {
			t.Errorf("an open meanwhile gets %d", status)
		}
		if _, last, _ := roundTrip(t, c, b, pollRequest(again.SessionID)); !last.Close {
			t.Error("the second poll after it is not told Session=close")
		}
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took > time.Second {
			t.Errorf("it took %v although everybody had been told", took)
		}
	})
}

// slowly is a listener on whose connections a write takes its time.
type slowly struct{ net.Listener }

func (s slowly) Accept() (net.Conn, error) {
	c, err := s.Listener.Accept()
	return slow{c}, err
}

type slow struct{ net.Conn }

func (s slow) Write(p []byte) (int, error) {
	time.Sleep(10 * time.Millisecond)
	return s.Conn.Write(p)
}

// The answer that tells the last client is written whole before the gateway
// closes its connections.
func TestShutdownWaitsForTheLastAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := newStage(t, Dialect{})
		defer st.close()
		l, err := st.net.Host("10.0.0.1").Listen(":81")
		if err != nil {
			t.Fatal(err)
		}
		st.wg.Go(func() { _ = st.g.Serve(slowly{l}) })
		c, err := st.net.Host("10.0.0.2").DialContext(context.Background(), "tcp", "10.0.0.1:81")
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		b := bufio.NewReader(c)
		_, h, _ := roundTrip(t, c, b, openRequest)

		ended := make(chan error, 1)
		go func() { ended <- st.g.Shutdown(context.Background()) }()
		synctest.Wait()
		_, h, _ = roundTrip(t, c, b, pollRequest(h.SessionID))
		if _, last, _ := roundTrip(t, c, b, pollRequest(h.SessionID)); !last.Close {
			t.Error("the second poll after it is not told Session=close")
		}
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func openInto(t *testing.T, st *stage) int {
	c := st.client()
	defer c.Close()
	if _, err := io.WriteString(c, openRequest); err != nil {
		t.Fatal(err)
	}
	r, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = r.Body.Close()
	return r.StatusCode
}

// A client that does not ask any more is not waited for longer than allowed.
func TestShutdownDoesNotWaitForTheSilent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := newStage(t, Dialect{})
		defer st.close()
		c := st.client()
		defer c.Close()
		roundTrip(t, c, bufio.NewReader(c), openRequest)
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		began := time.Now()
		if err := st.g.Shutdown(ctx); err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took != 5*time.Second {
			t.Errorf("it took %v", took)
		}
		if story := st.story(); !strings.Contains(story, "session ended · 1 · NS · closed") {
			t.Error(story)
		}
	})
}

// Half a command is not made whole by the farewell.
func TestFarewellComesBehindWholeCommandsOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := newStage(t, Dialect{})
		defer st.close()
		c := st.client()
		defer c.Close()
		b := bufio.NewReader(c)
		_, h, _ := roundTrip(t, c, b, openRequest)
		st.say("MSG Hotmail Hotmail 20\r\nMIME")
		ended := make(chan error, 1)
		go func() { ended <- st.g.Shutdown(context.Background()) }()
		synctest.Wait()
		_, again, body := roundTrip(t, c, b, pollRequest(h.SessionID))
		if strings.Contains(body, "OUT") {
			t.Errorf("told %q", body)
		}
		roundTrip(t, c, b, pollRequest(again.SessionID))
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// An open that is under way when the gateway is closed leaves no session.
func TestClosedWhileAMessengerIsDialled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := newStage(t, Dialect{}, func(o *Options) {
			dial := o.Dial
			o.Dial = func(ctx context.Context, server, ip string) (net.Conn, error) {
				time.Sleep(time.Second)
				return dial(ctx, server, ip)
			}
		})
		c := st.client()
		defer c.Close()
		_, _ = io.WriteString(c, openRequest)
		time.Sleep(500 * time.Millisecond)
		st.close()
		if story := st.story(); st.g.Sessions() != 0 || !strings.Contains(story, "session ended · 1 · NS · closed") {
			t.Errorf("%d sessions; %s", st.g.Sessions(), story)
		}
	})
}

func TestTooLittleMemoryRefusesOpens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := newStage(t, Dialect{}, func(o *Options) { o.Limits.Heap = 1 })
		defer st.close()
		if status := openInto(t, st); status != http.StatusServiceUnavailable {
			t.Errorf("an open gets %d", status)
		}
		if story := st.story(); !strings.Contains(story, ReasonMemory) {
			t.Error(story)
		}
	})
}
