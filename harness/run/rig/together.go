package rig

import (
	"context"
	"slices"

	"gauntlet/harness/run/catalogue"
)

// together runs controls and cases in one go, the controls first: by the time
// that a case ends, what it leans on mostly has.
func (s Suite) together(ctx context.Context, cases []catalogue.Case) error {
	var all []catalogue.Case
	for _, kind := range []func(catalogue.Case) (catalogue.Case, bool){DirectControl, BoxControl} {
		all = append(all, s.runnable(controlsOf(s.runnable(cases), kind))...)
	}
	out := map[string]bool{} // controls that have not ended
	for _, c := range all {
		out[c.ID] = true
	}
	controls := map[string]*Result{}
	var waiting []Outcome
	return s.Run(ctx, append(all, cases...), func(o Outcome) {
		if out[o.Case.ID] {
			o.Control = true
			controls[o.Case.ID] = &o.Result
			delete(out, o.Case.ID)
			s.Done(o)
		} else {
			waiting = append(waiting, o)
		}
		waiting = slices.DeleteFunc(waiting, func(o Outcome) bool {
			if leansOn(out, o.Case) {
				return false
			}
			s.lean(controls, o)
			return true
		})
	})
}

// leansOn tells whether a control of the case is among those.
func leansOn(controls map[string]bool, c catalogue.Case) bool {
	direct, needed := DirectControl(c)
	if needed && controls[direct.ID] {
		return true
	}
	box, needed := BoxControl(c)
	return needed && controls[box.ID]
}
