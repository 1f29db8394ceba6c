package adapter_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/workload"
	"gauntlet/proxies/network"
)

// naive is a client on net/http that only opens a session.
type naive struct {
	adapter.Setup
	http http.Client
}

// newNaive is an adapter.Factory. All connections have to come from the
// Setup's Network; the proxy, if there is one, is the Setup's too.
func newNaive(s adapter.Setup) (adapter.Client, error) {
	return &naive{s, http.Client{Transport: &http.Transport{
		DialContext: s.Network.DialContext,
		Proxy:       http.ProxyURL(s.ProxyURL()),
	}}}, nil
}

// Do signs in, if an open were all of it.
func (n *naive) Do(ctx context.Context, task adapter.Task) error {
	if task.Step.Verb != workload.SignIn {
		return fmt.Errorf("%s: not yet", task.Step)
	}
	url := "http://" + n.Gateway + "/gateway/gateway.dll?Action=open&Server=NS&IP=messenger.hotmail.com"
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader("VER 1 MSNP8 CVR0\r\n"))
	if err != nil {
		return err
	}
	answer, err := n.http.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	n.Trouble("that was all: " + string(body)) // goes into the history
	return err
}

// Close leaves nothing behind.
func (n *naive) Close() { n.http.CloseIdleConnections() }

// A Factory makes a client for each case; here it is used without a case.
func ExampleFactory() {
	gateway := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "hello %s", r.URL.Query().Get("Server"))
	}))
	defer gateway.Close()

	var factory adapter.Factory = newNaive
	client, err := factory(adapter.Setup{
		Network: &network.Loopback{Routes: map[string]string{"gateway.messenger.hotmail.com:80": gateway.Listener.Addr().String()}},
		Gateway: "gateway.messenger.hotmail.com",
		Report:  func(e history.Event) { fmt.Println(e.Kind, "-", e.Text) },
	})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	for _, verb := range []workload.Verb{workload.SignIn, workload.Leave} {
		fmt.Println(verb, "-", client.Do(context.Background(), adapter.Task{Step: workload.Step{Verb: verb}}))
	}
	// Output:
	// failed - that was all: hello NS
	// sign in - <nil>
	// leave chat - leave chat: not yet
}
