package html

import (
	"maps"
	"slices"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/run/rig"
)

// How much of a run is shown. A failure is shown whole; of what passed the
// moments around the faults, for nobody looks for more in a thousand of them.
// The histories hold the rest.
const (
	smallReport = 60   // up to so many runs of cases, all are whole
	alike       = 12   // so many failures of a client by the same requirement are whole; the rest resemble them
	longRun     = 4000 // events; of longer ones only the moments that matter are shown
	before      = 25   // events before a moment
	after       = 55   // events after it
	moments     = 3    // at most
)

// planWhole tells which runs are shown whole.
func planWhole(p Page, groups []group) map[*Case]bool {
	total := 0
	for _, r := range p.Runs {
		total += len(r.Cases)
	}
	whole := map[*Case]bool{}
	for n := range p.Runs {
		count := map[string]int{}
		for _, g := range groups {
			if c := g.runs[n]; c != nil {
				why := failing(c.Result)
				count[why]++
				whole[c] = total <= smallReport || (why != "" && count[why] <= alike)
			}
		}
	}
	return whole
}

// failing names the must that a run shows broken; empty if none. What failed in
// a simpler world already is shown here too.
func failing(r rig.Result) string {
	for _, v := range r.Verdicts {
		if v.Status == oracle.Fail && v.Level == requirement.Must {
			return string(v.Requirement)
		}
	}
	if r.Status == oracle.Broken || r.Status == oracle.Fail {
		return r.Status.String()
	}
	return ""
}

// span is a stretch of events, by their places; to is left out.
type span struct{ from, to int }

// stretches says which events of a history are shown.
func stretches(s *history.Stored, r rig.Result, whole bool) []span {
	if whole && s.Len() <= longRun {
		return []span{{0, s.Len()}}
	}
	places := struck(s)
	if failing(r) != "" {
		places = append(places, spokenOf(s, r)...)
	}
	if len(places) == 0 {
		places = []int{0}
	}
	return around(s.Len(), places)
}

// struck are the places of the first faults.
func struck(s *history.Stored) []int {
	var places []int
	for i := s.First(history.Fired, 0); i >= 0 && len(places) < moments; i = s.First(history.Fired, i+after) {
		places = append(places, i)
	}
	return places
}

// spokenOf are the places of the exchanges that failed verdicts speak of, and
// the end.
func spokenOf(s *history.Stored, r rig.Result) []int {
	places := []int{s.Len() - 1}
	for _, n := range slices.Sorted(maps.Keys(blamedBy(r))) {
		if i := s.Exchange(n); i >= 0 && len(places) < moments {
			places = append(places, i)
		}
	}
	return places
}

// around are the stretches around places, put together where they meet.
func around(length int, places []int) []span {
	var list []span
	for _, p := range slices.Sorted(slices.Values(places)) {
		from, to := max(0, p-before), min(p+after, length)
		if n := len(list); n > 0 && from <= list[n-1].to {
			list[n-1].to = max(list[n-1].to, to)
		} else if from < to {
			list = append(list, span{from, to})
		}
	}
	return list
}
