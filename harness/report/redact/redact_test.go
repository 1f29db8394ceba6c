package redact

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/run/rig"
)

func hop(data string) history.Event {
	return history.Event{From: history.AtHop, Kind: history.RequestDone, Data: []byte(data)}
}

// outcome numbers the events of a run whose verdict has that reason.
func outcome(reason string, events ...history.Event) rig.Outcome {
	for i := range events {
		events[i].Seq = i + 1
	}
	return rig.Outcome{Events: events, Result: rig.Result{Reason: reason, Verdicts: []oracle.Verdict{{Reason: reason}}}}
}

func masked(t *testing.T, o rig.Outcome, options Options) rig.Outcome {
	t.Helper()
	out, err := Outcome(o, options)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Each secret is gone, whatever stood beside it is still there, and nothing is
// longer or shorter than it was.
func TestWhatStandsWhereSecretsStand(t *testing.T) {
	for name, c := range map[string]struct{ data, secret, rest string }{
		"Basic":             {"POST / HTTP/1.1\r\nProxy-Authorization: Basic YWxpY2U6c2VzYW1l\r\nHost: a\r\n\r\n", "YWxpY2U6c2VzYW1l", "Basic ****************\r\nHost: a"},
		"odd spelling":      {"pROXY-aUTHORIZATION :basic  YWxpY2U6c2VzYW1l\n\n", "YWxpY2U6c2VzYW1l", "pROXY-aUTHORIZATION :basic  **"},
		"folded":            {"Proxy-Authorization: Digest username=\"a\",\r\n response=\"feedbeef\"\r\nVia: b\r\n", "feedbeef", "\r\nVia: b"},
		"Passport":          {"Authorization: Passport1.4 OrgVerb=GET,sign-in=a,pwd=sesame\r\n", "sesame", "Passport1.4 *"},
		"Passport's word":   {"Authentication-Info: Passport1.4 from-PP='t=53*1hAu&p='\r\n", "53*1hAu", "Authentication-Info: "},
		"a cookie":          {"Set-Cookie: MSPAuth=53x1hAu\r\n", "53x1hAu", "Set-Cookie: *"},
		"a URL's password":  {"connect to http://alice:sesame@proxy:80/", "sesame", "http://alice:******@proxy:80/"},
		"sign-in":           {"USR 4 TWN S t=53x1hAu8&p=\r\n", "53x1hAu8", "USR 4 TWN S *"},
		"older sign-in":     {"USR 4 MD5 S 0123456789abcdef\r\n", "0123456789abcdef", "USR 4 MD5 S *"},
		"half a sign-in":    {"USR 4 TWN S t=53x1h", "53x1h", "USR 4 TWN S *"},
		"into a chat":       {"USR 1 a@b.com 17262740.32308\r\n", "17262740.32308", "USR 1 a@b.com *"},
		"to a chat":         {"XFR 3 SB 10.0.0.1:1863 CKI 17262740.32308\r\n", "17262740.32308", "XFR 3 SB 10.0.0.1:1863 CKI *"},
		"called":            {"RNG 11752013 10.0.0.1:1863 CKI 849102291.520491 a@b.com a\r\n", "849102291.520491", "a@b.com a\r\n"},
		"an answer":         {"CHG 8 NLN\r\nANS 1 a@b.com 849102291.520491 11752013\r\n", "849102291.520491", " 11752013\r\n"},
		"the profile":       {"MSG Hotmail Hotmail 99\r\nKid: 0\r\nMSPAuth: 2AAAAAAAAg5Z\r\nClientIP: 1", "2AAAAAAAAg5Z", "ClientIP: 1"},
		"SOCKS":             {"\x01\x05alice\x06sesame", "sesame", "\x01\x05alice\x06******"},
		"SOCKS at once":     {"\x05\x01\x02\x01\x05alice\x06sesame\x05\x01", "sesame", "******\x05\x01"},
		"a later login":     {"<wsse:Password>sesame</wsse:Password>", "sesame", "<wsse:Password>******</"},
		"a later sign-in":   {"USR 4 SSO S t=53x1hAu8&p= HAAAAAEAAAADZgAA\r\n", "HAAAAAEAAAADZgAA", "USR 4 SSO S *"},
		"settings":          {`{"type":"connect","password":"ses\"ame","id":1}`, `ses\"ame`, `,"id":1}`},
		"on a later line":   {"USR 4 OK a@b.com a 1 0\r\nUSR 5 a@b.com 17262740.32308\r\n", "17262740.32308", "USR 5 a@b.com *"},
		"the second header": {"Cookie: \r\nauthor: a\r\nAuthorization: Basic YWxpY2U6c2VzYW1l\r\n", "YWxpY2U6c2VzYW1l", "author: a\r\nAuthorization: Basic *"},
		"the second word":   {"the passage: pass=sesame", "sesame", "the passage: pass=******"},
		"cut in its end":    {"<Password></Password><Password>sesame<", "sesame", "<Password>******<"},
		"a word in a log":   {"Password = sesame; go", "sesame", "Password = ******; go"},
	} {
		got := masked(t, outcome("", hop(c.data)), Options{}).Events[0].Data
		if strings.Contains(string(got), c.secret) || !strings.Contains(string(got), c.rest) || len(got) != len(c.data) {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestWhatIsNoSecretStays(t *testing.T) {
	for _, data := range []string{
		"POST http://gateway/gateway.dll?SessionID=667853497.7409735 HTTP/1.1\r\nProxy-Connection: Keep-Alive\r\n\r\n",
		"USR 3 TWN I alice@example.com\r\n", "USR 1 OK a@b.com a 1 0\r\n", "ANS 1 OK\r\n", "QRY 9 msmsgs@msnmsgr.com 32\r\n8f2f5a91b72102cd28355e9fc9000d6e",
		"MSG 1 A 46\r\nContent-Type: text/plain\r\n\r\nmy pass is yours to take", "Proxy-Authenticate: Basic realm=\"a\"\r\n", "\x05\x01\x00", "",
	} {
		if got := masked(t, outcome("", hop(data)), Options{}).Events[0].Data; string(got) != data {
			t.Errorf("%q became %q", data, got)
		}
	}
}

// What was found to be secret is masked wherever it occurs, and the outcome
// that was given is not touched.
func TestASecretIsMaskedWhereverItOccurs(t *testing.T) {
	o := outcome("the ticket 849102291.520491 was used twice",
		hop("ANS 1 a@b.com 849102291.520491 11752013\r\n"), hop("XFR 3 SB 1.2.3.4:1863 CKI 84910"), hop("20491 and more"),
		history.Event{Kind: history.Failed, Text: "no entry with 849102291.520491", ID: "849102291.520491"})
	before := string(o.Events[0].Data)
	out := masked(t, o, Options{})
	want := []string{"the ticket **************** was used twice", "XFR 3 SB 1.2.3.4:1863 CKI *****", "***** and more", "no entry with ****************"}
	got := []string{out.Result.Verdicts[0].Reason, string(out.Events[1].Data), string(out.Events[2].Data), out.Events[3].Text}
	if !slices.Equal(got, want) || out.Events[3].ID != "****************" {
		t.Errorf("%q", got)
	}
	if string(o.Events[0].Data) != before || o.Result.Verdicts[0].Reason != o.Result.Reason {
		t.Error("the outcome itself was changed")
	}
}

func TestPasswordInsideOfACredential(t *testing.T) {
	out := masked(t, outcome("", hop("Proxy-Authorization: Basic YWxpY2U6c2VzYW1l\r\n\r\n"), history.Event{Kind: history.Failed, Text: "is sesame wrong?"}), Options{})
	if got := out.Events[1].Text; got != "is ****** wrong?" {
		t.Errorf("%q", got)
	}
}

const said = "MSG 7 A 62\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nmeet me \"there\"\r\nOUT\r\n"

func TestTextOfMessagesWhenAsked(t *testing.T) {
	o := outcome(`lost: "meet me \"there\""`, hop(said), hop("\r\n\r\nmeet me \"th"), history.Event{Kind: history.Relayed, Text: "meet me \"there\""})
	if out := masked(t, o, Options{}); string(out.Events[0].Data) != said {
		t.Errorf("not asked: %q", out.Events[0].Data)
	}
	out := masked(t, o, Options{Text: true})
	for _, text := range []string{string(out.Events[0].Data), string(out.Events[1].Data), out.Events[2].Text, out.Result.Reason} {
		if strings.Contains(text, "meet") || strings.Contains(text, "there") {
			t.Errorf("%q", text)
		}
	}
	if !strings.HasSuffix(string(out.Events[0].Data), "\r\n\r\n***************\r\nOUT\r\n") {
		t.Errorf("%q", out.Events[0].Data)
	}
}

func TestHistoryThatCannotBeRead(t *testing.T) {
	if _, err := Outcome(rig.Outcome{Stored: []byte("{}\n")}, Options{}); err == nil {
		t.Error("no error")
	}
}

// FuzzOutcome wants every length to stay, whatever the bytes.
func FuzzOutcome(f *testing.F) {
	for _, seed := range []string{said, "\x05\xff\x01", "\x01\xff", "MSG 1 A 99999999999999999999\r\n", "USR 1 a@b \xff\xff"} {
		f.Add([]byte(seed), seed)
	}
	f.Fuzz(func(t *testing.T, data []byte, text string) {
		o := outcome(text, hop(string(data)), history.Event{Kind: history.Submitted, Text: text})
		out, err := Outcome(o, Options{Text: true})
		if err != nil || len(out.Events[0].Data) != len(data) || len(out.Events[1].Text) != len(text) || len(out.Result.Reason) != len(text) {
			t.Errorf("%v: %q %q", err, out.Events[0].Data, out.Result.Reason)
		}
	})
}

// BenchmarkLongLine masks lines in which a word of the grammar stands again and again: what
// the longer one costs, by byte, is what the shorter one does.
func BenchmarkLongLine(b *testing.B) {
	for _, words := range []int{1 << 10, 1 << 16} {
		line := strings.Repeat(`{"author":"x"},`, words) + "\nProxy-Authorization: Basic YWxpY2U6c2VzYW1l\n"
		b.Run(strconv.Itoa(words), func(b *testing.B) {
			b.SetBytes(int64(len(line)))
			for b.Loop() {
				if _, err := Outcome(outcome("", hop(line)), Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
