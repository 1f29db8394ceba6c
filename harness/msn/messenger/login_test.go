package messenger

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/msn/msnp"
)

func TestSignInByteForByte(t *testing.T) {
	perform(t, Options{}, func(p *play) {
		p.script(`
			alice dials NS
			alice> VER 5 MSNP9 MSNP8 CVR0
			alice< VER 5 MSNP8 CVR0
			alice> CVR 6 0x0409 win 4.10 i386 MSNMSGR 5.0.0544 MSMSGS alice@example.org
			alice< CVR 6 5.0.0544 5.0.0544 5.0.0544 http://download.invalid/client http://download.invalid/info
			alice> USR 7 TWN I ALICE@example.org
			alice< USR 7 TWN S {policy}
			alice> USR 8 TWN S t=any&p=thing
			alice< USR 8 OK alice@example.org Alice%20Liddell 1 0`)
		p.checkProfile(p.next("alice", "profile", time.Second))
		if policy := p.bound["policy"]; !strings.HasPrefix(policy, "lc=1033,id=507,tw=40,") {
			t.Errorf("policy %q", policy)
		}
		want := []string{"signed in alice@example.org"}
		if got := p.seen(history.SignedIn, history.SignedOut); !reflect.DeepEqual(got, want) {
			t.Errorf("observed %q", got)
		}
	})
}

func (p *play) checkProfile(got string) {
	head, payload, _ := strings.Cut(got, "\r\n")
	if head != fmt.Sprintf("MSG Hotmail Hotmail %d", len(payload)) {
		p.t.Errorf("head %q", head)
	}
	if !strings.HasPrefix(payload, "MIME-Version: 1.0\r\nContent-Type: text/x-msmsgsprofile; charset=UTF-8\r\nLoginTime: 946684800\r\nEmailEnabled: 0\r\n") ||
		!strings.HasSuffix(payload, "\r\nClientIP: 0.0.0.0\r\nClientPort: 0\r\n\r\n") {
		p.t.Errorf("payload %q", payload)
	}
	if m, err := msnp.ParseMessage([]byte(payload)); err != nil || m.Get("sid") != "507" {
		p.t.Errorf("profile %+v, %v", m, err)
	}
}

func TestSignInRefused(t *testing.T) {
	cases := []struct{ name, lines string }{
		{"no common protocol", `
			a> VER 1 MSNP2 CVR0
			a< VER 1 0
			a< closed`},
		{"USR before VER", `
			a> USR 1 TWN I alice@example.org
			a< 715 1
			a< closed`},
		{"SYN before USR", `
			a> VER 1 MSNP8
			a< VER 1 MSNP8
			a> SYN 2 0
			a< 715 2
			a< closed`},
		{"a client without an address", `
			a> VER 1 MSNP8 CVR0
			a< VER 1 MSNP8 CVR0
			a> CVR 2 0x0409 win 4.10 i386 MSNMSGR 5.0.0544 MSMSGS
			a< 201 2
			a< closed`},
		{"a ticket before a name", `
			a> VER 1 MSNP8 CVR0
			a< VER 1 MSNP8 CVR0
			a> USR 2 TWN S t=1
			a< 715 2
			a< closed`},
		{"MD5, which MSNP8 has no more", `
			a> VER 1 MSNP8 CVR0
			a< VER 1 MSNP8 CVR0
			a> INF 2
			a< closed`},
		{"an unknown account", `
			a> VER 1 MSNP8 CVR0
			a< VER 1 MSNP8 CVR0
			a> USR 2 TWN I nobody@example.org
			a< USR 2 TWN S {policy}
			a> USR 3 TWN S t=1
			a< 911 3
			a< closed`},
		{"a wrong password", `
			a> VER 1 MSNP8 CVR0
			a< VER 1 MSNP8 CVR0
			a> USR 2 TWN I carol@example.org
			a< USR 2 TWN S {policy}
			a> USR 3 TWN S t=guess&p=
			a< 911 3
			a< closed`},
		{"not even a ticket", `
			a> VER 1 MSNP8 CVR0
			a< VER 1 MSNP8 CVR0
			a> USR 2 TWN I alice@example.org
			a< USR 2 TWN S {policy}
			a> USR 3 TWN S
			a< 201 3
			a< closed`},
		{"a meaningless command", `
			a> HEL 1
			a< closed`},
		{"a command without a number", `
			a> VER MSNP8
			a< closed`},
		{"PNG", `
			a> PNG
			a< closed`},
		{"OUT", `
			a> OUT
			a< closed`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			perform(t, Options{}, func(p *play) { p.script("a dials NS\n" + c.lines) })
		})
	}
}

func TestGarbageNeverCrashes(t *testing.T) {
	for _, junk := range []string{
		"<html>", "None", "\x00\x01\x02", "GET / HTTP/1.1", "MSG 1 U 99999999", "VER", "USR", "ver 1",
		"MSG", "QRY 1 x", strings.Repeat("X", 9000), "VER " + strings.Repeat("1", 9000), "OUT\rOUT",
	} {
		for _, server := range []string{"NS", "SB"} {
			perform(t, Options{}, func(p *play) {
				p.script("a dials " + server)
				_, _ = p.clients["a"].conn.Write([]byte(junk + "\r\n")) // it may be hung up on while it writes
				p.script("a< closed")
			})
		}
	}
}

func TestSecondSignInThrowsOutTheFirst(t *testing.T) {
	perform(t, Options{ChallengeAfter: -1}, func(p *play) {
		p.script(`
			bob signs in
			bob> CHG 5 NLN 0
			bob< CHG 5 NLN 0
			alice signs in
			alice> CHG 5 NLN 0
			alice< CHG 5 NLN 0
			alice< ILN 5 NLN bob@example.org Bob 0
			bob< NLN NLN alice@example.org Alice%20Liddell 0`)
		p.clients["first"] = p.clients["alice"]
		p.script(`
			alice signs in
			first< OUT OTH
			first< closed
			bob< FLN alice@example.org
			alice> PNG
			alice< QNG
			alice> OUT
			alice< closed`)
		want := []string{"signed in bob@example.org", "signed in alice@example.org", "signed out alice@example.org  replaced",
			"signed in alice@example.org", "signed out alice@example.org  OUT"}
		if got := p.seen(history.SignedIn, history.SignedOut); !reflect.DeepEqual(got, want) {
			t.Errorf("observed %q", got)
		}
	})
}
