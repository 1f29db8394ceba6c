package messenger

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"gauntlet/harness/judge/history"
)

func TestContactIsCalled(t *testing.T) {
	perform(t, Options{ChallengeAfter: -1}, func(p *play) {
		bob := p.m.Contact("bob@example.org")
		p.script("alice signs in\nalice> CHG 5 NLN\nalice< CHG 5 NLN")
		bob.SignIn()
		p.script(`
			alice< NLN NLN bob@example.org Bob
			alice> XFR 6 SB
			alice< XFR 6 SB 10.9.0.2:1863 CKI {pass}
			a dials SB
			a> USR 1 alice@example.org {pass}
			a< USR 1 OK alice@example.org Alice%20Liddell
			a> CAL 2 bob@example.org
			a< CAL 2 RINGING {chat}
			a< JOI bob@example.org Bob
			a> MSG 3 A "one"
			a< ACK 3
			a> MSG 4 N "two"`)
		p.check(bob.WaitReceived(context.Background(), 2))
		if got := bob.Received(); !reflect.DeepEqual(got, []string{"one", "two"}) {
			t.Errorf("received %q", got)
		}
		p.check(bob.Send("three"))
		p.script(`a< MSG bob@example.org Bob "three"`)
		want := []string{"relayed alice@example.org bob@example.org one", "relayed alice@example.org bob@example.org two",
			"relayed bob@example.org alice@example.org three"}
		if got := p.seen(history.Relayed); !reflect.DeepEqual(got, want) {
			t.Errorf("relayed %q", got)
		}
		bob.SignOut()
		p.script("a< BYE bob@example.org\nalice< FLN bob@example.org")
	})
}

// What a contact has to say to who leaves arrives behind OUT, however often the
// client asked before.
func TestContactHasLastWords(t *testing.T) {
	perform(t, Options{ChallengeAfter: -1}, func(p *play) {
		bob := p.m.Contact("bob@example.org")
		p.script("alice signs in\nalice> CHG 5 NLN\nalice< CHG 5 NLN")
		bob.SignIn()
		p.script(`
			alice< NLN NLN bob@example.org Bob
			alice> XFR 6 SB
			alice< XFR 6 SB 10.9.0.2:1863 CKI {pass}
			a dials SB
			a> USR 1 alice@example.org {pass}
			a< USR 1 OK alice@example.org Alice%20Liddell
			a> CAL 2 bob@example.org
			a< CAL 2 RINGING {chat}
			a< JOI bob@example.org Bob`)
		bob.LastWords("one", "two")
		p.script(`
			a> MSG 3 A "stay"
			a< ACK 3`)
		if got := len(p.seen(history.Relayed)); got != 1 {
			t.Errorf("%d messages before the end", got)
		}
		p.script(`
			a> OUT
			a< MSG bob@example.org Bob "one"
			a< MSG bob@example.org Bob "two"`)
	})
}

func TestContactInvites(t *testing.T) {
	perform(t, Options{ChallengeAfter: -1}, func(p *play) {
		bob := p.m.Contact("bob@example.org")
		if bob.Invite("alice@example.org") == nil || bob.Send("x") == nil {
			t.Error("a contact who is signed out invites and sends")
		}
		bob.SignIn()
		if err := bob.Invite("alice@example.org"); err == nil || !strings.Contains(err.Error(), "217") {
			t.Errorf("inviting an offline user: %v", err)
		}
		p.script("alice signs in\nalice> CHG 5 NLN\nalice< CHG 5 NLN\nalice< ILN 5 NLN bob@example.org Bob")
		p.check(bob.Invite("alice@example.org"))
		if err := bob.Send("anybody?"); err == nil {
			t.Error("sent to nobody")
		}
		p.script(`
			alice< RNG {chat} 10.9.0.2:1863 CKI {ring} bob@example.org Bob
			a dials SB
			a> ANS 1 alice@example.org {ring} {chat}
			a< IRO 1 1 1 bob@example.org Bob
			a< ANS 1 OK`)
		p.check(bob.WaitJoined(context.Background(), "Alice@example.org"))
		p.check(bob.Send("welcome"))
		p.script(`a< MSG bob@example.org Bob "welcome"`)
		bob.Leave()
		p.script("a< BYE bob@example.org")
	})
}

