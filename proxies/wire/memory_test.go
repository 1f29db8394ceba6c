package wire

import "testing"

// Two requests are alike by what they are called, or else by what they ask for.
func TestKindsOfRequests(t *testing.T) {
	const head = "POST /gateway.dll?SessionID=1 HTTP/1.1\r\nHost: x\r\n\r\n"
	for want, ex := range map[string]*exchange{
		"":                                       nil,
		"NS poll":                                {labels: []string{"NS", "poll"}, head: []byte(head)},
		"SB":                                     {labels: []string{"SB"}},
		"POST /gateway.dll?SessionID=1 HTTP/1.1": {head: []byte(head)},
	} {
		if got := kindOf(ex); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
