//go:build unix

package external

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// squid starts a real one in front of an origin of ours, or skips.
func squid(t *testing.T, o SquidOptions) (*Process, *[]http.Header) {
	t.Helper()
	if _, err := find("squid", "squid"); err != nil {
		t.Skip("squid is not installed: make deps")
	}
	var seen []http.Header
	origin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		seen = append(seen, r.Header.Clone())
		w.Header()["X-MSN-Messenger"] = []string{"SessionID=1.2; GW-IP=gw.example"}
		fmt.Fprintf(w, "%s %s %s", r.Host, r.URL, body)
	}))
	t.Cleanup(origin.Close)
	o.Origin = origin.Listener.Addr().String()
	p, err := StartSquid(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Stop(); err != nil {
			t.Error(err)
		}
	})
	return p, &seen
}

func through(p *Process) *http.Client {
	proxy := http.ProxyURL(&url.URL{Scheme: "http", Host: p.Addr})
	return &http.Client{Transport: &http.Transport{Proxy: proxy}, Timeout: 10 * time.Second}
}

func TestSquidCarriesPosts(t *testing.T) {
	began := time.Now()
	p, seen := squid(t, SquidOptions{})
	t.Logf("ready after %v", time.Since(began).Round(time.Millisecond))
	*seen = nil
	client := through(p)
	defer client.CloseIdleConnections()
	for i := range 10 {
		resp, err := client.Post(fmt.Sprintf("http://gw.example/gateway?n=%d", i), "application/x-msn-messenger", strings.NewReader("VER"))
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if want := fmt.Sprintf("gw.example /gateway?n=%d VER", i); string(body) != want || resp.StatusCode != 200 {
			t.Errorf("%s %q", resp.Status, body)
		}
	}
	if err := p.Stop(); err != nil {
		t.Error(err)
	}
	log, err := p.AccessLog()
	if n := strings.Count(string(log), "POST http://gw.example/gateway?n="); err != nil || n != 10 {
		t.Errorf("%d lines in the access log, %v:\n%s", n, err, log)
	}
	if len(*seen) != 10 || !strings.Contains((*seen)[0].Get("Via"), "gauntlet-squid") {
		t.Errorf("at the origin: %v", *seen)
	}
}

func TestSquidEndsAndLeavesNothing(t *testing.T) {
	p, _ := squid(t, SquidOptions{})
	began := time.Now()
	if err := p.Stop(); err != nil {
		t.Fatal(err)
	}
	t.Logf("stopped after %v", time.Since(began).Round(time.Millisecond))
	<-p.Done()
	if p.Exited != nil {
		t.Error(p.Exited)
	}
	if _, err := os.Stat(p.command.Dir); !os.IsNotExist(err) {
		t.Errorf("its folder is still there: %v", err)
	}
	if _, err := net.Dial("tcp", p.Addr); err == nil {
		t.Error("it still listens")
	}
	if left, _ := filepath.Glob("/dev/shm/gauntlet*"); len(left) > 0 {
		t.Errorf("shared memory is left: %v", left)
	}
	if err := syscall.Kill(-p.cmd.Process.Pid, 0); err != syscall.ESRCH {
		t.Errorf("its process group: %v", err)
	}
	if log, err := p.AccessLog(); err != nil || !strings.Contains(string(log), "gauntlet.invalid") {
		t.Errorf("access log afterwards: %q %v", log, err)
	}
}

func TestSquidDeathIsNoticed(t *testing.T) {
	p, _ := squid(t, SquidOptions{})
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

func TestSquidEndsWithItsContext(t *testing.T) {
	if _, err := find("squid", "squid"); err != nil {
		t.Skip("squid is not installed: make deps")
	}
	ctx, cancel := context.WithCancel(context.Background())
	origin := httptest.NewServer(http.NotFoundHandler())
	defer origin.Close()
	dir, err := os.MkdirTemp("", "gauntlet-test-") // t.TempDir lies where only we may go
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	q, err := StartSquid(ctx, SquidOptions{Origin: origin.Listener.Addr().String(), Dir: dir + "/in/here"})
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
	if _, err := os.Stat(filepath.Join(q.command.Dir, "squid.conf")); err != nil {
		t.Errorf("a folder that is not ours was removed: %v", err)
	}
}

func TestSquidPortInUse(t *testing.T) {
	if _, err := exec.LookPath("squid"); err != nil {
		t.Skip("squid is not installed: make deps")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	n, _ := strconv.Atoi(port)
	_, err = StartSquid(context.Background(), SquidOptions{Origin: "127.0.0.1:9", Port: n})
	oneLine(t, err, "squid: port "+port+" is in use")
}

func TestSquidFolderThatItCannotEnter(t *testing.T) {
	if _, err := find("squid", "squid"); err != nil || os.Geteuid() != 0 {
		t.Skip("needs root, and squid: make deps")
	}
	_, err := StartSquid(context.Background(), SquidOptions{Origin: "127.0.0.1:9", Dir: t.TempDir() + "/x"})
	oneLine(t, err, "choose a folder that everybody may enter")
}

func TestSquidMissing(t *testing.T) {
	_, err := StartSquid(context.Background(), SquidOptions{Origin: "127.0.0.1:9", Binary: "no-such-squid"})
	oneLine(t, err, "squid not found: install it with: make deps")
	_, err = StartSquid(context.Background(), SquidOptions{Origin: "127.0.0.1:9", Binary: "/no/such/squid"})
	oneLine(t, err, "squid not found at /no/such/squid: install it with: make deps")
}

func oneLine(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
		t.Errorf("%q, want one line with %q", fmt.Sprint(err), want)
	}
}
