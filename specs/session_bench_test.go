package specs

import (
	"context"
	"sync"
	"testing"
	"time"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/msn/servers"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/rig"
	"gauntlet/harness/run/virtual"
	"gauntlet/harness/run/workload"
	"gauntlet/proxies"
)

// BenchmarkSession is a session from the sign-in through 30 polls to OUT: the
// built-in client, the forward box, the recording and all oracles. It reports
// sessions a second and seconds of protocol in a second of ours; with -cpu 1
// those of one core.
//
//	go test ./specs -run '^$' -bench Session -cpu 1
func BenchmarkSession(b *testing.B) {
	c := polling(b)
	var protocol time.Duration
	withT(b, func(t *testing.T) {
		for b.Loop() {
			virtual.Bubble(t, func() { protocol += session(b, c) })
		}
	})
	b.ReportAllocs()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "sessions/s")
	b.ReportMetric(protocol.Seconds()/b.Elapsed().Seconds(), "protocol-s/s")
}

// withT lends f a *testing.T, which a bubble needs and a benchmark lacks, by
// running a test of its own. With -count that test is run more than once, and f
// is not: the benchmark is repeated by itself.
func withT(b *testing.B, f func(*testing.T)) {
	all := func(string, string) (bool, error) { return true, nil }
	var once sync.Once
	test := func(t *testing.T) { once.Do(func() { f(t) }) }
	if !testing.RunTests(all, []testing.InternalTest{{Name: b.Name(), F: test}}) {
		b.Fatal("the bubble failed")
	}
}

// polling is the benchmark's case.
func polling(b *testing.B) catalogue.Case {
	script, err := workload.Parse([]string{"sign in", "stay 61s", "sign out"})
	if err != nil {
		b.Fatal(err)
	}
	chain, err := proxies.Profiles(nil).ParseChain("forward port 8080")
	if err != nil {
		b.Fatal(err)
	}
	return catalogue.Case{
		ID: "benchmark", Dialect: catalogue.DefaultDialect, Think: catalogue.DefaultThink, Chain: chain, Workload: script,
	}
}

// session runs and judges the case, and returns how long it was for the client.
func session(b *testing.B, c catalogue.Case) time.Duration {
	o := rig.One(context.Background(), c, rig.Options{Speaks: servers.MSN(), Mode: rig.Virtual, Client: traveller(), Seed: 1})
	if o.Result.Status != oracle.Pass {
		b.Error(o.Result.Reason)
	}
	return time.Duration(o.Result.Protocol) * time.Millisecond
}
