package certify

import (
	"cmp"
	"context"
	"slices"
	"time"

	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/rig"
	"gauntlet/harness/run/virtual"
	"gauntlet/proxies/netns"
)

// atOnce is how many cases run at a time on real sockets, for they mostly wait, and
// manyAtOnce how many where a machine keeps up with that.
const atOnce, manyAtOnce = 48, 160

// fewAtOnce is how many run at a time once more, of those that were no evidence the
// first time: one at first, and these while the machine stands still for nobody.
const fewAtOnce = 8

// Settle reports whether the whole call has to be made inside of namespaces and
// is not yet: they are asked for, or there are programs, which run there if this
// machine has them and nobody forbids it. why says what keeps programs out.
func (o Options) Settle(ctx context.Context) (enter bool, why error) {
	outside := !netns.Inside()
	if outside && o.Mode == "" && o.programs(true) == rig.Netns && slices.ContainsFunc(o.Clients, Client.Program) {
		why = rig.CheckMode(ctx, rig.Netns)
		enter = why == nil
	}
	if o.Queue.URL != "" {
		return false, why // from inside no queue can be reached: each worker goes there by itself
	}
	return enter || outside && o.Mode == rig.Netns, why
}

// programs is where programs are run, unless the mode says it.
func (o Options) programs(inside bool) rig.Mode {
	if o.NoNamespace || o.PauseBefore != "" || o.Box != "" || !inside {
		return rig.Loopback
	}
	return rig.Netns
}

// Runner performs cases with the first client, each judged by itself: nothing is
// compared, stored or shown.
func (o Options) Runner() rig.Runner {
	o = o.turn(o.client())
	return o.performer(o.rig(box{}))
}

// performer performs cases with any client, on what the options say.
func (o Options) performer(r rig.Options) rig.Runner {
	pool := virtual.Pool{Args: o.Worker, Workers: o.Parallel, Silence: o.Silence, Again: mostDeaths - 1}
	if o.PauseBefore != "" {
		pool.Silence = cmp.Or(o.Silence, 24*time.Hour) // it is in a debugger's hands
	}
	switch {
	case o.share != nil:
		return rig.InWorkers(o.share, r)
	case r.Mode == rig.Netns, r.Mode == rig.Loopback && r.ClientKind != adapter.InProcess:
		return rig.InProcess(r, o.parallel(), cmp.Or(o.Parallel, manyAtOnce)) // a program of its own takes no other case along
	case r.Mode == rig.Loopback:
		pool.Args = slices.Concat(o.Worker, []string{"--mode", string(r.Mode), "--box", o.Box})
		pool.Workers = o.parallel()
	}
	if o.Crews != nil {
		return rig.InWorkers(o.Crews.Of(pool), r)
	}
	return rig.InWorkers(pool, r)
}

// again performs what was no evidence once more; nil: the performer does.
func (o Options) again(r rig.Options) rig.Runner {
	if o.share != nil || r.Mode == rig.Virtual || r.Mode == rig.Loopback && r.ClientKind == adapter.InProcess {
		return nil
	}
	return rig.InProcess(r, 1, min(o.parallel(), fewAtOnce))
}

// parallel is how many cases run at a time on real sockets.
func (o Options) parallel() int { return cmp.Or(o.Parallel, atOnce) }
