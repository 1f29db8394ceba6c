package messenger

import (
	"context"
	"fmt"
	"io"
	"net"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"gauntlet/harness/judge/history"
)

func TestCloseSaysGoodbye(t *testing.T) {
	perform(t, Options{}, func(p *play) {
		p.script(chatting)
		waiting := make(chan error, 1)
		go func() { waiting <- p.m.Contact("carol@example.org").WaitReceived(context.Background(), 1) }()
		synctest.Wait()
		closed := make(chan error, 1)
		go func() { closed <- p.m.Close() }()
		p.script(`
			alice< OUT SSD
			alice< closed
			bob< FLN alice@example.org
			bob< OUT SSD
			bob< closed
			b< BYE alice@example.org
			b< closed
			a< closed`)
		p.check(<-closed)
		if err := <-waiting; err == nil || !strings.Contains(err.Error(), "closed") {
			t.Errorf("waiting: %v", err)
		}
		want := []string{"signed out alice@example.org  shutdown", "signed out bob@example.org  shutdown"}
		if got := p.seen(history.SignedOut); !reflect.DeepEqual(got, want) {
			t.Errorf("observed %q", got)
		}
		if err := p.m.ServeNotification(newPairs()); err == nil {
			t.Error("a closed messenger serves")
		}
	})
}

// Chats can be closed alone: who was in one stays signed in, and can call again.
func TestCloseChats(t *testing.T) {
	perform(t, Options{}, func(p *play) {
		p.script(chatting)
		p.m.CloseChats()
		p.script(`
			a< closed
			b< BYE alice@example.org
			b< closed
			alice> XFR 7 SB
			alice< XFR 7 SB 10.9.0.2:1863 CKI {other}
			a dials SB
			a> USR 1 alice@example.org {other}
			a< USR 1 OK alice@example.org Alice%20Liddell`)
	})
}

// A client that reads nothing holds up nobody, and is cut off in the end.
func TestSlowReader(t *testing.T) {
	perform(t, Options{ChallengeAfter: -1, MaxQueued: 8 << 10}, func(p *play) {
		p.script(chatting)
		long := strings.Repeat("y", 1000)
		for i := range 12 {
			p.script(fmt.Sprintf("a> MSG %d U %q", i+1, long)) // b does not read
		}
		p.script("a< BYE bob@example.org\na> MSG 99 N \"gone?\"\na< NAK 99")
	})
}

func TestTooManyConnections(t *testing.T) {
	perform(t, Options{MaxConnections: 2}, func(p *play) {
		p.script(`
			a dials NS
			b dials SB
			c dials NS
			c< closed
			b hangs up
			d dials NS
			d> VER 1 MSNP8
			d< VER 1 MSNP8`)
	})
}

func TestTooManyTickets(t *testing.T) {
	perform(t, Options{ChallengeAfter: -1}, func(p *play) {
		p.script("alice signs in\nalice> CHG 5 NLN\nalice< CHG 5 NLN")
		for range ticketsPerUser {
			p.script("alice> XFR 6 SB")
			p.next("alice", "ticket", time.Second)
		}
		p.script("alice> XFR 7 SB\nalice< 800 7\nwait 120s\nalice> XFR 8 SB\nalice< XFR 8 SB 10.9.0.2:1863 CKI {t}")
	})
}

// On real sockets: many users at once, each talking to an echo.
func TestConcurrentUsersOnLoopback(t *testing.T) {
	const users = 8
	var accounts []Account
	for i := range users {
		accounts = append(accounts, Account{Email: fmt.Sprintf("user%d@example.org", i)})
	}
	var mu sync.Mutex
	relayed := 0
	m := New(Options{Accounts: accounts, HTTP: func(net.Conn) bool { return false }, Observe: func(e history.Event) {
		mu.Lock()
		defer mu.Unlock()
		if e.Kind == history.Relayed {
			relayed++
		}
	}})
	ns, sb := listen(t), listen(t)
	var served, chatted sync.WaitGroup
	served.Go(func() { report(t, m.ServeNotification(ns)) })
	served.Go(func() { report(t, m.ServeSwitchboard(sb)) })
	echo := m.Contact("echo@example.org")
	echo.Echo(true)
	echo.SignIn()
	for _, a := range accounts {
		chatted.Go(func() { report(t, converse(ns.Addr().String(), sb.Addr().String(), a.Email)) })
	}
	chatted.Wait()
	report(t, m.Close())
	served.Wait()
	if want := users * 10 * 2; relayed != want || len(echo.Received()) != users*10 {
		t.Errorf("relayed %d of %d, echo received %d", relayed, want, len(echo.Received()))
	}
}

func report(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// converse signs in, calls the echo and sends ten messages, each of which must
// come back before the next goes out.
func converse(ns, sb, email string) error {
	n, err := net.Dial("tcp", ns)
	if err != nil {
		return err
	}
	defer n.Close()
	_, err = fmt.Fprintf(n, "VER 1 MSNP8 CVR0\r\nUSR 2 TWN I %s\r\nUSR 3 TWN S t=1\r\nCHG 4 NLN 0\r\nXFR 5 SB\r\n", email)
	if err != nil {
		return err
	}
	transfer, err := readUntil(n, "XFR 5 SB ", "\r\n")
	if err != nil {
		return err
	}
	if _, port, _ := net.SplitHostPort(n.LocalAddr().String()); !strings.Contains(transfer, "\r\nClientPort: "+port+"\r\n") {
		return fmt.Errorf("port %s isn't in %q", port, transfer)
	}
	words := strings.Fields(transfer)
	return chatWithEcho(sb, email, words[len(words)-1])
}

func chatWithEcho(sb, email, ticket string) error {
	s, err := net.Dial("tcp", sb)
	if err != nil {
		return err
	}
	defer s.Close()
	if _, err = fmt.Fprintf(s, "USR 1 %s %s\r\nCAL 2 echo@example.org\r\n", email, ticket); err != nil {
		return err
	}
	if _, err = readUntil(s, "JOI echo@example.org", "\r\n"); err != nil {
		return err
	}
	for i := range 10 {
		text := fmt.Sprintf("%s %d.", email, i)
		payload := "Content-Type: text/plain\r\n\r\n" + text
		if _, err = fmt.Fprintf(s, "MSG %d A %d\r\n%s", i, len(payload), payload); err != nil {
			return err
		}
		if _, err = readUntil(s, "MSG echo@example.org ", text); err != nil {
			return err
		}
	}
	return nil
}

// readUntil reads until a line that begins so and, after that, end.
func readUntil(c net.Conn, begins, end string) (got string, err error) {
	if err := c.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		return "", err
	}
	for one := make([]byte, 1); ; {
		if _, err := io.ReadFull(c, one); err != nil {
			return got, fmt.Errorf("waiting for %q, got %q: %w", begins, got, err)
		}
		got += string(one)
		if _, after, found := strings.Cut(got, begins); found && strings.HasSuffix(after, end) {
			return got, nil
		}
	}
}
