package client

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gauntlet/harness/msn/msnp"
	"gauntlet/harness/msn/session"
	"gauntlet/proxies"
)

var signsIn = []string{
	"NS VER 1 MSNP8 CVR0",
	"NS CVR 2 0x0409 winnt 5.1 i386 MSNMSGR 5.0.0544 MSMSGS " + alice,
	"NS USR 3 TWN I " + alice,
	"NS USR 4 TWN S t=ticket&p=profile",
	"NS SYN 5 0",
	"NS CHG 6 NLN",
}

func TestSignsInAndOut(t *testing.T) {
	inOffice(t, func(o *office) {
		u := o.signedIn()
		defer u.Close()
		o.wasTold(signsIn...)
		if err := u.SignOut(soon()); err != nil {
			t.Error(err)
		}
		o.wasTold("NS OUT")
		o.reported("closed")
		if open, ever := o.connections(); open != 0 || ever != 1 {
			t.Errorf("%d connections of %d are open", open, ever)
		}
	})
}

func TestSignsInWithAPassword(t *testing.T) {
	inOffice(t, func(o *office) {
		u := o.signedIn(func(opt *Options) { opt.Password = "secret" })
		defer u.Close()
		o.wasTold(append(append(signsIn[:3:3], "NS USR 4 TWN S t=secret"), signsIn[4:]...)...)
	})
}

func TestSignInThatIsRefused(t *testing.T) {
	inOffice(t, func(o *office) {
		o.replies["NS USR"] = "911 %d\r\n"
		u := o.user()
		defer u.Close()
		err := u.SignIn(soon())
		if err == nil || err.Error() != "sign in: USR: the server says 911 (authentication failed)" {
			t.Error(err)
		}
		o.reported("trouble  " + err.Error())
		o.wasTold(signsIn[:3]...)
		o.goWrong("NS poll", refused) // who never was in loses nothing
		time.Sleep(5 * time.Second)
		o.reported()
		o.wasTold()
	})
}

