package specs

import (
	"context"
	"slices"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/fixtures"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/msn/servers"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/profile"
	"gauntlet/harness/run/rig"
	"gauntlet/proxies/fault"
)

// catalogued are all cases of the catalogue.
func catalogued() []catalogue.Case { return slices.Clone(readCatalogue()) }

// readCatalogue reads them once a process: it takes as long as running many of
// them.
var readCatalogue = sync.OnceValue(func() []catalogue.Case {
	cases, err := catalogue.Load(fixtures.Files(), fixtures.Cases, servers.Vocabulary(profile.Table(profiled())))
	if err != nil {
		panic(err) // the tree of specs cannot be built without them
	}
	return cases
})

// virtually are those that virtual time can express.
func virtually(cases []catalogue.Case) []catalogue.Case {
	return slices.DeleteFunc(cases, func(c catalogue.Case) bool {
		return rig.Inexpressible(c, rig.Options{Mode: rig.Virtual}) != ""
	})
}

func perform(c catalogue.Case, o rig.Options) rig.Result {
	o.Speaks, o.Mode, o.Seed = servers.MSN(), rig.Virtual, 1
	return rig.Judge(rig.Perform(context.Background(), c, o), time.Millisecond)
}

// oneAnEffect are the first cases whose faults have an effect that no case
// before them had: what holds of an effect needs no second case.
func oneAnEffect(cases []catalogue.Case) []catalogue.Case {
	seen := map[string]bool{}
	return slices.DeleteFunc(cases, func(c catalogue.Case) bool {
		fresh := false
		for _, f := range c.Faults {
			fresh = fresh || !seen[f.Effect.Name]
			seen[f.Effect.Name] = true
		}
		return !fresh
	})
}

var _ = Describe("Without the effects", func() {
	for _, c := range oneAnEffect(virtually(catalogued())) {
		It("nothing is proved: "+c.ID, inVirtualTime(func() {
			result := perform(c, rig.Options{Client: traveller(), Effects: inert()})
			Expect(result.Status).To(Equal(oracle.Inconclusive), result.Reason)
			Expect(result.Reason).To(ContainSubstring("never fired"))
		}))
	}
})

// inert are effects that do not act.
func inert() map[string]func(fault.Injection) {
	effects := map[string]func(fault.Injection){}
	for name := range fault.Effects() {
		effects[name] = func(fault.Injection) {}
	}
	return effects
}
