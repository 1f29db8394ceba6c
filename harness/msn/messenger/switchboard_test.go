package messenger

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"gauntlet/harness/judge/history"
)

// chatting brings alice, who calls, and bob, who answers, into a chat.
const chatting = `
	alice signs in
	alice> CHG 5 NLN
	alice< CHG 5 NLN
	bob signs in
	bob> CHG 5 NLN
	bob< CHG 5 NLN
	bob< ILN 5 NLN alice@example.org Alice%20Liddell
	alice< NLN NLN bob@example.org Bob
	alice> XFR 6 SB
	alice< XFR 6 SB 10.9.0.2:1863 CKI {pass}
	a dials SB
	a> USR 1 alice@example.org {pass}
	a< USR 1 OK alice@example.org Alice%20Liddell
	a> CAL 2 bob@example.org
	a< CAL 2 RINGING {chat}
	bob< RNG {chat} 10.9.0.2:1863 CKI {ring} alice@example.org Alice%20Liddell
	b dials SB
	b> ANS 1 bob@example.org {ring} {chat}
	b< IRO 1 1 1 alice@example.org Alice%20Liddell
	b< ANS 1 OK
	a< JOI bob@example.org Bob
	`

func TestSwitchboard(t *testing.T) {
	cases := []struct{ name, lines string }{
		{"goodbye by OUT", `
			b> OUT
			b< closed
			a< BYE bob@example.org
			a> MSG 3 N "still there?"
			a< NAK 3
			a> MSG 4 A "hello?"
			a< NAK 4
			a> MSG 5 U "well…"
			a< nothing`},
		{"goodbye by a lost connection", `
			a hangs up
			b< BYE alice@example.org`},
		{"receipts", `
			a> MSG 3 U "one"
			b< MSG alice@example.org Alice%20Liddell "one"
			a< nothing
			a> MSG 4 N "two"
			b< MSG alice@example.org Alice%20Liddell "two"
			a< nothing
			a> MSG 5 A "three"
			a< ACK 5
			b< MSG alice@example.org Alice%20Liddell "three"`},
		{"a lower-case receipt", `
			a> MSG 3 a "x"
			a< closed
			b< BYE alice@example.org`},
		{"calls that fail", `
			a> CAL 3 bob@example.org
			a< 215 3
			a> CAL 4 alice@example.org
			a< 215 4
			a> CAL 5 carol@example.org
			a< 217 5
			a> CAL 6 nobody@example.org
			a< 217 6
			a> CAL 7 nonsense
			a< 208 7
			a> USR 8 alice@example.org {pass}
			a< 715 8
			a> XYZ 9
			a> PNG
			a< QNG`},
		{"tickets are for once", `
			c dials SB
			c> USR 1 alice@example.org {pass}
			c< 911 1
			c< closed
			d dials SB
			d> ANS 1 bob@example.org {ring} {chat}
			d< 911 1
			d< closed`},
		{"tickets are for one", `
			alice> XFR 7 SB
			alice< XFR 7 SB 10.9.0.2:1863 CKI {other}
			c dials SB
			c> USR 1 bob@example.org {other}
			c< 911 1
			c< closed
			d dials SB
			d> USR 1 alice@example.org {other}
			d< USR 1 OK alice@example.org Alice%20Liddell`},
		{"tickets are for two minutes", `
			alice> XFR 7 SB
			alice< XFR 7 SB 10.9.0.2:1863 CKI {other}
			wait 120s
			d dials SB
			d> USR 1 alice@example.org {other}
			d< 911 1
			d< closed`},
		{"nothing before USR", `
			c dials SB
			c> CAL 1 bob@example.org
			c< closed`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			perform(t, Options{ChallengeAfter: -1}, func(p *play) { p.script(chatting + c.lines) })
		})
	}
}

func TestNumberedMessagesBothWays(t *testing.T) {
	const each = 25
	perform(t, Options{ChallengeAfter: -1}, func(p *play) {
		p.script(chatting)
		var want []string
		for i := 1; i <= each; i++ {
			p.script(fmt.Sprintf(`
				a> MSG %[1]d A "from alice %[1]d"
				a< ACK %[1]d
				b> MSG %[1]d N "from bob %[1]d"
				b< MSG alice@example.org Alice%%20Liddell "from alice %[1]d"
				a< MSG bob@example.org Bob "from bob %[1]d"`, i))
			want = append(want,
				fmt.Sprintf("relayed alice@example.org bob@example.org from alice %d", i),
				fmt.Sprintf("relayed bob@example.org alice@example.org from bob %d", i))
		}
		if got := p.seen(history.Relayed); !reflect.DeepEqual(got, want) {
			t.Errorf("relayed %q", got)
		}
	})
}

func TestMessageSize(t *testing.T) {
	head := len("MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\n\r\n")
	perform(t, Options{ChallengeAfter: -1}, func(p *play) {
		fits := strings.Repeat("x", 1664-head)
		p.script(chatting + `
			a> MSG 3 A "` + fits + `"
			a< ACK 3
			b< MSG alice@example.org Alice%20Liddell "` + fits + `"`)
		_, _ = p.clients["a"].conn.Write([]byte("MSG 4 A 1665\r\n")) // it is hung up on at once
		p.script("a< closed\nb< BYE alice@example.org")
	})
}

func TestTypingIsNotAMessage(t *testing.T) {
	perform(t, Options{ChallengeAfter: -1}, func(p *play) {
		p.script(chatting)
		payload := "MIME-Version: 1.0\r\nContent-Type: text/x-msmsgscontrol\r\nTypingUser: alice@example.org\r\n\r\n\r\n"
		_, err := fmt.Fprintf(p.clients["a"].conn, "MSG 3 U %d\r\n%s", len(payload), payload)
		p.check(err)
		got := p.next("b", "typing", 1e9)
		if want := fmt.Sprintf("MSG alice@example.org Alice%%20Liddell %d\r\n%s", len(payload), payload); got != want {
			t.Errorf("got %q", got)
		}
		if got := p.seen(history.Relayed); len(got) != 0 {
			t.Errorf("relayed %q", got)
		}
	})
}

// What a client sent is observed as it came, what it got as it went, in order.
func TestObservedBytes(t *testing.T) {
	perform(t, Options{ChallengeAfter: -1}, func(p *play) {
		p.script(chatting + `
			a> MSG 3 A "hi"
			a< ACK 3
			b< MSG alice@example.org Alice%20Liddell "hi"`)
		_ = p.seen()
		var got []string
		for _, e := range p.observed[len(p.observed)-4:] {
			head, _, _ := strings.Cut(string(e.Data), "\r\n")
			got = append(got, strings.Join([]string{string(e.Kind), e.User, e.Server, head}, "|"))
			if e.From != history.AtMessenger || e.Seq != 0 || e.At != 0 {
				t.Errorf("event %+v", e)
			}
		}
		want := []string{"command|alice@example.org|SB|MSG 3 A 64", "relayed|alice@example.org||",
			"sent|bob@example.org|SB|MSG alice@example.org Alice%20Liddell 64", "sent|alice@example.org|SB|ACK 3"}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	})
}