func TestSignInWithoutAReply(t *testing.T) {
	inOffice(t, func(o *office) {
		o.replies["NS CVR"] = "VER %d x\r\n" // of another name
		u := o.user()
		defer u.Close()
		began := time.Now()
		if err := u.SignIn(soon()); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != 10*time.Second {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
		o.say(1, "CVR 2 x\r\n") // nobody waits for it any more
		time.Sleep(5 * time.Second)
	})
}

// A session that the gateway forgets is opened again once: in the middle of the
// sign-in, or after it.
func TestOpensAForgottenSessionAgain(t *testing.T) {
	for name, c := range map[string]struct {
		reopens  int
		spoils   int
		signsIn  bool
		reported []string
	}{
		"once":        {0, 1, true, []string{"reopened  session forgotten while signing in"}},
		"and no more": {0, 2, false, []string{"reopened  session forgotten while signing in", "trouble  sign in: SYN: the session is over"}},
		"never":       {-1, 1, false, []string{"trouble  sign in: SYN: the session is over"}},
	} {
		t.Run(name, func(t *testing.T) {
			inOffice(t, func(o *office) {
				o.goWrong("NS SYN", []string{refused, refused}[:c.spoils]...)
				u := o.user(func(opt *Options) { opt.Reopens = c.reopens })
				defer u.Close()
				if err := u.SignIn(soon()); (err == nil) != c.signsIn {
					t.Error(err)
				}
				o.reported(c.reported...)
				if c.signsIn { // and that was the once
					o.goWrong("NS poll", refused)
					time.Sleep(3 * time.Second)
					o.reported("closed  session over: forgotten")
				}
			})
		})
	}
}

// A gateway that takes its newest id alone refuses a repeat. What is no message is
// said again, under the id that the cut answer had shown: its reply is wanted.
func TestACommandIsSaidAgainUnderTheIDThatWasShown(t *testing.T) {
	inOffice(t, func(o *office) {
		o.goWrong("NS CVR", "HTTP/1.1 200 OK\r\nX-MSN-Messenger: SessionID=1.7; GW-IP=10.0.0.1\r\nContent-Length: 9\r\n\r\ncut", refused)
		u := o.signedIn()
		defer u.Close()
		o.wasTold(signsIn...)
	})
}

func TestASessionThatEndsLater(t *testing.T) {
	for name, c := range map[string]struct {
		spoil    string
		reopens  int
		reported []string
		told     []string
	}{
		"forgotten":           {refused, 0, []string{"reopened  session forgotten"}, signsIn},
		"forgotten for good":  {refused, -1, []string{"closed  session over: forgotten"}, nil},
		"ended by the server": {closing, 0, []string{"closed  session over: by server"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			inOffice(t, func(o *office) {
				u := o.signedIn(func(opt *Options) { opt.Reopens = c.reopens })
				defer u.Close()
				o.wasTold(signsIn...)
				o.goWrong("NS poll", c.spoil)
				time.Sleep(3 * time.Second)
				o.reported(c.reported...)
				o.wasTold(c.told...)
			})
		})
	}
}

func TestASecondLossIsTheEnd(t *testing.T) {
	inOffice(t, func(o *office) {
		u := o.signedIn()
		defer u.Close()
		o.goWrong("NS poll", refused, refused)
		time.Sleep(10 * time.Second)
		o.reported("reopened  session forgotten", "closed  session over: forgotten")
	})
}

func TestASignInAgainThatFails(t *testing.T) {
	inOffice(t, func(o *office) {
		u := o.signedIn()
		defer u.Close()
		o.mu.Lock()
		o.replies["NS USR"] = "911 %d\r\n"
		o.mu.Unlock()
		o.goWrong("NS poll", refused)
		time.Sleep(10 * time.Second)
		o.reported("reopened  session forgotten", "trouble  sign in: USR: the server says 911 (authentication failed)")
	})
}

// Who leaves while he signs in is not in, whatever the server says last: nobody is told that
// he has lost something.
func TestSignedInWhileLeaving(t *testing.T) {
	inOffice(t, func(o *office) {
		u := o.signedIn()
		defer u.Close()
		u.setPhase(leaving)
		u.settle(nil)
		o.goWrong("NS poll", refused)
		time.Sleep(5 * time.Second)
		o.reported()
	})
}

func TestSignsInAfterItsEnd(t *testing.T) {
	inOffice(t, func(o *office) {
		u := o.user()
		u.Close()
		if err := u.SignIn(soon()); !errors.Is(err, errSessionOver) {
			t.Error(err)
		}
		o.reported()
		o.wasTold()
	})
}

// Who is closed in the middle of it says nothing any more.
func TestClosedWhileSigningInAgain(t *testing.T) {
	inOffice(t, func(o *office) {
		u := o.signedIn()
		o.mu.Lock()
		o.replies["NS USR"] = ""
		o.mu.Unlock()
		o.goWrong("NS poll", refused)
		time.Sleep(10 * time.Second)
		u.Close()
		o.reported("reopened  session forgotten")
		if err := u.SignIn(soon()); !errors.Is(err, errSessionOver) {
			t.Errorf("signs in after its end: %v", err)
		}
	})
}

func TestTroubleIsToldOnceItLasts(t *testing.T) {
	inOffice(t, func(o *office) {
		u := o.signedIn()
		defer u.Close()
		o.goWrong("NS poll", losing)
		time.Sleep(5 * time.Second)
		o.reported() // one loss is none
		o.goWrong("NS poll", page, page, page)
		time.Sleep(10 * time.Second)
		o.reported("trouble  NS session, still trying: status 502 from something that is not the gateway")
		o.goWrong("NS poll", losing, losing)
		time.Sleep(10 * time.Second)
		o.reported("trouble  NS session, still trying: read the answer's head: unexpected EOF")
		time.Sleep(10 * time.Second)
		o.goWrong("NS poll", page, losing, page, losing, page) // and of each kind once
		time.Sleep(20 * time.Second)
		o.reported("trouble  NS session, still trying: read the answer's head: unexpected EOF",
			"trouble  NS session, still trying: status 502 from something that is not the gateway")
	})
}

func TestWhatTheServerSaysUnasked(t *testing.T) {
	inOffice(t, func(o *office) {
		u := o.signedIn()
		defer u.Close()
		o.wasTold(signsIn...)
		o.say(1, "NLN NLN "+bob+" Bob\r\nOUT OTH\r\nCHL 0 15570131571988941333\r\nCHG 6 NLN\r\n")
		time.Sleep(5 * time.Second)
		o.reported("trouble  signed out by the server: OTH")
		o.mu.Lock()
		answer := strings.Join(o.heard, "|")
		o.mu.Unlock()
		want := strings.TrimSpace("NS " + strings.Split(string(msnp.ChallengeAnswer(7, "15570131571988941333").Bytes()), "\r\n")[0])
		if answer != want && !strings.HasPrefix(answer, "NS QRY 7 ") {
			t.Errorf("the challenge is answered by %q, want %q", answer, want)
		}
	})
}

func TestSignOutWaitsNoLongerThanItMay(t *testing.T) {
	inOffice(t, func(o *office) {
		u := o.signedIn()
		defer u.Close()
		o.goWrong("NS OUT", losing, losing, losing, losing, losing, losing, losing, losing)
		began := time.Now()
		if err := u.SignOut(soon()); !errors.Is(err, context.DeadlineExceeded) || !strings.HasPrefix(err.Error(), "leave: ") {
			t.Error(err)
		}
		if took := time.Since(began); took != 10*time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

func TestSignOutWithoutASession(t *testing.T) {
	inOffice(t, func(o *office) {
		u := o.user()
		defer u.Close()
		if err := u.SignOut(soon()); err != nil {
			t.Error(err)
		}
		o.reported("closed")
	})
}

// A connection is kept, and another one is dialled when the peer will close it
// or has.
func TestConnectionsAreKept(t *testing.T) {
	inOffice(t, func(o *office) {
		u := o.signedIn()
		defer u.Close()
		time.Sleep(10 * time.Second)
		if open, ever := o.connections(); open != 1 || ever != 1 {
			t.Errorf("%d connections of %d are open", open, ever)
		}
		o.goWrong("NS poll", goodbye)
		time.Sleep(5 * time.Second)
		if open, ever := o.connections(); open != 1 || ever != 2 {
			t.Errorf("after an announced close %d connections of %d are open", open, ever)
		}
		o.goWrong("NS poll", losing)
		time.Sleep(5 * time.Second)
		if open, ever := o.connections(); open != 1 || ever != 3 {
			t.Errorf("after a loss %d connections of %d are open", open, ever)
		}
		u.Close()
		if open, _ := o.connections(); open != 0 {
			t.Errorf("%d connections are open after the end", open)
		}
	})
}

// A gateway that says nothing is waited for as long as an answer may take, then
// its connection is closed and the request repeated.
func TestAnswerTimeout(t *testing.T) {
	for timeout, want := range map[time.Duration]time.Duration{0: 20 * time.Second, 5 * time.Second: 5 * time.Second} {
		inOffice(t, func(o *office) {
			s := open(carrierOptions{
				Network: o.net.Host("10.0.0.2"), AnswerTimeout: timeout, Deliver: func([]byte) {},
				Config: session.Config{Server: "NS", Authority: "10.0.0.1:81"},
			}, nil)
			l, err := o.net.Host("10.0.0.1").Listen(":81")
			if err != nil {
				t.Fatal(err)
			}
			c, err := l.Accept()
			if err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			for err == nil {
				_, err = c.Read(make([]byte, 1024))
			}
			if took := time.Since(began).Round(100 * time.Millisecond); took != want {
				t.Errorf("waits %v, want %v", took, want)
			}
			_ = c.Close()
			s.Close()
			_ = l.Close()
		})
	}
}

func TestForgottenWhileAsking(t *testing.T) {
	inOffice(t, func(o *office) {
		var said strings.Builder
		s := open(carrierOptions{
			Network: o.net.Host("10.0.0.2"), Deliver: func(b []byte) { said.Write(b) },
			Config: session.Config{Server: "NS", Authority: DispatchHost},
		}, []byte("VER 1 MSNP8\r\n"))
		time.Sleep(time.Second)
		o.say(1, "x")
		time.Sleep(3 * time.Second)
		o.goWrong("NS SYN", refused)
		s.Submit([]byte("SYN 2 0\r\n"))
		<-s.Done()
		s.Submit([]byte("late"))
		if end := s.End(); end != session.Forgotten {
			t.Errorf("%q", end)
		}
		if said.String() != "VER 1 MSNP8\r\nx" {
			t.Errorf("delivered %q", said.String())
		}
	})
}

// idler is a brain that sends nothing, for an hour, and does something before that.
type idler struct {
	Brain
	before    func()
	submitted []string
}

func (i *idler) Submit(body []byte) { i.submitted = append(i.submitted, string(body)) }

func (i *idler) Next(now time.Time) session.Step {
	if i.before != nil {
		i.before()
		i.before = nil
	}
	return session.Step{Until: now.Add(time.Hour)}
}

// What is submitted while a session makes up its mind is not left lying; where there is no
// command to open it with none is submitted.
func TestSubmittedWhileItIsDecided(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s *carrier
		opened := make(chan bool)
		brain := &idler{before: func() { <-opened; s.Submit([]byte("CVR 2 x\r\n")) }}
		s = open(carrierOptions{Brain: func(session.Config) Brain { return brain }}, nil)
		close(opened)
		synctest.Wait()
		if len(brain.submitted) != 1 {
			t.Errorf("%q", brain.submitted)
		}
		s.Close()
	})
}

// Who leaves between two polls goes at once.
func TestLeavesWhileNothingIsOut(t *testing.T) {
	inOffice(t, func(o *office) {
		s := open(carrierOptions{
			Network: o.net.Host("10.0.0.2"), Deliver: func([]byte) {},
			Config: session.Config{Server: "NS", Authority: DispatchHost},
		}, []byte("VER 1 MSNP8\r\n"))
		time.Sleep(time.Second)
		began := time.Now()
		s.Leave()
		<-s.Done()
		if took := time.Since(began); took > 100*time.Millisecond || s.End() != session.Left {
			t.Errorf("it took %v, and ended by %q", took, s.End())
		}
		o.wasTold("NS VER 1 MSNP8")
	})
}

func TestCloseWaitsForWhatIsOut(t *testing.T) {
	inOffice(t, func(o *office) {
		o.goWrong("NS VER", whole("", "1.1", "")+"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf") // and no end
		s := open(carrierOptions{
			Network: o.net.Host("10.0.0.2"), Deliver: func([]byte) {},
			Config: session.Config{Server: "NS", Authority: DispatchHost},
		}, []byte("VER 1 MSNP8\r\n"))
		time.Sleep(2500 * time.Millisecond) // the next poll gets half an answer
		began := time.Now()
		s.Close()
		if took := time.Since(began); took > 100*time.Millisecond {
			t.Errorf("it took %v", took)
		}
		if end := s.End(); end != "" {
			t.Errorf("%+v", end)
		}
		synctest.Wait()
		if open, _ := o.connections(); open != 0 {
			t.Errorf("%d connections are open", open)
		}
	})
}

// An open that did not leave is sent again, also a switchboard's.
func TestAnOpenThatDidNotLeave(t *testing.T) {
	inOffice(t, func(o *office) {
		s := open(carrierOptions{
			Network: o.net.Host("10.0.0.2"), Deliver: func([]byte) {},
			Config: session.Config{Server: "SB", Authority: "10.0.0.1:81"},
		}, []byte("USR 1 a b\r\n"))
		time.Sleep(5 * time.Second) // nobody listens there
		l, err := o.net.Host("10.0.0.1").Listen(":81")
		if err != nil {
			t.Fatal(err)
		}
		o.wg.Go(func() { o.serve(l) })
		time.Sleep(10 * time.Second)
		o.wasTold("SB USR 1 a b")
		s.Close()
		_ = l.Close()
	})
}

func TestTunnelsAreAskedFor(t *testing.T) {
	inOffice(t, func(o *office) {
		l, err := o.net.Host("10.0.0.1").Listen(":8080")
		if err != nil {
			t.Fatal(err)
		}
		s := open(carrierOptions{
			Network: o.net.Host("10.0.0.2"), Deliver: func([]byte) {}, Ways: &ways{routes: []proxies.Route{{Kind: proxies.ConnectProxy, Proxy: "10.0.0.1:8080"}}},
			Config: session.Config{Server: "NS", Authority: DispatchHost},
		}, nil)
		c, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		room := make([]byte, 1024)
		n, _ := c.Read(room)
		if want := "CONNECT " + DispatchHost + ":80 HTTP/1.1\r\n"; !strings.HasPrefix(string(room[:n]), want) {
			t.Errorf("%q", room[:n])
		}
		s.Close()
		_, _ = c.Close(), l.Close()
	})
}
