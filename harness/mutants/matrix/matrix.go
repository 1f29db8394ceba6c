// Package matrix runs the mutants through the cases and says which requirement
// caught which: the proof that the judge can say no, and that it does not say
// it too easily. The command and the specs import it. It owns the goroutines
// that run several clients at a time.
package matrix

import (
	"context"
	"slices"
	"sync"

	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/mutants"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/rig"
)

// Matrix says what became of each client.
type Matrix struct {
	Rows      []Row            `json:"mutants"`
	Uncovered []requirement.ID `json:"uncovered"` // musts that no client breaks and is caught by
}

// Plan is a client and the cases that it is put through.
type Plan struct {
	Mutant mutants.Mutant
	Cases  []catalogue.Case
}

// Run performs the plans, up to limit at a time, and calls done for each row
// from one goroutine at a time. A client's cases lean on their controls, as in
// a certification; those whose control fails are spared.
func Run(ctx context.Context, plans []Plan, limit int, runner func(mutants.Mutant) rig.Runner, done func(Row)) (Matrix, error) {
	rows, errs := make([]Row, len(plans)), make([]error, len(plans))
	slots := make(chan struct{}, limit)
	var wg sync.WaitGroup
	var mu sync.Mutex
	for i, p := range plans {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			rows[i], errs[i] = p.run(ctx, runner(p.Mutant))
			mu.Lock()
			defer mu.Unlock()
			done(rows[i])
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return Matrix{}, err
		}
	}
	return Matrix{Rows: rows, Uncovered: uncovered(rows)}, nil
}

func (p Plan) run(ctx context.Context, runner rig.Runner) (Row, error) {
	var outcomes []rig.Outcome
	suite := rig.Suite{Run: runner, Spare: true, Done: func(o rig.Outcome) {
		if !o.Control {
			outcomes = append(outcomes, o)
		}
	}}
	err := suite.Certify(ctx, p.Cases)
	return read(p.Mutant, outcomes), err
}

// uncovered are the musts that caught none of the clients that break them.
func uncovered(rows []Row) []requirement.ID {
	caught := map[requirement.ID]bool{}
	for _, r := range rows {
		caught[r.Violates] = caught[r.Violates] || r.Caught
	}
	missing := []requirement.ID{}
	for _, q := range requirement.All() {
		if q.Level == requirement.Must && q.Standing == requirement.Agreed && !caught[q.ID] {
			missing = append(missing, q.ID)
		}
	}
	return missing
}

// Sound reports whether every client got the verdict that it deserves.
func (m Matrix) Sound() bool {
	for _, r := range m.Rows {
		if r.Wrong() != "" {
			return false
		}
	}
	return len(m.Uncovered) == 0
}

// Broken reports whether there were cases that we could not perform.
func (m Matrix) Broken() bool {
	return slices.ContainsFunc(m.Rows, func(r Row) bool { return len(r.Broken) > 0 })
}
