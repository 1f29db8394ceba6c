//go:build linux

package netns

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"gauntlet/proxies/network"
)

// The tests run in namespaces, for which the program starts itself again. What
// they lack is said here, once.
func TestMain(m *testing.M) {
	if err := PlayRole(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	if Inside() {
		os.Exit(m.Run())
	}
	if err := Missing(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		if os.Getenv("GAUNTLET_NO_SKIP") != "" {
			os.Exit(1)
		}
		os.Exit(0)
	}
	code, err := Reexec(context.Background())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 2
	}
	os.Exit(code)
}

// host is a place, by its address and the length of its network's prefix.
func at24(address string) Place { return Place{netip.MustParseAddr(address), 24} }

// network with a user, two boxes and the servers.
func made(t *testing.T, o Options) *Net {
	t.Helper()
	o.Servers = at24("10.9.0.80")
	if o.Arms == nil {
		o.Arms = []Arm{{Places: []Place{{netip.MustParseAddr("10.0.0.2"), 32}, at24("10.1.1.1"), at24("10.1.2.1")}, Translated: true}}
	}
	o.Names = map[string]netip.Addr{"gateway.example": netip.MustParseAddr("10.9.0.80")}
	began := time.Now()
	n, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("made in %v", time.Since(began))
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	})
	return n
}

// greeter answers each connection with what it sees of it.
func greeter(t *testing.T, n *Net, address string) {
	t.Helper()
	l, err := n.Listen(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			original, _ := network.OriginalDestination(c)
			fmt.Fprintf(c, "%s at %s for %s", c.RemoteAddr().(*net.TCPAddr).IP, address, original)
			c.Close()
		}
	}()
}

