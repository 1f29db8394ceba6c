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
	"os/signal"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"gauntlet/proxies/fault"
	"gauntlet/proxies/network"
)

// The tests run in namespaces, for which the program starts itself again. What
// they lack is said here, once.
func TestMain(m *testing.M) {
	if os.Getenv(waitsKey) != "" {
		signal.Notify(interrupts, os.Interrupt)
	}
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

// interrupts are heard by a process of the test below from its beginning on.
var interrupts = make(chan os.Signal, 1)

const waitsKey = "GAUNTLET_TEST_WAITS"

// The kernel drops what is sent to the first process of a namespace before it listens.
func TestASignalThatComesWhileAProgramStartsIsNotLost(t *testing.T) {
	if os.Getenv(waitsKey) != "" {
		select {
		case <-interrupts:
			return
		case <-time.After(5 * time.Second):
			t.Fatal("it did not come")
		}
	}
	t.Setenv(waitsKey, "1")
	signals := make(chan os.Signal, 1)
	signals <- os.Interrupt
	cmd := exec.Command("/proc/self/exe", "-test.run=^"+t.Name()+"$")
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	if err := runInNamespaces(cmd, entering, signals); err != nil {
		t.Error(err)
	}
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

func TestBothFamilies(t *testing.T) {
	n := made(t, Options{IPv6: true})
	for _, address := range []string{"10.9.0.80:80", "[fd00:10:9::80]:80", "10.1.1.1:3129", "[fd00:10:1:2::1]:3128"} {
		greeter(t, n, address)
	}
	for _, c := range []struct{ from, to, want string }{
		{"10.0.0.2", "10.9.0.80:80", "10.254.0.5 at 10.9.0.80:80 for "},
		{"10.0.0.2", "[fd00:10:9::80]:80", "fd00:10:254::5 at [fd00:10:9::80]:80 for "},
		{"10.0.0.2", "[fd00:10:1:2::1]:3128", "fd00:10:254::5 at [fd00:10:1:2::1]:3128 for "},
		{"10.0.0.2", "[fd00:10:1:1::1]:3129", "fd00:10:254::5 at 10.1.1.1:3129 for "},
		{"10.1.2.7", "[fd00:10:9::80]:80", "fd00:10:1:2::7 at [fd00:10:9::80]:80 for "},
		{"10.0.0.2", "[fd00:10:9::80]:1863", "refused"},
		{"10.0.0.2", "[2001:db8::80]:80", "refused"},
	} {
		if got := dial(t, n, c.from, c.to); got != c.want {
			t.Errorf("%s to %s: %q, want %q", c.from, c.to, got, c.want)
		}
	}
	if err := n.Redirect("10.0.0.2", 80, "10.1.1.1:3129"); err != nil {
		t.Fatal(err)
	}
	for to, want := range map[string]string{
		"10.9.0.80:80":       "10.254.0.5 at 10.1.1.1:3129 for 10.9.0.80:80",
		"[fd00:10:9::80]:80": "fd00:10:254::5 at 10.1.1.1:3129 for [fd00:10:9::80]:80",
	} {
		if got := dial(t, n, "10.0.0.2", to); got != want {
			t.Errorf("redirected from %s: %q, want %q", to, got, want)
		}
	}
	if got := shell(t, n, "exec 3<>/dev/tcp/fd00:10:9::80/80; cat <&3"); got != "fd00:10:254::5 at 10.1.1.1:3129 for [fd00:10:9::80]:80" {
		t.Errorf("a program: %q", got)
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

func TestAnUnpluggedHostAnswersNobody(t *testing.T) {
	n := made(t, Options{})
	greeter(t, n, "10.1.1.1:8080")
	greeter(t, n, "10.1.2.1:8080")
	old, err := n.Host("10.0.0.2").DialContext(t.Context(), "tcp", "10.1.1.1:8080")
	if err != nil {
		t.Fatal(err)
	}
	defer old.Close()
	plug, err := n.Unplug("10.1.1.1")
	if err != nil {
		t.Fatal(err)
	}
	for _, beyond := range []string{"10.1.1.1:8080", "10.9.0.80:80"} {
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		if _, err := n.Host("10.0.0.2").DialContext(ctx, "tcp", beyond); !network.IsTimeout(err) {
			t.Errorf("%s while it is unplugged: %v", beyond, err)
		}
		cancel()
	}
	if got := dial(t, n, "10.1.1.1", "10.1.2.1:8080"); !strings.HasPrefix(got, "10.1.1.1") {
		t.Errorf("on its other side: %q", got)
	}
	if _, err := io.ReadAll(old); err != nil {
		t.Errorf("a connection from before: %v", err)
	}
	if err := plug(); err != nil {
		t.Fatal(err)
	}
	if got := dial(t, n, "10.0.0.2", "10.1.1.1:8080"); !strings.Contains(got, "at 10.1.1.1:8080") {
		t.Errorf("plugged in again: %q", got)
	}
}

func TestABlockedPortAnswersNobody(t *testing.T) {
	n := made(t, Options{})
	greeter(t, n, "10.9.0.80:80")
	greeter(t, n, "10.9.0.80:1863")
	if err := n.Block("10.9.0.80", 1863); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := n.Host("10.0.0.2").DialContext(ctx, "tcp", "10.9.0.80:1863"); !network.IsTimeout(err) {
		t.Errorf("the port: %v", err)
	}
	if got := dial(t, n, "10.0.0.2", "10.9.0.80:80"); !strings.Contains(got, "at 10.9.0.80:80") {
		t.Errorf("another one: %q", got)
	}
}

func TestNamesMove(t *testing.T) {
	n := made(t, Options{Asked: true})
	where := func() string {
		program := shell(t, n, "getent ahostsv4 gateway.example | head -1 | cut -d' ' -f1")
		own, err := n.Host("10.1.1.1").LookupHost(t.Context(), "gateway.example")
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(program) + " " + strings.Join(own, " ")
	}
	if got := where(); got != "10.9.0.80 10.9.0.80" {
		t.Errorf("at first: %s", got)
	}
	if err := n.Lead("10.9.0.80", "10.9.0.81"); err != nil {
		t.Fatal(err)
	}
	if got := where(); got != "10.9.0.81 10.9.0.81" {
		t.Errorf("then: %s", got)
	}
}

// A program asks for each family by itself, and that is one lookup: the second one is
// disturbed and no other.
func TestWhatProgramsAreToldOfNames(t *testing.T) {
	leads, asked := "10.9.0.80", 0
	for _, c := range []struct {
		second []string // what the second lookup finds
		late   time.Duration
		want   string
	}{
		{[]string{"10.9.0.99"}, 0, "10.9.0.99"}, {nil, 0, ""}, {[]string{leads}, 1500 * time.Millisecond, leads},
	} {
		asked = 0
		n := made(t, Options{Asked: true, Found: func(_ string, was []netip.Addr) (told Answer) {
			if asked++; asked != 2 {
				return Answer{Addresses: was}
			}
			for _, text := range c.second {
				told.Addresses = append(told.Addresses, netip.MustParseAddr(text))
			}
			told.After = c.late
			return told
		}})
		for lookup, want := range []string{leads, c.want, leads} {
			began := time.Now()
			got := shell(t, n, "getent ahosts gateway.example | cut -d' ' -f1 | sort -u; exit 0")
			took := time.Since(began)
			if strings.Join(strings.Fields(got), " ") != want || lookup == 1 && took < c.late {
				t.Errorf("%v, lookup %d: %q after %v", c.second, lookup+1, got, took)
			}
		}
		if asked != 3 {
			t.Errorf("%v: %d lookups", c.second, asked)
		}
	}
}

// What the name server answers, byte by byte: RFC 1035, section 4. The name in the answer
// points to that in the question.
func TestWhatTheNameServerAnswers(t *testing.T) {
	const question = "\x07gateway\x07example\x00\x00\x01\x00\x01"
	there := []netip.Addr{netip.MustParseAddr("10.9.0.80")}
	record := func(ttl string) string { return "\xc0\x0c\x00\x01\x00\x01" + ttl + "\x00\x04\x0a\x09\x00\x50" }
	for _, c := range []struct {
		told                   Answer
		code, records, answers string
	}{
		{Answer{Addresses: there}, "\x80", "\x01", record("\x00\x00\x00\x00")},
		{Answer{Addresses: there, TTL: 20 * time.Second}, "\x80", "\x01", record("\x00\x00\x00\x14")},
		{Answer{Addresses: there, TTL: 300*time.Second + 999*time.Millisecond}, "\x80", "\x01", record("\x00\x00\x01\x2c")},
		{Answer{Addresses: []netip.Addr{netip.MustParseAddr(fault.Unreached)}}, "\x80", "\x00", ""}, // none of this family
		{Answer{}, "\x83", "\x00", ""}, // NXDOMAIN
	} {
		n := made(t, Options{Asked: true, Found: func(string, []netip.Addr) Answer { return c.told }})
		shell(t, n, "true") // the first program brings the name server
		var got []byte
		err := n.find(netip.MustParseAddr("10.0.0.2")).namespace.do(func() error {
			c, err := net.Dial("udp4", resolver.String()+":53")
			if err != nil {
				return err
			}
			defer c.Close()
			got = make([]byte, 512)
			_, err = io.WriteString(c, "\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00"+question)
			if err == nil {
				var size int
				size, err = c.Read(got)
				got = got[:size]
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		want := "\x12\x34\x81" + c.code + "\x00\x01\x00" + c.records + "\x00\x00\x00\x00" + question + c.answers
		if string(got) != want {
			t.Errorf("%v: %q, want %q", c.told, got, want)
		}
	}
}

// Somebody presses Ctrl-C while it is being found out what this machine can do.
func TestProbingIsCutShort(t *testing.T) {
	for range 5 {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		err := Missing(ctx)
		cancel()
		if err != nil && !errors.Is(err, errUnavailable) {
			t.Error(err)
		}
	}
}
