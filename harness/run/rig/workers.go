package rig

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/virtual"
)

// job is what a worker process is told.
type job struct {
	Case   json.RawMessage `json:"case"`
	Client string          `json:"client"`
	Seed   uint64          `json:"seed"`
}

// reply is what it answers, with the history in the form in which it is stored.
type reply struct {
	Result Result `json:"result"`
	Error  string `json:"error,omitempty"`
}

// InWorkers is a Runner that performs cases in the workers of a pool. The
// workers find the client by its name; what else they need of the options, they
// are told by their arguments.
func InWorkers(p virtual.Pool, o Options) Runner {
	return func(ctx context.Context, cases []catalogue.Case, done func(Outcome)) error {
		jobs := make([]virtual.Job, len(cases))
		for i, c := range cases {
			text, err := catalogue.Encode(c)
			if err != nil {
				return fmt.Errorf("case %s: %w", c.ID, err)
			}
			jobs[i].Work = budgetOf(c).work
			if jobs[i].Text, err = json.Marshal(job{Case: text, Client: o.ClientName, Seed: o.Seed}); err != nil {
				return fmt.Errorf("case %s: %w", c.ID, err)
			}
		}
		return p.Run(ctx, jobs, func(i int, a virtual.Answer) { done(readAnswer(cases[i], o, a)) })
	}
}

// Work is the worker's side: it performs one job with the options given, in the
// bubble in which it is called if the mode is Virtual.
func Work(o Options, factory func(client string) (adapter.Factory, error), v catalogue.Vocabulary) func(json.RawMessage) virtual.Reply {
	return func(text json.RawMessage) virtual.Reply {
		r, stored, err := work(o, text, factory, v)
		if err != nil {
			r.Error = err.Error()
		}
		out, err := json.Marshal(r)
		if err != nil {
			out, _ = json.Marshal(reply{Error: err.Error()}) // which has texts only
		}
		return virtual.Reply{Text: out, Blob: stored}
	}
}

func work(o Options, text json.RawMessage, factory func(string) (adapter.Factory, error), v catalogue.Vocabulary) (r reply, stored []byte, err error) {
	var j job
	if err := json.Unmarshal(text, &j); err != nil {
		return r, nil, err
	}
	c, err := catalogue.Decode(j.Case, v)
	if err != nil {
		return r, nil, err
	}
	if o.Client, err = factory(j.Client); err != nil {
		return r, nil, err
	}
	o.ClientName, o.Seed = j.Client, j.Seed
	out := One(context.Background(), c, o)
	r.Result = out.Result
	stored, err = out.History()
	return r, stored, err
}

// Meta is what a stored history says of its run.
func (o Outcome) Meta() history.Meta {
	definition, err := catalogue.Encode(o.Case)
	if err != nil {
		definition = nil // then it cannot be judged again, which is said when somebody tries
	}
	return history.Meta{
		Definition: definition,
		Case:       o.Case.ID, Mode: string(o.Result.Mode), Client: o.Result.Client, Harness: Version(), Seed: o.Result.Seed,
	}
}

// readAnswer turns what came from a worker into an outcome. A worker that died
// or hung over a case is the client's failure if its own code stands on the
// stack, else ours.
func readAnswer(c catalogue.Case, o Options, a virtual.Answer) Outcome {
	out := Outcome{Case: c, Result: newResult(Run{Case: c, Options: o}, a.Took)}
	var r reply
	switch {
	case a.Hung > 0:
		out.fail(fmt.Sprintf("a worker said nothing for %s: the client kept a processor busy, or waited outside of the network, without end", a.Hung), where(a.Died), a.Died)
	case a.Died != "":
		out.fail("the process died", lastWord(a.Died), a.Died)
	case len(a.Reply.Text) == 0 && a.Leak != "":
		out.fail("the run could not end", lastWord(a.Leak), a.Leak)
	default:
		err := json.Unmarshal(a.Reply.Text, &r)
		if err != nil || r.Error != "" {
			out.Result.Status, out.Result.Reason = oracle.Broken, "worker: "+cmp.Or(r.Error, fmt.Sprintf("its reply of %d bytes cannot be read: %v", len(a.Reply.Text), err))
			return out
		}
		out.Result = r.Result
		out.Result.Wall = a.Took.Milliseconds()
		out.Stored = a.Reply.Blob
		if a.Leak != "" {
			out.leak(where(a.Leak), a.Leak)
		}
	}
	return out
}
