package rig

import (
	"bytes"
	"context"
	"slices"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/run/catalogue"
)

// Outcome is a judged run with what it rests on.
type Outcome struct {
	Case    catalogue.Case
	Result  Result
	Events  []history.Event // of a run in this process
	Stored  []byte          // the history as a worker has written it; nil if the worker died with it
	Log     []byte          // what the client's process printed
	Control bool            // a run that others lean on; not one of the catalogue's
}

// History is the history in the form in which it is stored.
func (o Outcome) History() ([]byte, error) {
	if o.Stored != nil {
		return o.Stored, nil
	}
	var out bytes.Buffer
	err := history.Write(&out, o.Meta(), o.Events)
	return out.Bytes(), err
}

// Recorded is what happened, wherever the history is.
func (o Outcome) Recorded() ([]history.Event, error) {
	if o.Events != nil || o.Stored == nil {
		return o.Events, nil
	}
	_, events, err := history.Read(bytes.NewReader(o.Stored))
	return events, err
}

// events are those of the history. One that cannot be read shows nothing.
func (o Outcome) events() []history.Event {
	events, _ := o.Recorded()
	return events
}

// Runner performs cases, in any order, and calls done for each from one
// goroutine at a time. It returns early, with an error, when the context ends.
type Runner func(ctx context.Context, cases []catalogue.Case, done func(Outcome)) error

// Suite runs cases with their controls, each control once.
type Suite struct {
	Run Runner
	// Runs tells whether a case can be run at all; nil: each can. One that cannot
	// needs no controls, and is none.
	Runs func(catalogue.Case) bool
	// Together runs the controls along with the cases, for runs that mostly wait;
	// a case whose control is still out waits for it with its outcome.
	Together bool
	// Spare leaves out the cases of which a control did not pass: whatever they
	// showed would count for nothing.
	Spare bool
	Done  func(Outcome) // hears of each outcome as soon as it is final
}

// Certify runs the controls that the cases need, then the cases. A case that
// is its own control is run once, as the case that it is.
func (s Suite) Certify(ctx context.Context, cases []catalogue.Case) error {
	if s.Together {
		return s.together(ctx, cases)
	}
	controls := map[string]*Result{}
	hopeless := func(c catalogue.Case) bool { return s.Spare && hopeless(controls, c) }
	for _, kind := range []func(catalogue.Case) (catalogue.Case, bool){DirectControl, BoxControl} {
		worth := slices.DeleteFunc(s.runnable(cases), hopeless)
		err := s.Run(ctx, s.runnable(controlsOf(worth, kind)), func(o Outcome) {
			o.Control = true
			controls[o.Case.ID] = &o.Result
			s.Done(o)
		})
		if err != nil {
			return err
		}
	}
	return s.Run(ctx, slices.DeleteFunc(slices.Clone(cases), hopeless), func(o Outcome) {
		s.lean(controls, o)
	})
}

func (s Suite) lean(controls map[string]*Result, o Outcome) {
	o.Result.Lean(lookup(controls, o.Case, DirectControl), lookup(controls, o.Case, BoxControl))
	s.Done(o)
}

// hopeless tells whether a control of the case did not pass.
func hopeless(controls map[string]*Result, c catalogue.Case) bool {
	for _, kind := range []func(catalogue.Case) (catalogue.Case, bool){DirectControl, BoxControl} {
		if control := lookup(controls, c, kind); control != nil && control.Status != oracle.Pass {
			return true
		}
	}
	return false
}

// runnable are the cases that can be run, in a list of the caller's own.
func (s Suite) runnable(cases []catalogue.Case) []catalogue.Case {
	return slices.DeleteFunc(slices.Clone(cases), func(c catalogue.Case) bool { return s.Runs != nil && !s.Runs(c) })
}

func lookup(controls map[string]*Result, c catalogue.Case, kind func(catalogue.Case) (catalogue.Case, bool)) *Result {
	control, needed := kind(c)
	if !needed {
		return nil
	}
	return controls[control.ID]
}

// controlsOf lists the distinct controls of one kind that the cases need.
func controlsOf(cases []catalogue.Case, kind func(catalogue.Case) (catalogue.Case, bool)) []catalogue.Case {
	var controls []catalogue.Case
	for _, c := range cases {
		control, needed := kind(c)
		known := slices.ContainsFunc(controls, func(k catalogue.Case) bool { return k.ID == control.ID })
		if needed && !known {
			controls = append(controls, control)
		}
	}
	return controls
}
