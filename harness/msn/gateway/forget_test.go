package gateway

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func TestForget(t *testing.T) {
	d := newDesk(t, "documented")
	s, first := d.open("VER 1 MSNP8 CVR0\r\n")
	over, last := d.open("")
	d.do(idOf(last), "OUT\r\n")
	d.kinds()

	d.forget(d.now)
	d.refused(idOf(first), "", ReasonUnknown)
	d.refused(idOf(last), "OUT\r\n", ReasonUnknown)
	if got := d.kinds(); got != "session ended(forgotten) rejected(unknown SessionID) rejected(unknown SessionID)" {
		t.Errorf("events: %s", got)
	}
	if s.phase != closed || over.phase != closed || len(d.known) != 0 || len(d.retired) != 0 {
		t.Errorf("%v %v, %d sessions, %d retired", s.phase, over.phase, len(d.known), len(d.retired))
	}
	if info, known := d.lookup(idOf(first)); !known || info.Session != 1 {
		t.Errorf("for a lookup: %+v %v", info, known)
	}

	_, again := d.open("")
	d.do(idOf(again), "CVR 2 x\r\n")
	d.forget(d.now)
	d.forget(d.now)
	if d.forgotten != 3 {
		t.Errorf("%d forgotten", d.forgotten)
	}
}

// Of what is forgotten with the chats nothing is left, and the others go on.
func TestForgetChats(t *testing.T) {
	d := newDesk(t, "documented")
	home, first := d.open("VER 1 MSNP8 CVR0\r\n")
	chat, of := d.openAt(SB, "USR 1 a b\r\n")
	_, last := d.openAt(SB, "")
	d.do(idOf(last), "OUT\r\n")
	d.kinds()

	d.forgetServer(d.now, SB)
	d.refused(idOf(of), "", ReasonEnded)
	d.refused(idOf(last), "OUT\r\n", ReasonEnded)
	d.do(idOf(first), "CVR 2 x\r\n")
	if got := d.kinds(); !strings.HasPrefix(got, "session ended(forgotten) rejected(the session has ended) rejected(the session has ended)") {
		t.Errorf("events: %s", got)
	}
	if home.phase == closed || chat.phase != closed || len(d.known) != 1 || len(d.retired) != 0 {
		t.Errorf("%v %v, %d sessions, %d retired", home.phase, chat.phase, len(d.known), len(d.retired))
	}
}

// The chats alone are forgotten when the gateway is told so.
func TestTheGatewayForgetsChats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := newStage(t, Dialect{})
		defer st.close()
		c := st.client()
		b := bufio.NewReader(c)
		_, home, _ := roundTrip(t, c, b, openRequest)
		_, chat, _ := roundTrip(t, c, b, strings.Replace(openRequest, "Server=NS", "Server=SB", 1))
		st.g.ForgetChats()
		for id, want := range map[string]int{home.SessionID: 200, chat.SessionID: 400} {
			if status, _, _ := roundTrip(t, c, b, pollRequest(id)); status != want {
				t.Errorf("%s: %d, want %d", id, status, want)
			}
		}
		_ = c.Close()
	})
}

// A request that is pending meanwhile gets 400 as well, the messenger's
// connections close, and the next open is served.
// An address that is no more resets who came there, and is named to nobody, unless it is
// the only one.
func TestLeave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for others, want := range map[string]string{"": "10.0.0.1", "10.0.0.9": "10.0.0.9"} {
			st := newStage(t, Dialect{Addresses: strings.Fields("10.0.0.1 " + others)})
			before := st.client()
			b := bufio.NewReader(before)
			_, h, _ := roundTrip(t, before, b, openRequest)
			st.g.Leave("10.0.0.3")
			_, h, _ = roundTrip(t, before, b, pollRequest(h.SessionID))
			st.g.Leave("10.0.0.1")
			if _, err := b.ReadByte(); !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("who came there: %v", err)
			}
			if got := strings.Join(st.g.table.dialect.Addresses, " "); got != want {
				t.Errorf("named are %q, want %q", got, want)
			}
			if _, known := st.g.Lookup(h.SessionID); !known {
				t.Error("the session is gone")
			}
			_ = before.Close()
			st.close()
		}
	})
}

// Under maintenance everybody is told when to come back, and no session is lost by it,
// however long it takes.
func TestMaintain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := newStage(t, Dialect{})
		defer st.close()
		c := st.client()
		b := bufio.NewReader(c)
		_, h, _ := roundTrip(t, c, b, openRequest)
		st.g.Maintain(2 * DefaultIdle)
		time.Sleep(500 * time.Millisecond)
		for _, request := range []string{openRequest, pollRequest(h.SessionID)} {
			_, _ = io.WriteString(c, request)
			r, err := http.ReadResponse(b, nil)
			if err != nil {
				t.Fatal(err)
			}
			said, _ := io.ReadAll(r.Body)
			if r.StatusCode != 503 || r.Header.Get("Retry-After") != "120" || !strings.HasPrefix(string(said), ReasonMaintenance) {
				t.Errorf("%d %v %q", r.StatusCode, r.Header, said)
			}
		}
		time.Sleep(2*DefaultIdle - 500*time.Millisecond)
		if status, _, _ := roundTrip(t, c, b, pollRequest(h.SessionID)); status != 200 {
			t.Errorf("after that: %d", status)
		}
		_ = c.Close()
	})
}

// A gateway that crashes resets who is there and who comes, until it is back; it knows no
// session then.
func TestRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := newStage(t, Dialect{})
		defer st.close()
		c := st.client()
		_, h, _ := roundTrip(t, c, bufio.NewReader(c), openRequest)
		st.g.Restart(5 * time.Second)
		for range 2 {
			if _, err := c.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("while it is away: %v", err)
			}
			_ = c.Close()
			time.Sleep(5*time.Second/2 - 1)
			c = st.client()
		}
		_ = c.Close()
		time.Sleep(2 * time.Nanosecond)
		c = st.client()
		b := bufio.NewReader(c)
		for request, want := range map[string]int{pollRequest(h.SessionID): 400, openRequest: 200} {
			if status, _, _ := roundTrip(t, c, b, request); status != want {
				t.Errorf("when it is back: %d, want %d", status, want)
			}
		}
		_ = c.Close()
	})
}

func TestForgetWhilePending(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := newStage(t, Dialect{Think: time.Second})
		defer st.close()
		c := st.client()
		defer c.Close()
		_, _ = c.Write([]byte(openRequest))
		time.Sleep(100 * time.Millisecond)
		st.g.Forget()
		got, _ := readQuiet(c)
		more, _ := readQuiet(c)
		if got += more; !strings.HasPrefix(got, "HTTP/1.1 400 Bad Request\r\n") {
			t.Errorf("the pending open got %q", got)
		}
		if st.g.Sessions() != 0 || !strings.Contains(st.story(), "session ended · 1 · NS · forgotten") || !strings.Contains(st.story(), "rejected · 1 ·") {
			t.Errorf("%d sessions; %s", st.g.Sessions(), st.story())
		}
		_, _ = c.Write([]byte(openRequest))
		time.Sleep(2 * time.Second)
		if got, _ = readQuiet(c); !strings.HasPrefix(got, "HTTP/1.1 200 OK\r\n") {
			t.Errorf("the next open got %q", got)
		}
	})
}
