package wire

import "gauntlet/proxies/fault"

// Rearm puts other faults in place of those that the Tap has; for a change of
// some see fault.Schedule.With and Without. What has struck an exchange already
// runs on, and so do idle timers that are running. The Tap must have been made
// with Options.Standing.
func (t *Tap) Rearm(s *fault.Schedule) {
	t.faults.Store(s.Standing(t.options.Hop))
}

// hop is the part of the schedule that is in force; nil if nothing can strike,
// now or later.
func (t *Tap) hop() *fault.Hop { return t.faults.Load() }
