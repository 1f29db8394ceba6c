package oracle

import (
	"slices"

	"gauntlet/harness/run/workload"
)

// notDoubled holds that what the user sent arrived once. A user who types what
// they like may say the same thing twice.
func notDoubled(e *Evidence) (f finding) {
	if slices.ContainsFunc(e.Script, func(s workload.Step) bool { return s.Verb == workload.Free }) {
		f.missing("what was sent twice cannot be told from what was typed twice")
		return f
	}
	arrived := e.relayed(e.User)
	twice := doubled(arrived)
	f.checked = len(arrived)
	if len(twice) > 0 {
		f.fail(e.carrying(twice[0]), "arrived more than once: %s", texts(twice))
	}
	f.missing("no message of the user's arrived")
	return f
}
