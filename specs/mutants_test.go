package specs

import (
	"context"
	"encoding/json"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
	msn "gauntlet/harness/msn/oracle"
	"gauntlet/harness/msn/servers"
	"gauntlet/harness/mutants"
	"gauntlet/harness/mutants/matrix"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/rig"
)

var _ = Describe("The judge, tried on clients that are known", Ordered, heavy, long, Label("mutant"), func() {
	var tried matrix.Matrix

	BeforeAll(func() {
		call := gauntlet("mutants", "--json")
		Expect(json.Unmarshal([]byte(call.stdout), &tried)).To(Succeed(), call.stderr)
	})

	row := func(name string) matrix.Row {
		GinkgoHelper()
		for _, r := range tried.Rows {
			if r.Name == name {
				return r
			}
		}
		Fail("no row of " + name)
		return matrix.Row{}
	}

	for _, m := range mutants.All() {
		It("catches one that "+m.Defect+" by "+string(m.Violates), func() {
			Expect(row(m.Name).Caught).To(BeTrue())
			Expect(row(m.Name).Wrong()).To(BeEmpty(), "what falls with it needs a reason")
		})
	}

	for _, m := range mutants.Odd() {
		It("does not blame one that "+m.Defect, func() {
			Expect(row(m.Name).Wrong()).To(BeEmpty())
			for _, f := range row(m.Name).Failures {
				Expect(f.Level).NotTo(Equal(requirement.Must), f.Reason)
			}
		})
	}

	It("has a client for each must", func() {
		Expect(tried.Uncovered).To(BeEmpty())
	})
})

var _ = Describe("The mutants", Label("mutant"), func() {
	all := append(mutants.All(), mutants.Odd()...)

	It("are at least thirty, with six odd clients", func() {
		Expect(len(mutants.All())).To(BeNumerically(">=", 30))
		Expect(len(mutants.Odd())).To(BeNumerically(">=", 6))
	})

	It("have ten reasons at most for what falls with them", func() {
		reasons := map[mutants.Reason]bool{}
		for _, m := range all {
			for _, c := range m.Also {
				reasons[c.Because] = true
				Expect(c.Breaks).NotTo(BeEmpty(), m.Name)
				Expect(c.Breaks).NotTo(ContainElement(m.Violates), m.Name)
			}
		}
		Expect(len(reasons)).To(BeNumerically("<=", 10))
	})

	It("name requirements and cases that exist", func() {
		for _, m := range all {
			_, err := matrix.Quick(m, catalogued())
			Expect(err).NotTo(HaveOccurred())
			Expect(m.Cases != nil || !m.Hostile && !m.Floods).To(BeTrue(), "%s sees what it names alone", m.Name)
			q, known := requirement.ByID(m.Violates)
			Expect(known).To(Equal(m.Violates != ""), m.Name)
			if m.Correct && q.Level == requirement.Must {
				shown, err := catalogue.Select(catalogued(), m.Cases...)
				Expect(err).NotTo(HaveOccurred())
				Expect(shown).To(HaveEach(HaveField("Level", requirement.Should)), "%s breaks no must: its cases ask less", m.Name)
			}
			for _, c := range m.Also {
				for _, id := range c.Breaks {
					_, known := requirement.ByID(id)
					Expect(known).To(BeTrue(), "%s: %s", m.Name, id)
				}
			}
		}
	})
})

// catching finds a run in which a client is caught by the requirement.
func catching(id requirement.ID) (rig.Run, bool) {
	for _, m := range append(mutants.All(), mutants.Odd()...) {
		if m.Violates != id || m.Hostile {
			continue
		}
		for _, c := range likely(m) {
			run := rig.Perform(context.Background(), c, rig.Options{Speaks: servers.MSN(), Mode: rig.Virtual, Client: m.New, Seed: 1})
			if fails(run, id) {
				return run, true
			}
		}
	}
	return rig.Run{}, false
}

// likely are a client's cases, those that it names first.
func likely(m mutants.Mutant) []catalogue.Case {
	GinkgoHelper()
	all := catalogued()
	var named []catalogue.Case
	if m.Cases != nil {
		named, _ = catalogue.Select(all, m.Cases...) // a spec of its own sees to them
	}
	plan, err := matrix.Quick(m, all)
	Expect(err).NotTo(HaveOccurred())
	return append(named, plan.Cases...)
}

// fails reports whether the run is held against the requirement.
func fails(run rig.Run, id requirement.ID) bool {
	for _, v := range rig.Judge(run, time.Millisecond).Verdicts {
		if v.Requirement == id {
			return v.Status == oracle.Fail
		}
	}
	return false
}

var _ = Describe("An oracle that always passes", Label("mutant"), func() {
	for _, id := range requirement.IDs() {
		It("in the place of that for "+string(id)+" lets a mutant through", inVirtualTime(func() {
			run, caught := catching(id)
			Expect(caught).To(BeTrue(), "nobody is caught by it")
			run.Options.Oracles = msn.Oracles()
			run.Options.Oracles[id] = oracle.Row{Judge: oracle.AlwaysPass}
			Expect(fails(run, id)).To(BeFalse())
		}))
	}
})