// A contact whose only partner has left is in no chat; a new one begins anew.
func TestContactAfterItsPartnerWasLost(t *testing.T) {
	perform(t, Options{ChallengeAfter: -1}, func(p *play) {
		bob := p.m.Contact("bob@example.org")
		bob.SignIn()
		p.script("alice signs in\nalice> CHG 5 NLN\nalice< CHG 5 NLN\nalice< ILN 5 NLN bob@example.org Bob")
		for _, text := range []string{"first", "second"} {
			delete(p.bound, "chat")
			delete(p.bound, "ring")
			p.check(bob.Invite("alice@example.org"))
			p.script(`
				alice< RNG {chat} 10.9.0.2:1863 CKI {ring} bob@example.org Bob
				a dials SB
				a> ANS 1 alice@example.org {ring} {chat}
				a< IRO 1 1 1 bob@example.org Bob
				a< ANS 1 OK`)
			p.check(bob.Send(text))
			p.script(`a< MSG bob@example.org Bob "` + text + `"` + "\na hangs up")
			if bob.Send("lost") == nil {
				t.Error("sent to a lost connection")
			}
		}
	})
}

// A partner who is still in an older chat has not come to the new one.
func TestContactWaitsForWhomItInvitedAgain(t *testing.T) {
	perform(t, Options{ChallengeAfter: -1}, func(p *play) {
		bob, alice := p.m.Contact("bob@example.org"), p.m.Contact("alice@example.org")
		bob.SignIn()
		alice.SignIn()
		p.check(bob.Invite("alice@example.org"))
		p.check(bob.WaitJoined(context.Background(), "alice@example.org"))
		alice.AutoAnswer(false)
		p.check(bob.Invite("alice@example.org"))
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := bob.WaitJoined(ctx, "alice@example.org"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		alice.AutoAnswer(true)
		p.check(bob.Invite("alice@example.org"))
		p.check(bob.WaitJoined(context.Background(), "alice@example.org"))
		p.check(bob.Send("to the newest"))
	})
}

func TestContactEchoesAndCallsBack(t *testing.T) {
	perform(t, Options{ChallengeAfter: -1}, func(p *play) {
		bob := p.m.Contact("bob@example.org")
		bob.Echo(true)
		bob.OnMessage(func(from, text string) { p.check(bob.Send(from + " said " + text)) })
		bob.SignIn()
		p.script(`
			alice signs in
			alice> CHG 5 NLN
			alice< CHG 5 NLN
			alice< ILN 5 NLN bob@example.org Bob
			alice> XFR 6 SB
			alice< XFR 6 SB 10.9.0.2:1863 CKI {pass}
			a dials SB
			a> USR 1 alice@example.org {pass}
			a< USR 1 OK alice@example.org Alice%20Liddell
			a> CAL 2 bob@example.org
			a< CAL 2 RINGING {chat}
			a< JOI bob@example.org Bob
			a> MSG 3 N "hi"
			a< MSG bob@example.org Bob "alice@example.org said hi"
			a< MSG bob@example.org Bob "hi"`)
	})
}

func TestContactMayRefuseToAnswer(t *testing.T) {
	perform(t, Options{ChallengeAfter: -1}, func(p *play) {
		bob, alice := p.m.Contact("bob@example.org"), p.m.Contact("alice@example.org")
		bob.AutoAnswer(false)
		bob.SignIn()
		alice.SignIn()
		p.check(alice.Invite("bob@example.org"))
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := alice.WaitJoined(ctx, "bob@example.org"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		bob.AutoAnswer(true)
		p.check(alice.Invite("bob@example.org"))
		p.check(alice.WaitJoined(context.Background(), "bob@example.org"))
		p.check(alice.Send("contact to contact"))
		p.check(bob.WaitReceived(context.Background(), 1))
	})
}

func TestClientThrowsOutTheContactOfItsAccount(t *testing.T) {
	perform(t, Options{ChallengeAfter: -1}, func(p *play) {
		c := p.m.Contact("alice@example.org")
		c.SignIn()
		p.script("alice signs in")
		c.SignIn()
		p.script("alice< OUT OTH\nalice< closed")
	})
}
