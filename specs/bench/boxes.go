//go:build unix

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"gauntlet/proxies/external"
)

// box is something that stands between the client and the origin. Those of one
// layer are asked alike: a proxy for the whole URL, a relay for the path.
type box struct {
	external.Product
	relay   bool
	process *external.Process
}

// target is what a request to it names.
func (x box) target() string {
	if x.relay {
		return "/x"
	}
	return "http://gw.example/x"
}

// comparisons are the ratios of requests a second that count, and what they are
// to come to at least; 0 is for what is only looked at.
func comparisons() []comparison {
	return []comparison{
		{"forward", "goproxy", 1.0}, {"gauntlet-proxy", "goproxy", .95}, {"relay", "toxiproxy", 1.2}, {"relay", "copy", .98},
		{"forward", "squid", 0}, {"forward", "haproxy", 0}, {"forward", "nginx-keepalive", 0}, {"forward", "mitmproxy", 0},
	}
}

type comparison struct {
	ours, theirs string
	least        float64
}

// boxes lets all boxes that there are take turns.
func (b *bench) boxes() error {
	origin, err := b.acting("origin").Start(b.ctx, external.Options{Origin: "127.0.0.1:1"}) // it asks nobody
	if err != nil {
		return err
	}
	defer origin.Stop()
	all, err := b.startBoxes(origin)
	for _, x := range all {
		defer x.process.Stop()
	}
	if err != nil {
		return err
	}
	for _, connections := range []int{1, 8, 64} {
		if err := b.compareBoxes(all, connections); err != nil {
			return err
		}
	}
	return nil
}

// startBoxes starts what is installed; of the rest the table says that it is
// missing.
func (b *bench) startBoxes(origin *external.Process) (all []box, err error) {
	all = []box{{Product: external.Product{Name: "direct"}, relay: true, process: origin}}
	for _, x := range b.candidates() {
		if err := x.Find(); err != nil {
			b.table.skip("Box/box="+x.Name, err.Error())
			continue
		}
		if x.process, err = x.Start(b.ctx, external.Options{Origin: origin.Addr}); err != nil {
			return all, err
		}
		all = append(all, x)
	}
	return all, nil
}

// acting is this program in a role.
func (b *bench) acting(role string) external.Product {
	return external.Product{Name: role, Command: []string{b.self, role, "{{.Address}}", "{{.Origin}}"}}
}

func (b *bench) candidates() []box {
	ours := external.Product{Name: "gauntlet-proxy", Command: []string{
		b.gauntlet, "proxy", "forward", "--listen", "{{.Address}}", "--to", "{{.Origin}}", "--control", "",
	}}
	squid := external.Products()["squid"]
	squid.AccessLog = "" // who writes none is quicker
	squid.Files["squid.conf"] = regexp.MustCompile(`(?m)^access_log .*`).ReplaceAllString(squid.Files["squid.conf"], "access_log none")
	return []box{
		{Product: b.acting("forward")}, {Product: ours}, {Product: b.acting("goproxy")},
		{Product: b.acting("relay"), relay: true}, {Product: b.acting("copy"), relay: true}, {Product: b.toxiproxy(), relay: true},
		{Product: squid}, {Product: external.Products()["haproxy"]}, {Product: external.Products()["nginx-keepalive"]},
		{Product: external.Products()["mitmproxy"]},
	}
}

// compareBoxes has each box take its turns, after one that is not counted. A quick
// run has no time for that.
func (b *bench) compareBoxes(all []box, connections int) error {
	rates, uncounted := map[string][]float64{}, 1
	if b.quick {
		uncounted = 0
	}
	for i := range uncounted + b.turns(7) {
		for _, x := range all {
			l := load{x.process.Addr, x.target(), connections, 6000, 400 * time.Millisecond}
			if b.quick || i < uncounted {
				l.requests, l.most = 64, 100*time.Millisecond
			}
			got, cpu, err := x.turn(l)
			if err != nil {
				return fmt.Errorf("%s at %d connections: %w", x.Name, connections, err)
			}
			if i >= uncounted {
				rates[x.Name] = append(rates[x.Name], got.rate())
				b.record(fmt.Sprintf("Box/box=%s/connections=%d", x.Name, connections), got, cpu)
			}
		}
	}
	b.compareRates(rates, connections)
	return nil
}

// compareRates puts the boxes beside each other.
func (b *bench) compareRates(rates map[string][]float64, connections int) {
	for _, c := range comparisons() {
		name := fmt.Sprintf("Rate/of=%s/by=%s/connections=%d", c.ours, c.theirs, connections)
		if rates[c.ours] == nil || rates[c.theirs] == nil {
			b.table.skip(name, "one of them is missing")
			continue
		}
		b.table.compare(name, "ratio", rates[c.ours], rates[c.theirs])
		b.table.aim(name, "ratio", c.least, atLeast)
	}
}

// turn is one turn, and the box's processor time in it. That is known to a
// hundredth of a second, which is why a turn takes many of them.
func (x box) turn(l load) (got loaded, cpu time.Duration, err error) {
	before, err := x.process.CPU()
	if err != nil {
		return got, 0, err
	}
	if got, err = l.run(); err != nil {
		return got, 0, err
	}
	after, err := x.process.CPU()
	return got, after - before, err
}

func (b *bench) record(name string, got loaded, cpu time.Duration) {
	b.table.add(name, "req/s", got.rate())
	b.table.add(name, "p50-ms", got.percentile(50))
	b.table.add(name, "p99-ms", got.percentile(99))
	b.table.add(name, "cpu-µs/req", float64(cpu.Microseconds())/float64(len(got.times)))
}

// toxiproxy is built for this alone, so that it is no dependency. A quick run
// fetches nothing.
func (b *bench) toxiproxy() external.Product {
	const module = "github.com/Shopify/toxiproxy/v2/cmd/server@v2.12.0"
	program := filepath.Join(b.scratch, "server")
	install := exec.CommandContext(b.ctx, "go", "install", module)
	install.Env = append(os.Environ(), "GOBIN="+b.scratch, "GOFLAGS=")
	if cache, err := exec.CommandContext(b.ctx, "go", "env", "GOMODCACHE").Output(); b.quick && err == nil {
		install.Env = append(install.Env, "GOPROXY=file://"+strings.TrimSpace(string(cache))+"/cache/download", "GONOSUMDB=*")
	}
	if _, err := install.CombinedOutput(); err != nil {
		program = "toxiproxy-server" // it may be installed
	}
	return external.Product{
		Name:        "toxiproxy",
		Command:     []string{program, "-host", "127.0.0.1", "-port", "0", "-config", "{{.Dir}}/proxies.json"},
		Files:       map[string]string{"proxies.json": `[{"name": "origin", "listen": "{{.Address}}", "upstream": "{{.Origin}}", "enabled": true}]`},
		Environment: []string{"LOG_LEVEL=error"},
	}
}
