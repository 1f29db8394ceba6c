//go:build unix

package external

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// seenBy is an origin of ours, and what it saw.
type seenBy struct {
	mu    sync.Mutex
	heads []http.Header
	*httptest.Server
}

func newOrigin(t *testing.T) *seenBy {
	o := &seenBy{}
	o.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		o.mu.Lock()
		o.heads = append(o.heads, r.Header.Clone())
		o.mu.Unlock()
		w.Header()["X-MSN-Messenger"] = []string{"SessionID=1.2; GW-IP=gw.example"}
		fmt.Fprintf(w, "%s %s", r.URL.RequestURI(), body)
	}))
	t.Cleanup(o.Close)
	return o
}

func (o *seenBy) address() string { return o.Listener.Addr().String() }

// lacking skips a test whose product is not installed.
func lacking(t *testing.T, p Product) {
	t.Helper()
	if err := p.Find(); err != nil {
		if os.Getenv("GAUNTLET_NO_SKIP") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
}

func begin(t *testing.T, p Product, origin string) *Process {
	t.Helper()
	lacking(t, p)
	process, err := p.Start(context.Background(), Options{Origin: origin})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := process.Stop(); err != nil {
			t.Error(err)
		}
	})
	return process
}

func through(p *Process) *http.Client {
	proxy := http.ProxyURL(&url.URL{Scheme: "http", Host: p.Addr})
	return &http.Client{Transport: &http.Transport{Proxy: proxy, DisableKeepAlives: true}, Timeout: 10 * time.Second}
}

func TestEachProductCarriesPostsAndLeavesNothing(t *testing.T) {
	for name, p := range Products() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOrigin(t)
			began := time.Now()
			process := begin(t, p, o.address())
			t.Logf("ready after %v", time.Since(began).Round(time.Millisecond))
			carries(t, process, o)
			awaitLog(t, process)
			if err := process.Stop(); err != nil {
				t.Fatal(err)
			}
			logged(t, process)
			nothingLeft(t, process)
		})
	}
}

// carries wants ten POSTs, for a name that does not exist, at the origin.
func carries(t *testing.T, p *Process, o *seenBy) {
	client := through(p)
	ready := len(o.heads)
	for i := range 10 {
		resp, err := client.Post(fmt.Sprintf("http://gw.example/gateway?n=%d", i), "application/x-msn-messenger", strings.NewReader("VER"))
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if want := fmt.Sprintf("/gateway?n=%d VER", i); !strings.HasSuffix(string(body), want) || resp.StatusCode != 200 {
			t.Errorf("%s %q", resp.Status, body)
		}
	}
	if got := len(o.heads) - ready; got != 10 {
		t.Errorf("%d requests at the origin", got)
	}
}

// awaitLog gives the product time for its last line: it may come after the
// answer that it speaks of, and who is ended at once never writes it.
func awaitLog(t *testing.T, p *Process) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); <-tick.C {
		log, err := p.AccessLog()
		if errors.Is(err, errors.ErrUnsupported) || strings.Count(string(log), "/gateway?n=") >= 10 {
			return
		}
	}
}

func logged(t *testing.T, p *Process) {
	t.Helper()
	log, err := p.AccessLog()
	if p.command.AccessLog == "" {
		if !errors.Is(err, errors.ErrUnsupported) {
			t.Error(err)
		}
		return
	}
	if n := strings.Count(string(log), "/gateway?n="); err != nil || n != 10 {
		t.Errorf("%d lines in the access log, %v:\n%s", n, err, log)
	}
}

func nothingLeft(t *testing.T, p *Process) {
	t.Helper()
	<-p.Done()
	if p.Exited != nil {
		t.Error(p.Exited)
	}
	if _, err := os.Stat(p.command.dir); !os.IsNotExist(err) {
		t.Errorf("its folder is still there: %v", err)
	}
	if _, err := net.Dial("tcp", p.Addr); err == nil {
		t.Error("it still listens")
	}
	for _, pattern := range p.command.Leftovers {
		if left, _ := filepath.Glob(pattern); len(left) > 0 {
			t.Errorf("left: %v", left)
		}
	}
	groupEnds(t, p)
}

func groupEnds(t *testing.T, p *Process) {
	t.Helper()
	for range 100 {
		if !alive(p.group.id()) {
			return
		}
		<-time.After(10 * time.Millisecond)
	}
	t.Error("its process group is still there")
}

func TestADeathIsNoticed(t *testing.T) {
	p := begin(t, squid(), newOrigin(t).address())
	p.cmd.Process.Kill()
	select {
	case <-p.Done():
	case <-time.After(10 * time.Second):
		t.Fatal("not noticed")
	}
	if p.Exited == nil || !strings.Contains(p.Exited.Error(), "squid ended: signal: killed") {
		t.Error(p.Exited)
	}
}

func TestAProductEndsWithItsContext(t *testing.T) {
	lacking(t, squid())
	ctx, cancel := context.WithCancel(context.Background())
	dir, err := os.MkdirTemp("", "gauntlet-test-") // t.TempDir lies where only we may go
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	q, err := squid().Start(ctx, Options{Origin: newOrigin(t).address(), Dir: dir + "/in/here"})
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	select {
	case <-q.Done():
	case <-time.After(10 * time.Second):
		t.Fatal("still running")
	}
	if err := q.Stop(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(q.command.dir, "squid.conf")); err != nil {
		t.Errorf("a folder that is not ours was removed: %v", err)
	}
}

func TestAPortInUse(t *testing.T) {
	lacking(t, squid())
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	n, _ := strconv.Atoi(port)
	_, err = squid().Start(context.Background(), Options{Origin: "127.0.0.1:9", Port: n})
	oneLine(t, err, "squid: port "+port+" is in use")
}

// What a product says when somebody took its port is understood, so that it is
// started again on another.
func TestAPortTakenInBetween(t *testing.T) {
	for name, p := range Products() {
		if p.Inherits {
			continue // nobody can take it
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lacking(t, p)
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			c := command{Product: p, ready: func(context.Context, string) error { return errors.New("not yet") }, addr: l.Addr().String()}
			c.Patience = 3 * time.Minute // the end of the process is waited for, and some take their time to start
			defer c.discard()
			if err := c.configure(Options{Origin: "127.0.0.1:9"}); err != nil {
				t.Fatal(err)
			}
			if _, err = run(context.Background(), c); err == nil || !portTaken(err) {
				t.Errorf("not understood: %v", err)
			}
		})
	}
}

func TestAFolderThatItCannotEnter(t *testing.T) {
	lacking(t, squid())
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
	_, err := squid().Start(context.Background(), Options{Origin: "127.0.0.1:9", Dir: t.TempDir() + "/x"})
	oneLine(t, err, "choose a folder that everybody may enter")
}

func TestAProductThatIsMissing(t *testing.T) {
	p := Product{Name: "squid", Command: []string{"no-such-squid"}}
	_, err := p.Start(context.Background(), Options{Origin: "127.0.0.1:9"})
	oneLine(t, err, "squid not found: install it with: make deps")
	p.Command[0] = "/no/such/squid"
	_, err = p.Start(context.Background(), Options{Origin: "127.0.0.1:9"})
	oneLine(t, err, "squid not found at /no/such/squid: install it with: make deps")
}

func oneLine(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
		t.Errorf("%q, want one line with %q", fmt.Sprint(err), want)
	}
}
