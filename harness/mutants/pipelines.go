package mutants

import (
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/run/adapter"
)

// pipelines does not wait for the answer to a poll, on the one connection that it
// has.
var pipelines = Mutant{
	Name:     "pipelines",
	Defect:   "sends a second poll right behind the first on the same connection",
	Violates: "exchange.one-in-flight",
	Seen:     "the official client 5: does not always keep to one request at a time",
	Also:     []Collateral{{crossed, []requirement.ID{"poll.keeps-going", "poll.not-too-often", "session-id.newest", "gateway-ip.followed", "close.honoured", "close.reopens-once", "command.carried-out", "command.not-lost", "answer.delivered"}}},
	New:      tampered(pollTwice),
}

func pollTwice(adapter.Setup) tamper {
	return tamper{twice: func(request []byte) bool { return query(request).Action == "poll" }}
}
