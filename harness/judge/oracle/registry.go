package oracle

import (
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/judge/trace"
)

// Oracle judges one requirement.
type Oracle func(*trace.Trace) Assessment

// Registry says which oracle judges which requirement.
type Registry map[requirement.ID]Oracle

// General are the oracles that judge a client of any polling protocol; the caller
// owns the copy. A protocol adds its own.
func General() Registry {
	return Registry{
		"exchange.one-in-flight":      oneInFlight,
		"poll.keeps-going":            keepsGoing,
		"poll.not-too-often":          pollNotTooOften,
		"poll.pace":                   pollPace,
		"session-id.newest":           newestID,
		"close.says-out":              takesLeave,
		"close.honoured":              closeHonoured,
		"close.reopens-once":          reopensOnce,
		"close.reopening-bounded":     reopeningBounded,
		"close.stays-away":            staysAway,
		"connection.session-survives": sessionSurvives,
		"connection.kept":             connectionKept,
		"connection.backs-off":        backsOff,
		"connection.recovers":         recovers,
		"route.proxy-port":            proxyPort,
		"route.switch":                proxySwitch,
		"route.no-direct-attempt":     noDirectAttempt,
		"route.no-socks":              noSOCKS,
		"route.credentials":           givesCredentials,
		"route.intercepted":           intercepted,
		"route.without-proxy":         withoutProxy,
		"command.carried-out":         carriedOut,
		"command.at-once":             atOnce,
		"command.not-lost":            notLost,
		"command.not-doubled":         notDoubled,
		"command.in-order":            inOrder,
		"command.one-per-request":     onePerRequest,
		"answer.delivered":            delivered,
		"client.leaves-nothing":       leavesNothing,
	}
}

// AlwaysPass is an oracle that has seen one thing and found it good: specs put
// it in the place of a real one and expect to be told.
func AlwaysPass(*trace.Trace) Assessment { return Assessment{checked: 1} }

// Judge asks every oracle of the registry, in the order of the requirements.
func (r Registry) Judge(t *trace.Trace) []Verdict {
	var verdicts []Verdict
	for _, q := range requirement.All() {
		if oracle, ok := r[q.ID]; ok {
			if f := oracle(t); !f.moot {
				verdicts = append(verdicts, f.Verdict(q))
			}
		}
	}
	return verdicts
}
