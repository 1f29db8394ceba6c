package messenger

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/msn/msnp"
)

func TestVersionsAreAgreedOn(t *testing.T) {
	for _, c := range []struct{ offer, answer string }{
		{"MSNP18 CVR0", "MSNP18"},
		{"MSNP12 CVR0", "MSNP12"},
		{"MSNP21 CVR0", "0"},
		{"MSNP14 MSNP13 CVR0", "0"},
		{"MSNP21 MSNP18 MSNP17 MSNP8 CVR0", "MSNP18"},
		{"MSNP10 MSNP9 CVR0", "MSNP10"},
		{"MSNP8 CVR0", "MSNP8 CVR0"},
		{"msnp12", "MSNP12"},
	} {
		perform(t, Options{Versions: Versions()}, func(p *play) {
			p.script("a dials NS\na> VER 1 " + c.offer + "\na< VER 1 " + c.answer)
		})
	}
}

// A client of MSNP12 signs in by ticket and gets its lists with names and ids.
func TestMSNP12SignsIn(t *testing.T) {
	perform(t, Options{Versions: Versions(), ChallengeAfter: -1}, func(p *play) {
		p.script(`
			alice dials NS
			alice> VER 1 MSNP12 MSNP11 MSNP10 CVR0
			alice< VER 1 MSNP12
			alice> CVR 2 0x0409 winnt 5.1 i386 MSNMSGR 7.0.0777 msmsgs alice@example.org
			alice< CVR 2 7.0.0777 7.0.0777 7.0.0777 {a} {b}
			alice> USR 3 TWN I alice@example.org
			alice< USR 3 TWN S {policy}
			alice> USR 4 TWN S t=ticket&p=
			alice< USR 4 OK alice@example.org 1 0
			alice< SBS 0 null`)
		if profile := p.next("alice", "the profile", time.Second); !strings.Contains(profile, "ABCHMigrated: 1\r\n") {
			t.Error(profile)
		}
		p.script(`
			alice> SYN 5 2004-01-01T00:00:00.0000000-07:00 2004-01-01T00:00:00.0000000-07:00
			alice< SYN 5 {when} {when} 1 0
			alice< GTC A
			alice< BLP AL
			alice< PRP MFN Alice%20Liddell
			alice< LST N=bob@example.org F=Bob C={bob} 11 1
			alice> SYN 6 {when} {when}
			alice< SYN 6 {when} {when}
			alice> ADC 7 FL N=carol@example.org F=Carol
			alice< ADC 7 FL N=carol@example.org F=carol@example.org C={carol}
			alice> ADC 8 FL N=carol@example.org F=Carol
			alice< 215 8
			alice> SBP 9 {carol} MFN Caroline
			alice< SBP 9 {carol} MFN Caroline
			alice> REM 10 FL {carol}
			alice< REM 10 FL {carol}
			alice> REM 11 FL {carol}
			alice< 216 11
			alice> BLP 12 BL
			alice< BLP 12 BL
			alice> ADD 13 FL carol@example.org Carol
			alice< nothing
			alice> GCF 14 Shields.xml
			alice< GCF 14 Shields.xml ` + shields + `
			alice> PNG
			alice< QNG 50`)
	})
}

// Each user hears of the others in the words of its own version.
func TestPresenceInEachVersion(t *testing.T) {
	perform(t, Options{Versions: Versions(), ChallengeAfter: -1}, func(p *play) {
		p.script(`
			bob signs in
			bob> CHG 5 NLN 7
			bob< CHG 5 NLN 7
			alice dials NS
			alice> VER 1 MSNP12
			alice< VER 1 MSNP12
			alice> USR 3 TWN I alice@example.org
			alice< USR 3 TWN S {policy}
			alice> USR 4 TWN S t=ticket&p=
			alice< USR 4 OK alice@example.org 1 0
			alice< SBS 0 null`)
		p.next("alice", "the profile", time.Second)
		p.script(`
			alice> UUX 5 <Data><PSM>tea</PSM></Data>
			alice< UUX 5 0
			alice> CHG 6 BSY 268435456 %3Cmsnobj%2F%3E
			alice< CHG 6 BSY 268435456 %3Cmsnobj%2F%3E
			alice< ILN 6 NLN bob@example.org Bob 7
			bob< NLN BSY alice@example.org Alice%20Liddell 268435456
			bob hangs up
			alice< FLN bob@example.org
			bob dials NS
			bob> VER 1 MSNP18
			bob< VER 1 MSNP18
			bob> USR 2 SSO I bob@example.org
			bob< USR 2 SSO S MBI_KEY_OLD {nonce}
			bob> USR 3 SSO S t=whatever&p= proof {11111111-2222-3333-4444-555555555555}
			bob< USR 3 OK bob@example.org 1 0
			bob< SBS 0 null`)
		p.next("bob", "the profile", time.Second)
		p.script(`
			bob> ADL 4 <ml l="1"><d n="example.org"><c n="alice" l="3" t="1"/></d></ml>
			bob< ADL 4 OK
			bob> CHG 5 NLN 2788999228:48
			bob< CHG 5 NLN 2788999228:48
			bob< ILN 5 BSY alice@example.org 1 Alice%20Liddell 268435456:0 %3Cmsnobj%2F%3E
			bob< UBX alice@example.org 1 <Data><PSM>tea</PSM></Data>
			alice< NLN NLN bob@example.org Bob 2788999228
			alice> UUX 7 <Data><PSM>coffee</PSM></Data>
			alice< UUX 7 0
			bob< UBX alice@example.org 1 <Data><PSM>coffee</PSM></Data>
			bob> FQY 6 <ml><d n="example.org"><c n="carol"/><c n="nobody"/></d></ml>
			bob< FQY 6 <ml><d n="example.org"><c n="carol" t="1"/></d></ml>
			bob> RML 7 <ml><d n="example.org"><c n="alice" l="1" t="1"/></d></ml>
			bob< RML 7 OK
			bob> ADL 8 <ml><d n="example.org"><c n="alice" l="8" t="1"/></d></ml>
			bob< 241 8
			bob> ADL 9 <ml><d
			bob< 241 9
			alice hangs up
			bob< nothing`)
	})
}

