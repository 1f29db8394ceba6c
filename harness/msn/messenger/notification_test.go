package messenger

import (
	"reflect"
	"testing"
	"time"

	"gauntlet/harness/judge/history"
)

func TestNotificationServer(t *testing.T) {
	cases := []struct{ name, lines string }{
		{"the lists, then nothing new", `
			bob signs in
			bob> SYN 5 0
			bob< SYN 5 1 2 1
			bob< GTC A
			bob< BLP AL
			bob< LSG 0 Other%20Contacts 0
			bob< LST alice@example.org Alice%20Liddell 11 0
			bob< BPR MOB N
			bob< LST carol@example.org carol@example.org 3 0
			bob< BPR MOB N
			bob> SYN 6 1
			bob< SYN 6 1
			bob> SYN 7
			bob< 201 7`},
		{"presence", `
			alice signs in
			alice> CHG 5 BSY 32
			alice< CHG 5 BSY 32
			bob signs in
			alice< nothing
			bob> CHG 6 NLN
			bob< CHG 6 NLN
			bob< ILN 6 BSY alice@example.org Alice%20Liddell 32
			alice< NLN NLN bob@example.org Bob
			bob> CHG 7 HDN
			bob< CHG 7 HDN
			alice< FLN bob@example.org
			bob> CHG 8 FLN
			bob< 201 8
			bob> CHG 9 AWY
			bob< CHG 9 AWY
			alice< NLN AWY bob@example.org Bob
			bob hangs up
			alice< FLN bob@example.org
			alice< nothing`},
		{"lists that change", `
			alice signs in
			alice> CHG 5 NLN 0
			alice< CHG 5 NLN 0
			carol signs in
			carol> CHG 5 IDL 0
			carol< CHG 5 IDL 0
			alice> ADD 6 FL carol@example.org Carol 0
			alice< ADD 6 FL 2 carol@example.org Carol 0
			alice< ILN 6 IDL carol@example.org carol@example.org 0
			carol< ADD 0 RL 1 alice@example.org Alice%20Liddell
			alice> ADD 7 FL carol@example.org Carol
			alice< 215 7
			alice> ADD 8 FL nobody@example.org x
			alice< 205 8
			alice> ADD 9 RL carol@example.org x
			alice< 201 9
			alice> REM 10 FL carol@example.org
			alice< REM 10 FL 3 carol@example.org
			alice> REM 11 FL carol@example.org
			alice< 216 11
			alice> ADD 12 AL carol@example.org Carol
			alice< ADD 12 AL 4 carol@example.org Carol
			alice> ADD 13 BL carol@example.org Carol
			alice< 219 13
			alice> BLP 14 AL
			alice< BLP 14 5 AL
			alice> REA 15 alice@example.org New%20Name
			alice< REA 15 6 alice@example.org New%20Name`},
		{"odd commands", `
			alice signs in
			alice> HEL 1 world
			alice> USR 5 TWN I alice@example.org
			alice< 207 5
			alice> VER 6 MSNP8
			alice< 715 6
			alice> ADG 7 Friends 0
			alice< 502 7
			alice> XFR 8 NS
			alice< 201 8
			alice> MSG 9 U "hello?"
			alice< closed`},
		{"no switchboard for who hides", `
			alice signs in
			alice> XFR 5 SB
			alice< 913 5
			alice> CHG 6 HDN 0
			alice< CHG 6 HDN 0
			alice> XFR 7 SB
			alice< 913 7
			alice> CHG 8 NLN 0
			alice< CHG 8 NLN 0
			alice> XFR 9 SB
			alice< XFR 9 SB 10.9.0.2:1863 CKI {ticket}`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			perform(t, Options{ChallengeAfter: -1}, func(p *play) { p.script(c.lines) })
		})
	}
}

func TestChallenges(t *testing.T) {
	const begin = `
		alice signs in
		alice> CHG 5 NLN 0
		alice< CHG 5 NLN 0
		alice< CHL 0 {code}
		`
	cases := []struct {
		name, lines string
		want        []string
	}{
		{"answered, each time", `
			alice> QRY 6 msmsgs@msnmsgr.com ={code}
			alice< QRY 6
			wait 20s
			alice< CHL 0 {second}
			alice> QRY 7 msmsgs@msnmsgr.com ={second}
			alice< QRY 7`,
			[]string{"challenged", "challenge answered", "challenged", "challenge answered"}},
		{"answered twice", `
			alice> QRY 6 msmsgs@msnmsgr.com ={code}
			alice< QRY 6
			alice> QRY 7 msmsgs@msnmsgr.com ={code}
			alice< QRY 7`,
			[]string{"challenged", "challenge answered"}},
		{"answered by an unknown client", `
			alice> QRY 6 PROD =whatever
			alice< QRY 6`,
			[]string{"challenged", "challenge answered client id unknown, hash not judged"}},
		{"answered wrongly", `
			alice> QRY 6 msmsgs@msnmsgr.com =11111111111111111111
			alice< 540 6
			alice< closed`,
			[]string{"challenged", "challenge failed wrong answer", "signed out challenge"}},
		{"answered late", `
			wait 51s
			alice< closed`,
			[]string{"challenged", "challenge failed no answer within 50s", "signed out challenge"}},
		{"gone meanwhile", `
			alice hangs up
			wait 100s`,
			[]string{"challenged", "signed out lost"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			perform(t, Options{ChallengeEvery: 25 * time.Second}, func(p *play) {
				p.script(begin + c.lines)
				if got := p.trialOf("alice@example.org"); !reflect.DeepEqual(got, c.want) {
					t.Errorf("observed %q, want %q", got, c.want)
				}
			})
		})
	}
}

// trialOf lists what was observed of a user's challenges and departure.
func (p *play) trialOf(user string) (all []string) {
	_ = p.seen()
	for _, e := range p.observed {
		switch e.Kind {
		case history.Challenged, history.ChallengeAnswered, history.ChallengeFailed, history.SignedOut:
			line := string(e.Kind)
			if e.Text != "" {
				line += " " + e.Text
			}
			if e.User != user {
				line += " of " + e.User
			}
			all = append(all, line)
		}
	}
	return all
}

func TestAnAnswerWithoutAChallenge(t *testing.T) {
	perform(t, Options{}, func(p *play) {
		p.script(`
			alice signs in
			alice> QRY 5 msmsgs@msnmsgr.com =1
			alice< 540 5
			alice< closed`)
	})
}

func TestChallengeComesAfterTheChosenTime(t *testing.T) {
	perform(t, Options{ChallengeAfter: 7 * time.Second}, func(p *play) {
		p.script("alice signs in\nalice> CHG 5 NLN 0\nalice< CHG 5 NLN 0")
		began := time.Now()
		p.script("alice< CHL 0 {code}")
		if took := time.Since(began); took != 7*time.Second || len(p.bound["code"]) != 20 {
			t.Errorf("code %q after %v", p.bound["code"], took)
		}
	})
}
