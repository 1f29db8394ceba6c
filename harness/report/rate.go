package report

import (
	"fmt"
	"math"
)

// Rate is how many of a number of runs, drawn by chance, passed.
type Rate struct{ Passed, Runs int }

// Interval is the 95 % interval of the true rate, by Wilson's score: it keeps
// its meaning near 0 and 1 and for few runs.
func (r Rate) Interval() (low, high float64) {
	if r.Runs == 0 {
		return 0, 1
	}
	const z = 1.959964 // the normal distribution's 97.5 % point
	n := float64(r.Runs)
	p := float64(r.Passed) / n
	centre := (p + z*z/(2*n)) / (1 + z*z/n)
	half := z / (1 + z*z/n) * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	return max(0, centre-half), min(1, centre+half)
}

// String is the rate with its interval.
func (r Rate) String() string {
	low, high := r.Interval()
	return fmt.Sprintf("%d of %d passed; the rate lies between %.1f %% and %.1f %% (95 %%)", r.Passed, r.Runs, 100*low, 100*high)
}
