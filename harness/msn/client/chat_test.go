package client

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"gauntlet/harness/msn/msnp"
)

var calls = []string{"NS XFR 7 SB", "SB USR 1 " + alice + " ticket", "SB CAL 2 " + bob}

// called is a chat with Bob.
func (o *office) called(u *User) *Chat {
	o.Helper()
	o.wasTold(signsIn...)
	c, err := u.Call(context.Background(), bob)
	if err != nil {
		o.Fatal(err)
	}
	return c
}

func message(text string) string {
	return string(msnp.New("MSG", bob, "Bob").WithPayload(msnp.PlainMessage(text).Payload()).Bytes())
}

func TestChat(t *testing.T) {
	inOffice(t, func(o *office) {
		u := o.signedIn()
		defer u.Close()
		c := o.called(u)
		o.wasTold(calls...)
		for _, text := range []string{"one", "two"} {
			if err := c.Send(text); err != nil {
				t.Error(err)
			}
		}
		o.say(2, message("hello")+string(msnp.New("MSG", bob, "Bob").WithPayload(msnp.TypingMessage(bob).Payload()).Bytes())+"JOI "+bob+" Bob\r\nBYE "+bob+"\r\n")
		time.Sleep(5 * time.Second)
		o.wasTold("SB MSG one", "SB MSG two")
		o.reported("received " + bob + " hello")
		if err := c.Leave(soon()); err != nil {
			t.Error(err)
		}
		o.wasTold("SB OUT")
		if err := c.Send("late"); !errors.Is(err, errSessionOver) {
			t.Errorf("sends after leaving: %v", err)
		}
		if len(u.openChats()) != 0 {
			t.Error("the chat is still the user's")
		}
		o.reported()
		if err := u.SignOut(soon()); err != nil {
			t.Error(err)
		}
		o.wasTold("NS OUT")
	})
}

func TestSignOutLeavesTheChats(t *testing.T) {
	inOffice(t, func(o *office) {
		u := o.signedIn()
		defer u.Close()
		o.called(u)
		o.wasTold(calls...)
		if !slices.Equal(o.addresses, []string{"messenger.hotmail.com", "10.0.0.1"}) {
			t.Errorf("opened to %q", o.addresses)
		}
		if err := u.SignOut(soon()); err != nil {
			t.Error(err)
		}
		o.wasTold("SB OUT", "NS OUT")
	})
}

// What is not acknowledged is in doubt when the session ends, and no more than
// that.
func TestDoubt(t *testing.T) {
	inOffice(t, func(o *office) {
		u := o.signedIn()
		defer u.Close()
		c := o.called(u)
		for _, text := range []string{"one", "two"} {
			_ = c.Send(text)
			time.Sleep(time.Second)
		}
		o.mu.Lock()
		o.replies["SB MSG"] = "NAK %d\r\n"
		o.mu.Unlock()
		_ = c.Send("three")
		time.Sleep(time.Second)
		o.reported("trouble " + bob + " not delivered: three")
		o.mu.Lock()
		o.replies["SB MSG"] = ""
		o.mu.Unlock()
		_ = c.Send("four")
		_ = c.Send("five")
		time.Sleep(time.Second)
		o.wasTold(append(calls, "SB MSG one", "SB MSG two", "SB MSG three", "SB MSG four", "SB MSG five")...)
		o.say(2, "ACK 5\r\nACK 99\r\n")
		time.Sleep(3 * time.Second)
		o.goWrong("SB poll", refused)
		time.Sleep(5 * time.Second)
		o.reported("uncertain "+bob+" four", "uncertain "+bob+" five", "reopened "+bob+" chat forgotten")
		o.wasTold("NS XFR 8 SB", calls[1], calls[2])
		if err := c.Send("six"); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Second)
		o.wasTold("SB MSG six")
		o.goWrong("SB poll", refused)
		time.Sleep(5 * time.Second)
		o.reported("uncertain "+bob+" six", "trouble "+bob+" the chat is over: forgotten") // a second time it is not opened again
		o.wasTold()
		if err := c.Send("seven"); !errors.Is(err, errSessionOver) {
			t.Error(err)
		}
		o.reported("uncertain " + bob + " seven")
	})
}

