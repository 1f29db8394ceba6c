package oracle

import (
	"gauntlet/harness/requirement"
)

// Oracle judges one requirement.
type Oracle func(*Evidence) finding

// Registry says which oracle judges which requirement.
type Registry map[requirement.ID]Oracle

// Oracles is the full registry; the caller owns the copy.
func Oracles() Registry {
	return Registry{
		"exchange.one-in-flight":      oneInFlight,
		"session-id.newest":           newestID,
		"connection.session-survives": sessionSurvives,
		"command.carried-out":         carriedOut,
		"command.not-lost":            notLost,
		"command.not-doubled":         notDoubled,
		"command.in-order":            inOrder,
		"answer.delivered":            delivered,
		"poll.keeps-going":            keepsGoing,
		"close.says-out":              saysOut,
	}
}

// AlwaysPass is an oracle that has seen one thing and found it good: specs put
// it in the place of a real one and expect to be told.
func AlwaysPass(*Evidence) finding { return finding{checked: 1} }

// Judge asks every oracle of the registry, in the order of the requirements.
func (r Registry) Judge(e *Evidence) []Verdict {
	var verdicts []Verdict
	for _, q := range requirement.All() {
		if oracle, ok := r[q.ID]; ok {
			f := oracle(e)
			verdicts = append(verdicts, f.verdict(q))
		}
	}
	return verdicts
}
