package messenger

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gauntlet/harness/judge/history"
)

// Commands that exist, with parameters that make no sense, in any number.
func TestNonsenseNeverCrashes(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	names := []string{"VER", "CVR", "USR", "SYN", "GTC", "BLP", "PRP", "REA", "ADD", "REM", "CHG", "XFR", "PNG", "CAL", "ANS", "HEL"}
	words := []string{"1", "0", "-1", "4294967296", "SB", "FL", "NLN", "TWN", "I", "S", "alice@example.org", "nobody@example.org", "%", "%zz", "é"}
	for range 40 {
		perform(t, Options{}, func(p *play) {
			p.script("alice signs in\nb dials SB\nc dials NS")
			for range 25 {
				line := names[random.IntN(len(names))]
				for range random.IntN(6) {
					line += " " + words[random.IntN(len(words))]
				}
				for name, a := range p.clients {
					go func() { _, _ = io.WriteString(a.conn, line+"\r\n") }() // who was hung up on cannot write
					_ = p.next(name, line, time.Millisecond)
				}
			}
		})
	}
}

// Whoever is hung up on gets the last command, although more of theirs was on
// its way: no reset may overtake it.
func TestLastCommandArrivesOnRealSockets(t *testing.T) {
	m := New(Options{})
	l := listen(t)
	var served sync.WaitGroup
	served.Go(func() { report(t, m.ServeSwitchboard(l)) })
	for i := range 20 {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		_, err = fmt.Fprintf(c, "USR %d a@example.org 1.2.3\r\n%s", i, strings.Repeat("MSG 9 U 1\r\nx", 300))
		report(t, err)
		report(t, c.SetReadDeadline(time.Now().Add(10*time.Second)))
		got, err := io.ReadAll(c)
		if want := fmt.Sprintf("911 %d\r\n", i); string(got) != want || err != nil {
			t.Errorf("got %q, %v", got, err)
		}
		report(t, c.Close())
	}
	report(t, m.Close())
	served.Wait()
}

// The observer may call back into the messenger, and still sees one order.
func TestObserverMayActOnWhatItSees(t *testing.T) {
	var m *Messenger
	var seen []string
	m = New(Options{Observe: func(e history.Event) {
		if e.Kind != history.Relayed {
			return
		}
		seen = append(seen, e.User+" "+e.Text)
		if len(seen) < 6 {
			other := map[string]string{"a@example.org": "b@example.org", "b@example.org": "a@example.org"}[e.User]
			report(t, m.Contact(other).Send(fmt.Sprint(len(seen))))
		}
	}})
	a, b := m.Contact("a@example.org"), m.Contact("b@example.org")
	a.SignIn()
	b.SignIn()
	report(t, a.Invite("b@example.org"))
	report(t, a.Send("0"))
	want := []string{"a@example.org 0", "b@example.org 1", "a@example.org 2", "b@example.org 3", "a@example.org 4", "b@example.org 5"}
	if !slices.Equal(seen, want) {
		t.Errorf("saw %q", seen)
	}
	report(t, m.Close())
}

// One connection, two runs, one seed: the same tickets and challenges.
func TestSameSeedSameBytes(t *testing.T) {
	var runs [2]string
	for i := range runs {
		perform(t, Options{Seed: 7}, func(p *play) {
			p.script(`
				alice signs in
				alice> CHG 5 NLN 0
				alice< CHG 5 NLN 0
				alice> XFR 6 SB
				alice< XFR 6 SB 10.9.0.2:1863 CKI {ticket}
				alice< CHL 0 {code}`)
			runs[i] = p.bound["ticket"] + " " + p.bound["code"]
		})
	}
	if runs[0] != runs[1] || len(runs[0]) < 30 {
		t.Errorf("got %q, then %q", runs[0], runs[1])
	}
}