func TestAChatThatTheServerEnds(t *testing.T) {
	inOffice(t, func(o *office) {
		u := o.signedIn()
		defer u.Close()
		o.called(u)
		o.wasTold(calls...)
		o.goWrong("SB poll", closing)
		time.Sleep(5 * time.Second)
		o.reported()
		o.wasTold()
	})
}

func TestAChatThatCannotBeCalledAgain(t *testing.T) {
	inOffice(t, func(o *office) {
		u := o.signedIn()
		defer u.Close()
		o.called(u)
		o.mu.Lock()
		o.replies["SB CAL"] = "217 %d\r\n"
		o.mu.Unlock()
		o.goWrong("SB poll", refused)
		time.Sleep(5 * time.Second)
		o.reported("reopened "+bob+" chat forgotten", "trouble "+bob+" call again: CAL: the server says 217 (user not online)")
	})
}

// A chat is opened again once, also where the answer to that open is lost.
func TestAnOpenAgainThatIsLost(t *testing.T) {
	inOffice(t, func(o *office) {
		u := o.signedIn()
		defer u.Close()
		o.called(u)
		o.goWrong("SB open", losing)
		o.goWrong("SB poll", refused)
		time.Sleep(5 * time.Second)
		o.reported("reopened " + bob + " chat forgotten")
		o.wasTold(append(calls, "NS XFR 8 SB", "NS XFR 9 SB", calls[1], calls[2])...)
		o.goWrong("SB poll", refused)
		time.Sleep(5 * time.Second)
		o.reported("trouble " + bob + " the chat is over: forgotten")
		o.wasTold()
	})
}

// What the gateway may have had is not said again under another id: the peer would read
// it twice.
func TestAMessageIsSaidOnce(t *testing.T) {
	inOffice(t, func(o *office) {
		u := o.signedIn()
		defer u.Close()
		c := o.called(u)
		o.wasTold(calls...)
		o.goWrong("SB MSG", "HTTP/1.1 200 OK\r\nX-MSN-Messenger: SessionID=2.9; GW-IP=10.0.0.1\r\nContent-Length: 9\r\n\r\ncut", refused)
		if err := c.Send("one"); err != nil {
			t.Error(err)
		}
		time.Sleep(5 * time.Second)
		o.wasTold()
		o.reported() // there is doubt when the session ends without an ACK
		if err := c.Leave(soon()); err != nil {
			t.Error(err)
		}
		o.wasTold("SB OUT")
		o.reported("uncertain " + bob + " one")
	})
}

// A message is as long as a switchboard takes, to the byte.
func TestMessagesThatAreTooLong(t *testing.T) {
	inOffice(t, func(o *office) {
		u := o.signedIn()
		defer u.Close()
		c := o.called(u)
		longest := strings.Repeat("x", msnp.MaxMessage-len(msnp.PlainMessage("").Payload()))
		if err := c.Send(longest + "x"); err == nil || !strings.HasPrefix(err.Error(), "send to "+bob+": ") {
			t.Errorf("too long: %v", err)
		}
		if err := c.Send(longest); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Second)
		o.wasTold(append(calls, "SB MSG "+longest)...)
		o.reported()
	})
}

// A ticket is good once: where the answer to the open is lost another one is
// asked for.
func TestALostOpenOfAChat(t *testing.T) {
	for name, c := range map[string]struct {
		lost     int
		reported []string
	}{
		"once":        {1, nil},
		"three times": {3, []string{"trouble " + bob + " call, still trying: USR: the session is over"}},
	} {
		t.Run(name, func(t *testing.T) {
			inOffice(t, func(o *office) {
				u := o.signedIn()
				defer u.Close()
				o.wasTold(signsIn...)
				o.goWrong("SB open", slices.Repeat([]string{losing}, c.lost)...)
				if _, err := u.Call(soon(), bob); err != nil {
					t.Error(err)
				}
				o.reported(c.reported...)
				var told []string
				for n := range c.lost + 1 {
					told = append(told, fmt.Sprintf("NS XFR %d SB", 7+n))
				}
				o.wasTold(append(told, calls[1], calls[2])...)
			})
		})
	}
}

