package simnet_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"gauntlet/proxies/simnet"
)

// A real client polls a real server every two seconds for ten hours, with one
// connection; in virtual time that is a fraction of a second.
func TestTenHoursOfPolls(t *testing.T) {
	bubble(t, func(t *testing.T) {
		dials := 0
		n := simnet.New(simnet.Options{OnDial: func(simnet.Dial) { dials++ }})
		defer n.Close()
		server := &http.Server{Handler: http.HandlerFunc(echo)}
		go server.Serve(listen(t, n.Host(serverIP, "gateway.messenger.hotmail.com"), ":80"))
		defer server.Close()
		transport := &http.Transport{DialContext: n.Host(clientIP).DialContext}
		defer transport.CloseIdleConnections()
		client := &http.Client{Transport: transport, Timeout: time.Minute}
		began := time.Now()
		for time.Since(began) < 10*time.Hour {
			poll(t, client)
			time.Sleep(2*time.Second - 2*time.Millisecond)
		}
		if dials != 1 {
			t.Errorf("%d dials, want one connection for all polls", dials)
		}
	})
}

func echo(w http.ResponseWriter, r *http.Request) { io.Copy(w, r.Body) }

// poll posts and expects its body back.
func poll(t *testing.T, client *http.Client) {
	t.Helper()
	r, err := client.Post("http://gateway.messenger.hotmail.com/gateway/gateway.dll?Action=poll", "", strings.NewReader("PNG\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if body, err := io.ReadAll(r.Body); string(body) != "PNG\r\n" || err != nil {
		t.Fatalf("got %q, %v", body, err)
	}
}
