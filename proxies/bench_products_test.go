//go:build unix

package proxies

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gauntlet/proxies/external"
	"gauntlet/proxies/network"
)

// BenchmarkProducts compares our boxes with real products, in one run and by
// turns: requests a second, the box's processor time a request, and the 99th
// percentile of the time that a request takes. What our boxes use themselves is
// what this process uses more than without them. Say -benchtime 10x.
func BenchmarkProducts(b *testing.B) {
	const clients, requests = 8, 2000
	g := newGround(b)
	cpus := map[string]func() time.Duration{}
	for _, p := range []external.Product{external.Products()["squid"], external.Products()["haproxy"], external.Products()["nginx-keepalive"], external.Products()["mitmproxy"], toxiproxy(b)} {
		process := beforeOrigin(b, p, g.ways[0].address)
		target := "http://gw.example/x"
		if p.Name == "toxiproxy" {
			target = "/x"
		}
		g.ways = append(g.ways, way{p.Name, process.Addr, target})
		cpus[p.Name] = func() time.Duration { used, _ := process.CPU(); return used }
	}
	all := map[string]*figures{}
	for b.Loop() {
		for _, w := range g.ways {
			if all[w.name] == nil {
				all[w.name] = &figures{}
			}
			all[w.name].take(b, w, clients, requests, cpus[w.name])
		}
	}
	table(b, g.ways, all)
}

// figures are those of one way, turn by turn.
type figures struct{ rate, cpu, slowest []float64 }

// take is one turn. Without a cpu of its own the way runs in this process.
func (f *figures) take(b *testing.B, w way, clients, requests int, cpu func() time.Duration) {
	if cpu == nil {
		cpu = spent
	}
	before, began := cpu(), time.Now()
	times := volley(b, w, clients, requests/clients)
	took, used := time.Since(began), cpu()-before
	slices.Sort(times)
	f.rate = append(f.rate, float64(len(times))/took.Seconds())
	f.cpu = append(f.cpu, float64(used.Microseconds())/float64(len(times)))
	f.slowest = append(f.slowest, float64(times[len(times)*99/100].Microseconds())/1000)
}

// volley sends requests over as many connections as there are clients, and
// gives what each took.
func volley(b *testing.B, w way, clients, each int) []time.Duration {
	var wg sync.WaitGroup
	var mu sync.Mutex
	var all []time.Duration
	for range clients {
		wg.Go(func() {
			times, err := series(w, each)
			if err != nil {
				b.Errorf("%s: %v", w.name, err)
			}
			mu.Lock()
			defer mu.Unlock()
			all = append(all, times...)
		})
	}
	wg.Wait()
	return all
}

func series(w way, n int) (times []time.Duration, err error) {
	p, err := net.Dial("tcp", w.address)
	if err != nil {
		return []time.Duration{0}, err
	}
	defer p.Close()
	raw := post(w.target, "hello", "Host: gw.example", "X-MSN-odd: 1", "User-Agent: MSMSGS", "Proxy-Connection: Keep-Alive")
	in := bufio.NewReader(p)
	for range n {
		began := time.Now()
		if _, err = io.WriteString(p, raw); err != nil {
			break
		}
		resp, err := http.ReadResponse(in, nil)
		if err != nil {
			return append(times, 0), err
		}
		if _, err := io.Copy(io.Discard, resp.Body); err != nil || resp.StatusCode != http.StatusOK {
			return append(times, 0), fmt.Errorf("%s, %w", resp.Status, err)
		}
		times = append(times, time.Since(began))
	}
	return times, err
}

// table shows medians, and what the benchmark is for: the ratios.
func table(b *testing.B, ways []way, all map[string]*figures) {
	load, _ := os.ReadFile("/proc/loadavg")
	text := fmt.Sprintf("load %s\n%-16s %10s %12s %8s\n", strings.TrimSpace(string(load)), "through", "requests/s", "CPU us/req", "p99 ms")
	direct := median(all["direct"].cpu)
	for _, w := range ways {
		f := all[w.name]
		cpu := median(f.cpu)
		if slices.Contains([]string{"forward", "goproxy", "relay", "copy"}, w.name) {
			cpu -= direct
		}
		text += fmt.Sprintf("%-16s %10.0f %12.0f %8.2f\n", w.name, median(f.rate), cpu, median(f.slowest))
	}
	for _, pair := range [][2]string{{"forward", "goproxy"}, {"forward", "squid"}, {"forward", "haproxy"}, {"forward", "nginx-keepalive"}, {"forward", "mitmproxy"}, {"relay", "toxiproxy"}} {
		r := ratio(all[pair[0]].rate, all[pair[1]].rate)
		text += fmt.Sprintf("%s / %s: %.2f\n", pair[0], pair[1], r)
		b.ReportMetric(r, pair[0]+"/"+pair[1])
	}
	fmt.Println("\n" + text) // b.Log would cut it short
}

func beforeOrigin(b *testing.B, p external.Product, origin string) *external.Process {
	if err := p.Find(); err != nil {
		b.Skip(err)
	}
	process, err := p.Start(context.Background(), external.Options{Origin: origin})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := process.Stop(); err != nil {
			b.Error(err)
		}
	})
	return process
}

// toxiproxy is built for the benchmark alone, so that it is no dependency.
func toxiproxy(b *testing.B) external.Product {
	const module = "github.com/Shopify/toxiproxy/v2/cmd/server@v2.12.0"
	dir, err := os.UserCacheDir()
	if err != nil {
		b.Skip(err)
	}
	dir = filepath.Join(dir, "gauntlet-toxiproxy-v2.12.0")
	install := exec.Command("go", "install", module)
	install.Env = append(os.Environ(), "GOBIN="+dir, "GOFLAGS=")
	if out, err := install.CombinedOutput(); err != nil {
		b.Skipf("%s: %v: %s", module, err, out)
	}
	api, release, err := network.Reserve()
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = release() }) // it was ours alone
	_, port, _ := net.SplitHostPort(api)
	return external.Product{
		Name:        "toxiproxy",
		Command:     []string{filepath.Join(dir, "server"), "-host", "127.0.0.1", "-port", port, "-config", "{{.Dir}}/proxies.json"},
		Files:       map[string]string{"proxies.json": `[{"name": "origin", "listen": "{{.Address}}", "upstream": "{{.Origin}}", "enabled": true}]`},
		Environment: []string{"LOG_LEVEL=error"},
	}
}