// Who had come with the call whose answer was lost is there, says the server to its repeat.
func TestACallThatHadCome(t *testing.T) {
	inOffice(t, func(o *office) {
		o.replies["SB CAL"] = "215 %d\r\n"
		u := o.signedIn()
		defer u.Close()
		if _, err := u.Call(soon(), bob); err != nil {
			t.Error(err)
		}
		o.reported()
	})
}

// Who is not signed in, or not any more, calls nobody.
func TestCallsWithoutASession(t *testing.T) {
	inOffice(t, func(o *office) {
		u := o.user()
		defer u.Close()
		if _, err := u.Call(soon(), bob); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("before the sign-in: %v", err)
		}
		if err := u.SignIn(soon()); err != nil {
			t.Fatal(err)
		}
		o.goWrong("NS poll", closing)
		time.Sleep(5 * time.Second)
		if _, err := u.Call(soon(), bob); !errors.Is(err, errSessionOver) {
			t.Errorf("after its end: %v", err)
		}
		o.wasTold(signsIn...)
		o.reported("trouble "+bob+" call: not signed in: context deadline exceeded", "closed  session over: by server", "trouble "+bob+" call: XFR: the session is over")
	})
}

// Nobody is called for ever.
func TestACallWhoseOpensAreAllLost(t *testing.T) {
	inOffice(t, func(o *office) {
		u := o.signedIn()
		defer u.Close()
		o.goWrong("SB open", slices.Repeat([]string{losing}, 100)...)
		began := time.Now()
		if _, err := u.Call(context.Background(), bob); err == nil {
			t.Error("called somebody whom nobody can reach")
		}
		if took := time.Since(began); took < callsFor || took > callsFor+10*time.Second {
			t.Errorf("gave up after %s", took)
		}
		o.reported("trouble "+bob+" call, still trying: USR: the session is over", "trouble "+bob+" call: USR: the session is over")
	})
}

func TestCallsThatFail(t *testing.T) {
	for name, c := range map[string]struct {
		command, reply, says string
		tells                int // of what is said in a call
	}{
		"no switchboard": {"NS XFR", "913 %d\r\n", "XFR: the server says 913 (not allowed while hidden)", 1},
		"a bad ticket":   {"SB USR", "911 %d\r\n", "USR: the server says 911 (authentication failed)", 2},
		"nobody there":   {"SB CAL", "217 %d\r\n", "CAL: the server says 217 (user not online)", 3},
		"does not come":  {"SB CAL", "CAL %d RINGING 7\r\n", bob + " did not come: context deadline exceeded", 3},
	} {
		t.Run(name, func(t *testing.T) {
			inOffice(t, func(o *office) {
				o.replies[c.command] = c.reply
				u := o.signedIn()
				defer u.Close()
				o.wasTold(signsIn...)
				chat, err := u.Call(soon(), bob)
				if err == nil || err.Error() != "call "+bob+": "+c.says {
					t.Error(err)
				}
				o.wasTold(calls[:c.tells]...) // each once
				o.reported("trouble " + bob + " call: " + c.says)
				if c.command != "NS XFR" {
					return
				}
				if err := chat.Send("x"); !errors.Is(err, errSessionOver) {
					t.Error(err)
				}
				if err := chat.Leave(soon()); err != nil || len(u.openChats()) > 0 {
					t.Error(err)
				}
				o.reported()
			})
		})
	}
}

const rings = "RNG 4711 10.0.0.1:1863 CKI key " + bob + " Bob\r\n"