func dial(t *testing.T, n *Net, from, to string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	c, err := n.Host(from).DialContext(ctx, "tcp", to)
	if errors.Is(err, syscall.ECONNREFUSED) {
		return "refused"
	}
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	text, err := io.ReadAll(c)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestEveryAddressLeadsToTheServers(t *testing.T) {
	n := made(t, Options{})
	greeter(t, n, "10.9.0.80:80")
	greeter(t, n, "10.1.1.1:8080")
	for _, c := range []struct{ from, to, want string }{
		{"10.0.0.2", "gateway.example:80", "10.254.0.5 at 10.9.0.80:80 for "},
		{"10.0.0.2", "10.1.1.1:8080", "10.254.0.5 at 10.1.1.1:8080 for "},
		{"10.1.1.1", "10.9.0.80:80", "10.1.1.1 at 10.9.0.80:80 for "},
		{"10.1.2.7", "10.9.0.80:80", "10.1.2.7 at 10.9.0.80:80 for "},
		{"10.9.0.80", "10.9.0.80:80", "10.9.0.80 at 10.9.0.80:80 for "},
		{"10.0.0.2", "10.9.0.80:1863", "refused"},
		{"10.0.0.2", "192.0.2.1:80", "refused"},
		{"10.0.0.2", "8.8.8.8:53", "refused"},
	} {
		if got := dial(t, n, c.from, c.to); got != c.want {
			t.Errorf("%s to %s: %q, want %q", c.from, c.to, got, c.want)
		}
	}
}

func TestARedirectTellsTheOriginalDestination(t *testing.T) {
	n := made(t, Options{})
	greeter(t, n, "10.9.0.80:80")
	greeter(t, n, "10.1.1.1:3129")
	greeter(t, n, "10.1.2.1:3129")
	for from, to := range map[string]string{"10.0.0.2": "10.1.1.1:3129", "10.1.1.1": "10.1.2.1:3129"} {
		if err := n.Redirect(from, 80, to); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ from, to, want string }{
		{"10.0.0.2", "10.9.0.80:80", "10.254.0.5 at 10.1.1.1:3129 for 10.9.0.80:80"},
		{"10.0.0.2", "192.0.2.1:80", "10.254.0.5 at 10.1.1.1:3129 for 192.0.2.1:80"},
		{"10.1.1.1", "10.9.0.80:80", "10.1.1.1 at 10.1.2.1:3129 for 10.9.0.80:80"},
		{"10.1.2.1", "10.9.0.80:80", "10.1.2.1 at 10.9.0.80:80 for "},
		{"10.0.0.2", "10.1.1.1:80", "refused"},
		{"10.0.0.2", "10.9.0.80:81", "refused"},
	} {
		if got := dial(t, n, c.from, c.to); got != c.want {
			t.Errorf("%s to %s: %q, want %q", c.from, c.to, got, c.want)
		}
	}
}

// shell runs a script as a program of the user's host.
func shell(t *testing.T, n *Net, script string) string {
	t.Helper()
	cmd := exec.Command("bash", "-c", script)
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := n.Start("10.0.0.2", cmd); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	return out.String()
}

func TestAProgramLivesInTheNetwork(t *testing.T) {
	var mu sync.Mutex
	var dials []string
	var names []string
	n := made(t, Options{
		Dialled: func(d Dial) {
			mu.Lock()
			defer mu.Unlock()
			dials = append(dials, strings.TrimSpace(d.To.String()+" "+d.Failed))
		},
		Resolved: func(l Lookup) {
			mu.Lock()
			defer mu.Unlock()
			if l.Lost {
				names = append(names, l.Name)
			}
		},
		Below: map[string]netip.Addr{"services.example": netip.MustParseAddr("10.9.0.43")},
	})
	greeter(t, n, "10.9.0.80:80")
	for script, want := range map[string]string{
		"exec 3<>/dev/tcp/gateway.example/80; cat <&3":                                                             "10.254.0.5 at 10.9.0.80:80 for ",
		"getent ahostsv4 www.elsewhere.example | head -1 | cut -d' ' -f1":                                          "10.253.0.1\n",
		"getent ahostsv4 any.login.Services.example | head -1 | cut -d' ' -f1":                                     "10.9.0.43\n",
		"(exec 3<>/dev/tcp/8.8.8.8/53) 2>&1 | grep -o 'Connection refused'":                                        "Connection refused\nConnection refused\n",
		"ls -d /proc/[0-9]* | wc -l | xargs test 9 -gt && echo few":                                                "few\n",
		"mount -t tmpfs none /mnt 2>/dev/null || echo may not; ip link set eth0 down 2>/dev/null || echo nor that": "may not\nnor that\n",
		"env | grep -v NO_SKIP | grep -c GAUNTLET":                                                                 "0\n",
	} {
		if got := shell(t, n, script); got != want {
			t.Errorf("%s: %q, want %q", script, got, want)
		}
	}
	if err := n.Close(); err != nil {
		t.Error(err)
	}
	slices.Sort(dials)
	if want := []string{"10.9.0.80:80", "8.8.8.8:53 connection refused"}; !slices.Equal(dials, want) {
		t.Errorf("dials: %q, want %q", dials, want)
	}
	if want := []string{"www.elsewhere.example"}; !slices.Equal(names, want) {
		t.Errorf("names: %q, want %q", names, want)
	}
}

func TestProgramsEndWithTheNetwork(t *testing.T) {
	n := made(t, Options{})
	out, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("bash", "-c", "setsid sleep 1000 & sleep 1000")
	cmd.Stdout = in
	if err := n.Start("10.0.0.2", cmd); err != nil {
		t.Fatal(err)
	}
	in.Close()
	if err := n.Close(); err != nil {
		t.Error(err)
	}
	if _, err := io.ReadAll(out); err != nil { // its end: nobody holds the pipe any more
		t.Error(err)
	}
	if err := cmd.Wait(); err == nil || err.Error() != "signal: killed" {
		t.Error(err)
	}
}

func TestAProgramThatIsNotThere(t *testing.T) {
	n := made(t, Options{})
	for _, name := range []string{"no-such-program", "/no/such/program"} {
		if err := n.Start("10.0.0.2", exec.Command(name)); err == nil {
			t.Errorf("%s was started", name)
		}
	}
}

// TestAProgramIsConfined has a program try what it must not. What it says is the
// first word of what came of it.
func TestAProgramIsConfined(t *testing.T) {
	outside, err := os.MkdirTemp("/var", "gauntlet-")
	if err != nil {
		t.Skip("not root: ", err)
	}
	defer os.RemoveAll(outside)
	hiddenSockets := []string{socketIn(t, "/tmp"), socketIn(t, "/opt")}
	defer os.Remove("/tmp/x")
	t.Setenv("GAUNTLET_MARK", "some mark")
	n := made(t, Options{})
	for script, want := range map[string]string{
		"echo x > " + outside + "/file || echo kept":                               "kept",
		"chmod 755 /etc || echo kept":                                              "kept",
		"mount -t tmpfs x /mnt || echo kept":                                       "kept",
		"unshare -r true && unshare -rm mount -o remount,rw /etc || echo kept":     "kept",
		"head -c1 /etc/shadow || echo kept":                                        "kept",
		"ls /run/* || echo kept":                                                   "kept",
		"test -S " + hiddenSockets[0] + " || echo kept":                            "kept",
		"test -S " + hiddenSockets[1] + " || echo kept":                            "kept",
		"grep -c '^Cap[A-Z][a-z]*:.*[1-9a-f]' /proc/self/status":                   "0",
		"grep NoNewPrivs /proc/self/status | tr -d '\t'":                           "NoNewPrivs:1",
		"kill -0 -- -1 2>/dev/null; kill -9 1; sleep 0.1; echo alive":              "alive",
		"dd if=/dev/zero of=/tmp/x bs=1M count=400 2>/dev/null; stat -c %s /tmp/x": "268435456",
		"echo x > /tmp/mine && cat /tmp/mine":                                      "x",
		"ulimit -n":                                                                "4096",
		"python3 -c 'x = bytearray(5<<30)' 2>&1 | tail -1":                         "MemoryError",
		"head -c 3 /proc/self/comm; cat < /dev/null; echo > /dev/null && getent hosts gateway.example | cut -d' ' -f1": "hea10.9.0.80",
	} {
		if said := strings.TrimSpace(shell(t, n, script)); lastLine(said) != want {
			t.Errorf("%s\nsaid %q, not %q", script, said, want)
		}
	}
}

// A script's modules lie beside it, wherever that is; what lies around them in a
// folder to which everybody writes is not the program's affair.
func TestAProgramSeesWhatLiesBesideItsScript(t *testing.T) {
	folder := t.TempDir()
	other := t.TempDir()
	for path, text := range map[string]string{
		folder + "/main.sh":   ". " + folder + "/module.sh; ls " + other + "/secret || echo kept; touch " + folder + "/new || echo kept",
		folder + "/module.sh": "echo found",
		other + "/secret":     "",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("sh", folder+"/main.sh")
	cmd.Dir = "/"
	var out strings.Builder
	cmd.Stdout = &out
	if err := made(t, Options{}).Start("10.0.0.2", cmd); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if want := "found\nkept\nkept\n"; out.String() != want {
		t.Errorf("said %q, not %q", out.String(), want)
	}
}

func lastLine(text string) string { return text[strings.LastIndex(text, "\n")+1:] }

// socketIn is a socket that this machine has, where everybody may connect. The
// machine lists it in the network that we have left, so that we say its name.
func socketIn(t *testing.T, parent string) string {
	dir, err := os.MkdirTemp(parent, "gauntlet-")
	if err != nil {
		t.Skip("not root: ", err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	l, err := net.Listen("unix", dir+"/socket")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv(socketsKey, os.Getenv(socketsKey)+":"+dir+"/socket")
	return dir + "/socket"
}

func TestTheSocketsOfTheMachineAreKnown(t *testing.T) {
	path := t.TempDir() + "/socket"
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if !strings.Contains(":"+sockets()+":", ":"+path+":") {
		t.Errorf("%s is not in %s", path, sockets())
	}
}