// A machine is named with braces or without, and by nothing else.
func TestPlacesAtTheNotificationServer(t *testing.T) {
	const guid = "1BE99E6D-1C6E-4BEA-8B3E-9C464006A774"
	for where, want := range map[string]string{
		" {" + guid + "}": "USR 3 OK alice@example.org 1 0",
		" " + guid:        "USR 3 OK alice@example.org 1 0",
		"":                "USR 3 OK alice@example.org 1 0",
		" {" + guid:       "911 3",
		" " + guid + "}":  "911 3",
		" here":           "911 3",
	} {
		perform(t, Options{Versions: Versions()}, func(p *play) {
			p.script(`
				alice dials NS
				alice> VER 1 MSNP18
				alice< VER 1 MSNP18
				alice> USR 2 SSO I alice@example.org
				alice< USR 2 SSO S MBI_KEY_OLD {nonce}
				alice> USR 3 SSO S t=whatever&p= proof` + where + `
				alice< ` + want)
			synctest.Wait()
			if refused := p.seen(history.SignInRefused); (len(refused) > 0) != (want == "911 3") {
				t.Errorf("%q: %q", where, refused)
			}
		})
	}
}

// What a client says of its place is not what its user says to others.
func TestOnlyDataIsPersonal(t *testing.T) {
	perform(t, Options{Versions: Versions(), ChallengeAfter: -1}, func(p *play) {
		p.script(`
			bob signs in
			bob> CHG 1 NLN 0
			bob< CHG 1 NLN 0
			alice dials NS
			alice> VER 1 MSNP18
			alice< VER 1 MSNP18
			alice> USR 2 SSO I alice@example.org
			alice< USR 2 SSO S MBI_KEY_OLD {nonce}
			alice> USR 3 SSO S t=whatever&p= proof 1BE99E6D-1C6E-4BEA-8B3E-9C464006A774
			alice< USR 3 OK alice@example.org 1 0
			alice< SBS 0 null`)
		p.next("alice", "the profile", time.Second)
		p.script(`
			alice> UUX 4 <Data><PSM>tea</PSM></Data>
			alice< UUX 4 0
			alice> UUX 5 <EndpointData><Capabilities>1:0</Capabilities></EndpointData>
			alice< UUX 5 0
			alice> UUX 6 <PrivateEndpointData><EpName>here</EpName></PrivateEndpointData>
			alice< UUX 6 0`)
		synctest.Wait()
		if text := string(p.m.accounts["alice@example.org"].personal); text != "<Data><PSM>tea</PSM></Data>" {
			t.Errorf("watchers would hear %s", text)
		}
	})
}

// made is what a right client makes of a nonce and its ticket's secret.
func made(secret []byte, nonce string) string {
	proof, err := msnp.Proof(secret, nonce, []byte("12345678"))
	if err != nil {
		panic(err)
	}
	return proof
}