func TestIsCalled(t *testing.T) {
	inOffice(t, func(o *office) {
		u := o.signedIn()
		defer u.Close()
		o.wasTold(signsIn...)
		o.say(1, rings)
		c, err := u.Invited(soon())
		if err != nil {
			t.Fatal(err)
		}
		o.wasTold("SB ANS 1 " + alice + " key 4711")
		if got := o.addresses[len(o.addresses)-1]; got != "10.0.0.1" {
			t.Errorf("opened to %q", got)
		}
		_ = c.Send("yes?")
		time.Sleep(time.Second)
		o.wasTold("SB MSG yes?")
		o.say(2, message("you"))
		time.Sleep(3 * time.Second)
		o.reported("received " + bob + " you")
		if err := u.SignOut(soon()); err != nil {
			t.Error(err)
		}
		o.wasTold("SB OUT", "NS OUT")
	})
}

// Who is called while he does something else finds the calls afterwards; somebody who
// never looks keeps but so many.
func TestCallsThatNobodyWaitsFor(t *testing.T) {
	inOffice(t, func(o *office) {
		u := o.signedIn()
		defer u.Close()
		for range 17 {
			o.say(1, rings)
		}
		time.Sleep(5 * time.Second)
		for n := range 17 {
			if _, err := u.Invited(soon()); (err == nil) != (n < 16) {
				t.Errorf("the call %d: %v", n+1, err)
			}
		}
		o.reported()
	})
}

func TestACallThatCannotBeAnswered(t *testing.T) {
	inOffice(t, func(o *office) {
		o.replies["SB ANS"] = "911 %d\r\n"
		u := o.signedIn()
		defer u.Close()
		o.say(1, rings)
		began := time.Now()
		if _, err := u.Invited(soon()); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != 10*time.Second {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
		o.reported("trouble " + bob + " answer the call: ANS: the server says 911 (authentication failed)")
	})
}

// Leave waits for the answer to OUT as long as it may; then the session goes
// without.
func TestLeaveThatIsNotAnswered(t *testing.T) {
	inOffice(t, func(o *office) {
		u := o.signedIn()
		defer u.Close()
		c := o.called(u)
		o.goWrong("SB OUT", slices.Repeat([]string{losing}, 100)...)
		if err := c.Leave(soon()); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		_, before := o.connections()
		time.Sleep(time.Minute)
		if _, ever := o.connections(); ever != before {
			t.Errorf("it dialled %d times more", ever-before)
		}
		o.reported("trouble  SB session, still trying: read the answer's head: unexpected EOF")
		if open, _ := o.connections(); open != 1 {
			t.Errorf("%d connections are open, one is the user's", open)
		}
	})
}

// A chat that is left while it is called again is not opened any more, and nobody is told
// of that.
func TestLeftWhileItIsCalledAgain(t *testing.T) {
	inOffice(t, func(o *office) {
		u := o.signedIn()
		o.called(u)
		o.wasTold(calls...)
		o.goWrong("SB poll", refused)
		o.goWrong("NS XFR", slices.Repeat([]string{losing}, 4)...)
		time.Sleep(5 * time.Second)
		if err := u.SignOut(soon()); err != nil {
			t.Error(err)
		}
		time.Sleep(5 * time.Second)
		o.wasTold("NS XFR 8 SB", "NS OUT")
		o.reported("reopened "+bob+" chat forgotten", "trouble  NS session, still trying: read the answer's head: unexpected EOF", "closed")
		u.Close()
	})
}

// Who is closed leaves nothing, whatever he was about to do.
func TestClosedInTheMiddle(t *testing.T) {
	inOffice(t, func(o *office) {
		o.replies["SB CAL"] = ""
		u := o.signedIn()
		called := make(chan error)
		go func() {
			_, err := u.Call(context.Background(), bob)
			called <- err
		}()
		time.Sleep(time.Second)
		o.say(1, rings)
		time.Sleep(3 * time.Second)
		u.Close()
		if err := <-called; !errors.Is(err, errSessionOver) {
			t.Error(err)
		}
		if open, _ := o.connections(); open != 0 {
			t.Errorf("%d connections are open", open)
		}
		o.reported("trouble " + bob + " call: CAL: the session is over")
		for _, c := range u.openChats() {
			if err := c.Send("late"); !errors.Is(err, errSessionOver) {
				t.Error(err)
			}
		}
		o.reported() // who is closed knows that it was not sent
	})
}
