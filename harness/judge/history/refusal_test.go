package history

import (
	"slices"
	"testing"
	"time"
)

// tunnel is a CONNECT at the first hop and its answer.
func tunnel(ordinal, status int, target string) []Event {
	at := time.Duration(ordinal) * time.Second
	return []Event{
		{At: at, From: AtHop, Kind: RequestBegan, Conn: ordinal},
		{At: at, From: AtHop, Kind: RequestHead, Conn: ordinal, Exchange: ordinal, Data: []byte("CONNECT " + target + " HTTP/1.1\r\n\r\n")},
		{At: at, From: AtHop, Kind: AnswerHead, Conn: ordinal, Exchange: ordinal, Status: status},
		{At: at, From: AtHop, Kind: AnswerDone, Conn: ordinal, Exchange: ordinal, Status: status},
	}
}

func TestRefusals(t *testing.T) {
	unserved := Event{At: 2 * time.Second, From: AtLogin, Kind: NotServed, ID: "nowhere.example:443", Text: "nobody here serves it"}
	for name, test := range map[string]struct {
		events []Event
		want   []string
	}{
		"none":                      {slices.Concat(tunnel(1, 200, "login.live.com:443"), []Event{{Kind: SignedIn}, {Kind: LoggedIn}}), nil},
		"a tunnel":                  {tunnel(1, 502, "nowhere.example:443"), []string{"CONNECT nowhere.example:443: the proxy answers 502"}},
		"a password is wanted":      {tunnel(1, 407, "login.live.com:443"), nil},
		"a name, and its tunnel":    {append(tunnel(2, 502, "nowhere.example:443"), unserved), []string{"nowhere.example:443: nobody here serves it"}},
		"the same again":            {[]Event{unserved, unserved}, []string{"nowhere.example:443: nobody here serves it"}},
		"a login":                   {[]Event{{Kind: LoginRefused, User: "a@b", How: "/RST.srf", Text: "wrong"}}, []string{`login of "a@b" at /RST.srf: wrong`}},
		"a sign-in":                 {[]Event{{Kind: SignInRefused, User: "a@b", Text: "no place"}}, []string{`sign-in of "a@b": no place`}},
		"no trust":                  {[]Event{{Kind: HandshakeFailed, Text: "unknown authority"}}, []string{"TLS with the login services: unknown authority"}},
		"two, in the order of time": {append([]Event{unserved}, tunnel(1, 403, "other.example:443")...), []string{"CONNECT other.example:443: the proxy answers 403", "nowhere.example:443: nobody here serves it"}},
	} {
		var got []string
		for _, r := range Refusals(test.events) {
			got = append(got, r.String())
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}