// With a ticket of our own login service an SSO client has to prove that the
// secret came with it.
func TestProofIsChecked(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(secret []byte, nonce, ticket string) (string, string)
		want  string
	}{
		"right":           {func(s []byte, n, ticket string) (string, string) { return ticket, made(s, n) }, "USR 3 OK alice@example.org 1 0"},
		"another secret":  {func(_ []byte, n, ticket string) (string, string) { return ticket, made(make([]byte, 24), n) }, "911 3"},
		"another nonce":   {func(s []byte, n, ticket string) (string, string) { return ticket, made(s, strings.Repeat("A", len(n))) }, "911 3"},
		"no proof":        {func(_ []byte, _, ticket string) (string, string) { return ticket, "bm8=" }, "911 3"},
		"a field too low": {func(s []byte, n, ticket string) (string, string) { return ticket, "HQ" + made(s, n)[2:] }, "911 3"},
	} {
		t.Run(name, func(t *testing.T) {
			perform(t, Options{Versions: Versions()}, func(p *play) {
				pass, err := p.m.Login("Alice@example.org", "whatever")
				if err != nil {
					t.Fatal(err)
				}
				p.script(`
					alice dials NS
					alice> VER 1 MSNP15
					alice< VER 1 MSNP15
					alice> USR 2 SSO I alice@example.org
					alice< USR 2 SSO S MBI_KEY_OLD {nonce}`)
				if len(p.bound["nonce"]) != 64 {
					t.Errorf("a nonce of %d characters", len(p.bound["nonce"]))
				}
				ticket, proof := c.spoil(pass.Secret, p.bound["nonce"], pass.Ticket)
				p.script("alice> USR 3 SSO S t=" + ticket + "&p= " + proof + "\nalice< " + c.want)
			})
		})
	}
}

func TestTickets(t *testing.T) {
	perform(t, Options{}, func(p *play) {
		if _, err := p.m.Login("nobody@example.org", ""); !errors.Is(err, errCredentials) {
			t.Error(err)
		}
		if _, err := p.m.Login("carol@example.org", "wrong"); !errors.Is(err, errCredentials) {
			t.Error(err)
		}
		pass, err := p.m.Login("carol@example.org", "s3cret word")
		if err != nil {
			t.Fatal(err)
		}
		if email, ok := p.m.Holder(pass.Ticket); !ok || email != "carol@example.org" {
			t.Error(email, ok)
		}
		if _, ok := p.m.Holder("made up"); ok {
			t.Error("a ticket that was made up is good")
		}
		time.Sleep(passportLife)
		synctest.Wait()
		if _, ok := p.m.Holder(pass.Ticket); ok {
			t.Error("a ticket is good for ever")
		}
		for range 3 * passportsPerUser {
			if _, err := p.m.Login("alice@example.org", ""); err != nil {
				t.Fatal(err)
			}
		}
		if n := len(p.m.passports); n > passportsPerUser {
			t.Errorf("%d tickets are kept", n)
		}
	})
}

// Somebody else's ticket is no good.
func TestTicketsAreOfTheirUser(t *testing.T) {
	perform(t, Options{}, func(p *play) {
		pass, err := p.m.Login("bob@example.org", "")
		if err != nil {
			t.Fatal(err)
		}
		p.script(`
			alice dials NS
			alice> VER 1 MSNP8
			alice< VER 1 MSNP8
			alice> USR 2 TWN I alice@example.org
			alice< USR 2 TWN S {policy}
			alice> USR 3 TWN S t=` + pass.Ticket + `&p=
			alice< 911 3`)
	})
}

// MSNP16 and later name the place with the address; answers give it back.
func TestPlacesAtTheSwitchboard(t *testing.T) {
	const where = ";{1BE99E6D-1C6E-4BEA-8B3E-9C464006A774}"
	perform(t, Options{ChallengeAfter: -1}, func(p *play) {
		p.script(`
			alice signs in
			bob signs in
			bob> CHG 1 NLN 0
			bob< CHG 1 NLN 0
			alice> CHG 1 NLN 0
			alice< CHG 1 NLN 0
			alice< ILN 1 NLN bob@example.org Bob 0
			bob< NLN NLN alice@example.org Alice%20Liddell 0
			alice> XFR 2 SB
			alice< XFR 2 SB 10.9.0.2:1863 CKI {ticket}
			chat dials SB
			chat> USR 1 alice@example.org` + where + ` {ticket}
			chat< USR 1 OK alice@example.org` + where + ` Alice%20Liddell`)
	})
}

func TestPersons(t *testing.T) {
	perform(t, Options{}, func(p *play) {
		synctest.Wait() // for the servers to be up
		alice, ok := p.m.Person("ALICE@example.org")
		if !ok || alice.Nick != "Alice Liddell" || len(alice.Lists) != 1 {
			t.Fatalf("%+v", alice)
		}
		if bob := alice.Lists[0]; bob.Email != "bob@example.org" || !bob.Forward || !bob.Allow || !bob.Reversed || bob.Block || bob.ID != guid("bob@example.org") {
			t.Errorf("%+v", bob)
		}
		if _, ok := p.m.Person("nobody@example.org"); ok {
			t.Error("there is somebody who is nobody")
		}
	})
}
