package rig

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/trace"
	"gauntlet/harness/msn/client"
	msn "gauntlet/harness/msn/servers"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/catalogue"
)

func TestWhatIsWrongWithASetup(t *testing.T) {
	at := func(e history.Event) history.Event { e.At = time.Second; return e }
	told := at(history.Event{From: history.AtRig, Kind: history.Configured, How: "http proxy", ID: "10.1.1.1:8080", Text: client.DispatchHost})
	failed := at(history.Event{From: history.AtRig, Kind: history.StepFailed, Text: "sign in: no"})
	asked := func(target string, status int) []history.Event {
		hop := history.Event{From: history.AtHop, Conn: 1, Exchange: 1}
		event := func(kind history.Kind, data string) history.Event {
			e := hop
			e.Kind, e.Data, e.Status = kind, []byte(data), status
			return e
		}
		return []history.Event{
			{From: history.AtHop, Conn: 1, Kind: history.Accepted}, event(history.RequestBegan, ""),
			event(history.RequestHead, "POST "+target+" HTTP/1.1\r\nHost: x\r\n\r\n"), event(history.RequestDone, ""),
		}
	}
	for _, test := range []struct {
		name   string
		events []history.Event
		log    string
		want   string // empty: nothing is
	}{
		{"a client that signs in", asked("http://"+client.DispatchHost+"/gateway/gateway.dll?Action=open&Server=NS&IP="+client.DispatchHost, 200), "", ""},
		{"one that fails at the gateway", append(asked("http://"+client.DispatchHost+"/gateway/gateway.dll?Action=open&Server=NS&IP="+client.DispatchHost, 400), failed), "", ""},
		{"our certificate", []history.Event{at(history.Event{Kind: history.HandshakeFailed, Text: "remote error: tls: unknown certificate authority"}), failed}, "", "give it the file {{.CA}} (sign in: no)"},
		{"another alert", []history.Event{at(history.Event{Kind: history.HandshakeFailed, Text: "remote error: tls: protocol version not supported"}), failed}, "", "the client's login is refused: TLS with the login services: remote error: tls: protocol version"},
		{"the login", []history.Event{at(history.Event{Kind: history.LoginRefused, User: UserEmail, How: "SOAP", Text: "wrong password"}), failed}, "", `the client's login is refused: login of "alice@example.com" at SOAP: wrong password`},
		{"a name", []history.Event{told, failed}, "socket.gaierror: [Errno -2] Name or service not known", "looks up a name that it cannot find"},
		{"a name, and it came to the proxy", append(asked("http://x.example/", 502), failed), "Name or service not known", "the proxy was asked for http://x.example/ and not for the gateway gateway.messenger.hotmail.com"},
		{"another address", []history.Event{told, {From: history.AtDial, Kind: history.Dialled, ID: "10.9.0.80:1863"}, failed}, "", "the client connects to 10.9.0.80:1863 and not to its proxy 10.1.1.1:8080: give it {{.Proxy}}"},
		{"nothing came", []history.Event{told, failed}, "", "nothing came to the proxy 10.1.1.1:8080"},
		{"a bad status in the end", []history.Event{told, at(history.Event{From: history.AtRig, Kind: history.StepFailed, Text: history.Quitting + "it ended with status 3"})}, "", ""},
		{"it ended", []history.Event{told, at(history.Event{Kind: history.ClientGone, Text: "ended by itself, status 2; its last words: no flag -gatway"}), failed}, "", "the client ended by itself, status 2; its last words: no flag -gatway; nothing came to the proxy 10.1.1.1:8080: "},
		{"a crash", []history.Event{told, at(history.Event{Kind: history.Crashed, Text: "panic"})}, "", "nothing came to the proxy 10.1.1.1:8080: the client has to take it from {{.Proxy}} or, if it is driven, from connect (panic)"},
		{"a service that there is none of", append(asked("http://"+client.DispatchHost+"/gateway/gateway.dll?Action=open&Server=NS&IP="+client.DispatchHost, 200), at(history.Event{Kind: history.NotServed, ID: "config.example:443", Text: "nobody here serves it"}), failed), "", "the client is turned away: config.example:443: nobody here serves it"},
	} {
		run := Run{Case: cut(), Options: Options{Speaks: msn.MSN()}, Events: test.events, Log: []byte(test.log)}
		err := diagnose(run, trace.New(run.Events, facts(run)))
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", test.name, err, test.want)
		}
	}
}

// A client whose login was refused is not waited for, unless it tries on.
func TestRefusedLoginsEndASelfCheck(t *testing.T) {
	for _, test := range []struct {
		name  string
		kinds []history.Kind // a second apart
		after time.Duration  // when the run is ended; 0: it is not
	}{
		{"refused", []history.Kind{history.StepBegan, history.LoginRefused}, time.Second + afterRefusal},
		{"refused twice", []history.Kind{history.LoginRefused, history.SignInRefused}, afterRefusal},
		{"refused, and in by another way", []history.Kind{history.LoginRefused, history.LoggedIn, history.SignedIn}, 0},
		{"refused in the end", []history.Kind{history.SignedIn, history.LoginRefused, history.RunEnded}, 0},
		{"signed in", []history.Kind{history.LoggedIn, history.SignedIn}, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			began, after := time.Now(), time.Duration(0)
			tell := endRefused(func(error) { after = time.Since(began) })
			for _, kind := range test.kinds {
				tell(history.Event{Kind: kind})
				time.Sleep(time.Second)
			}
			time.Sleep(time.Minute)
			synctest.Wait()
			if after != test.after {
				t.Errorf("%s: ended after %s, want %s", test.name, after, test.after)
			}
		})
	}
}

// One that was not ready on a slow machine, or refuses an id that nobody can know, has
// another try; one that is not ready on a fast one has shown what it is worth.
func TestWhoIsAskedForASelfCheckAgain(t *testing.T) {
	slow := []history.Event{{From: history.AtRig, Kind: history.Stalled, Given: 300}}
	late, absent := Run{Unready: adapter.ErrNotReady, Events: slow}, Run{Unready: adapter.ErrNotReady}
	refuses := Run{Refused: adapter.ErrUnsupported}
	for _, test := range []struct {
		name  string
		runs  []Run
		known bool // the last is of the case that the client may know
	}{
		{"it signs in", []Run{{}}, false},
		{"it was not ready", []Run{absent}, false},
		{"it was not ready, and the machine was slow", []Run{late, {}}, false},
		{"and is not ready the second time", []Run{late, late}, false},
		{"it knows its cases", []Run{refuses, {}}, true},
		{"it refuses all", []Run{refuses, refuses}, true},
		{"it was late, and knows its cases", []Run{late, refuses, {}}, true},
	} {
		var asked []string
		got := firstRun(func(c catalogue.Case) Run {
			asked = append(asked, c.ID)
			return test.runs[min(len(asked), len(test.runs))-1]
		}, "known")
		last := test.runs[len(test.runs)-1]
		if len(asked) != len(test.runs) || (asked[len(asked)-1] == "known") != test.known || !errors.Is(got.Unready, last.Unready) || !errors.Is(got.Refused, last.Refused) {
			t.Errorf("%s: %q, then %v, %v", test.name, asked, got.Unready, got.Refused)
		}
	}
}
