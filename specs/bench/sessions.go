//go:build unix

package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"runtime/metrics"
	"strings"
	"syscall"
	"testing"
	"time"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/msn/builtin"
	"gauntlet/harness/msn/servers"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/rig"
	"gauntlet/harness/run/virtual"
	"gauntlet/harness/run/workload"
	"gauntlet/proxies"
	"gauntlet/proxies/plain"
	"gauntlet/proxies/simnet"
)

// virtualRole makes this program a worker in virtual time.
const virtualRole = "virtual"

// job is a case for a worker, or the floor that cases are compared with.
type job struct {
	Steps   []string
	Chain   string
	Clients int
	Floor   bool // only the exchanges, by net/http and goproxy alone
}

// cost is what a job took.
type cost struct {
	CPU       time.Duration
	Allocated uint64 // bytes
	Failed    string // empty: it went well
}

// workInBubbles performs jobs, each in a bubble of its own. It does not return.
func workInBubbles() {
	testing.Init()
	_ = flag.CommandLine.Parse(nil) // there is nothing to go wrong with
	virtual.Serve(os.Stdin, os.Stdout, func(text json.RawMessage, _ *virtual.Blob) json.RawMessage {
		var j job
		err := json.Unmarshal(text, &j)
		cpu, allocated := ownCPU(), allocatedBytes()
		if err == nil {
			err = j.perform()
		}
		c := cost{CPU: ownCPU() - cpu, Allocated: allocatedBytes() - allocated}
		if err != nil {
			c.Failed = err.Error()
		}
		reply, _ := json.Marshal(c) // plain values
		return reply
	})
}

// ownCPU is the processor time of this process.
func ownCPU() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u) // of ourselves it never fails
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func allocatedBytes() uint64 {
	s := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}

func (j job) perform() error {
	if j.Floor {
		return floor()
	}
	c := catalogue.Case{ID: "bench", Dialect: catalogue.DefaultDialect, Think: catalogue.DefaultThink, Clients: j.Clients}
	var err error
	if c.Workload, err = workload.Parse(j.Steps); err != nil {
		return err
	}
	if c.Chain, err = proxies.Profiles(nil).ParseChain(j.Chain); err != nil {
		return err
	}
	o := rig.One(context.Background(), c, rig.Options{Speaks: servers.MSN(), Mode: rig.Virtual, Client: builtin.New(), Seed: 1})
	if o.Result.Status != oracle.Pass {
		return errors.New(o.Result.Reason)
	}
	return nil
}

// pollingSteps are a session of 37 exchanges, 30 of them polls.
func pollingSteps() []string { return []string{"sign in", "stay 61s", "sign out"} }

// floor has the same exchanges, with bodies of their usual sizes: net/http at
// both ends and goproxy between, nothing recorded and nothing judged.
func floor() (err error) {
	const commands, polls = 7, 30
	n := simnet.New(simnet.Options{})
	defer n.Close()
	gateway, box, user := n.Host("10.0.0.1", "gw.example"), n.Host("10.0.0.2"), n.Host("10.0.0.3")
	answer := []byte(strings.Repeat("x", 120))
	origin := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent, _ := io.Copy(io.Discard, r.Body)
		w.Header()["X-MSN-Messenger"] = []string{"SessionID=1.2; GW-IP=gw.example"}
		if sent > 0 {
			_, _ = w.Write(answer)
		}
	})}
	proxy := &http.Server{Handler: plain.Proxy(box.DialContext)}
	for server, host := range map[*http.Server]*simnet.Host{origin: gateway, proxy: box} {
		l, err := host.Listen(":80")
		if err != nil {
			return err
		}
		go func() { _ = server.Serve(l) }() // until it is closed
		defer server.Close()
	}
	t := &http.Transport{DialContext: user.DialContext, Proxy: http.ProxyURL(&url.URL{Scheme: "http", Host: "10.0.0.2:80"})}
	defer t.CloseIdleConnections()
	for i := range commands + polls {
		body := ""
		if i < commands {
			body = strings.Repeat("x", 60)
		}
		if err := post(t, body); err != nil {
			return err
		}
	}
	return nil
}

func post(t *http.Transport, body string) error {
	r, err := http.NewRequest(http.MethodPost, "http://gw.example/gateway/gateway.dll?Action=poll&SessionID=1.2", strings.NewReader(body))
	if err != nil {
		return err
	}
	resp, err := t.RoundTrip(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return errors.New(resp.Status)
	}
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}

// crew is one worker, so that what is compared runs in the same process.
func (b *bench) crew() *virtual.Crew {
	return virtual.Pool{Args: []string{virtualRole}, Workers: 1, Silence: 3 * time.Minute}.Keep(b.ctx)
}

// costOf is what so many runs of a job take together.
func (b *bench) costOf(c *virtual.Crew, j job, times int) (sum cost, err error) {
	text, err := json.Marshal(j)
	if err != nil {
		return sum, err
	}
	jobs := make([]virtual.Job, times)
	for i := range jobs {
		jobs[i].Text = text
	}
	err = c.Run(b.ctx, jobs, func(_ int, a virtual.Answer) {
		var one cost
		if e := json.Unmarshal(a.Reply.Text, &one); e != nil || one.Failed != "" || a.Leak != "" {
			sum.Failed = fmt.Sprint(one.Failed, a.Died, a.Leak)
		}
		sum.CPU += one.CPU
		sum.Allocated += one.Allocated
	})
	if err == nil && sum.Failed != "" {
		err = fmt.Errorf("%v: %s", j.Steps, sum.Failed)
	}
	return sum, err
}

// sessions compares sessions, recorded and judged, with the floor.
func (b *bench) sessions() error {
	const name, bare, ratio = "Session/by=gauntlet", "Session/by=goproxy", "Rate/of=session/by=floor"
	crew := b.crew()
	defer crew.Close()
	of := map[string]job{name: {Steps: pollingSteps(), Chain: "forward port 8080"}, bare: {Floor: true}}
	times, rates := b.turns(40), map[string][]float64{}
	for range b.turns(11) {
		for _, which := range []string{name, bare} {
			c, err := b.costOf(crew, of[which], times)
			if err != nil {
				return err
			}
			rates[which] = append(rates[which], float64(times)/c.CPU.Seconds())
			b.table.add(which, "sessions/cpu-s", float64(times)/c.CPU.Seconds())
			b.table.add(which, "allocated-KiB", float64(c.Allocated)/1024/float64(times))
		}
	}
	b.table.compare(ratio, "ratio", rates[name], rates[bare])
	b.table.aim(ratio, "ratio", 1.5, atLeast)
	return nil
}
