package specs

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/judge/trace"
	"gauntlet/harness/msn/builtin"
	"gauntlet/harness/msn/reading"
	"gauntlet/harness/msn/servers"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/rig"
	"gauntlet/harness/run/workload"
	"gauntlet/proxies"
	"gauntlet/proxies/fault"
)

// journey is a case in the words of a spec. Unset, it is a documented gateway,
// reached directly, undisturbed, by the built-in client that chats.
type journey struct {
	through string // the chain of boxes
	fault   string
	to      string // the gateway's dialect
	doing   []string
	by      adapter.Factory
	proving []requirement.ID
}

// traveller is the built-in client.
func traveller() adapter.Factory { return builtin.New() }

// asCase puts the journey's words into a case.
func (j journey) asCase() catalogue.Case {
	GinkgoHelper()
	c := catalogue.Case{
		ID: "journey", Dialect: catalogue.DefaultDialect, Think: catalogue.DefaultThink,
		Proves: j.proving,
	}
	var err error
	if j.to != "" {
		c.Dialect = j.to
	}
	if j.through != "" {
		c.Chain, err = proxies.Profiles(nil).ParseChain(j.through)
		Expect(err).NotTo(HaveOccurred())
	}
	if j.fault != "" {
		f, err := fault.Parse(j.fault, servers.Vocabulary(nil).Faults)
		Expect(err).NotTo(HaveOccurred())
		c.Faults = []fault.Fault{f}
	}
	c.Workload, _ = workload.Named("chat")
	if j.doing != nil {
		c.Workload, err = workload.Parse(j.doing)
		Expect(err).NotTo(HaveOccurred())
	}
	return c
}

// travelled is a journey that was made: its run, traced and judged.
type travelled struct {
	rig.Run
	*trace.Trace
	result rig.Result
}

// travel makes the journey. It must be called in virtual time.
func (j journey) travel() travelled {
	GinkgoHelper()
	if j.by == nil {
		j.by = traveller()
	}
	run := rig.Perform(context.Background(), j.asCase(), rig.Options{Speaks: servers.MSN(), Mode: rig.Virtual, Client: j.by, Seed: 1})
	Expect(run.Broken).NotTo(HaveOccurred())
	facts := trace.Facts{Reader: reading.MSN{}, User: rig.UserEmail, Contact: rig.ContactEmail, Script: run.Case.Workload}
	return travelled{Run: run, Trace: trace.New(run.Events, facts), result: rig.Judge(run, time.Second)}
}

// verdict is what was found on one requirement.
func (t travelled) verdict(id requirement.ID) oracle.Verdict {
	GinkgoHelper()
	for _, v := range t.result.Verdicts {
		if v.Requirement == id {
			return v
		}
	}
	Fail("nothing judges " + string(id))
	return oracle.Verdict{}
}

// session is the gateway's only session of that kind.
func (t travelled) session(server string) *trace.Session {
	GinkgoHelper()
	var found []*trace.Session
	for _, s := range t.Sessions {
		if s.Server == server {
			found = append(found, s)
		}
	}
	Expect(found).To(HaveLen(1), "sessions of kind %s at the gateway", server)
	return found[0]
}

// carried are the SessionIDs of the session's requests, in order; an open
// carries none.
func carried(s *trace.Session) []string {
	var list []string
	for _, r := range s.Requests {
		if !r.IsOpen() {
			list = append(list, r.Asked.Token)
		}
	}
	return list
}
