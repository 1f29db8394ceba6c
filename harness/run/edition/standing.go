package edition

import (
	"fmt"
	"maps"
	"slices"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/protocol"
	"gauntlet/harness/run/rig"
)

// Standing is how a client stands with a level.
type Standing struct {
	Level  string `json:"level"`
	Met    bool   `json:"met"`
	Of     int    `json:"of"`     // cases of the level
	Run    int    `json:"run"`    // of these, as they were frozen, in any way that says something
	Passed int    `json:"passed"` // of these
	Failed int    `json:"failed"` // of these; one is enough for the level not to be met

	For adapter.Kind `json:"for,omitempty"` // the kind of client that it is for; empty: one that can be asked for everything
}

// String is a few words.
func (s Standing) String() string {
	switch {
	case s.Met:
		return fmt.Sprintf("%s: met, %d of %d", s.Level, s.Passed, s.Of)
	case s.Run == 0:
		return fmt.Sprintf("%s: not run", s.Level)
	case s.Failed > 0 && s.Run < s.Of:
		return fmt.Sprintf("%s: not met, %d failed of %d that were run, of %d", s.Level, s.Failed, s.Run, s.Of)
	case s.Run < s.Of:
		return fmt.Sprintf("%s: not judged as a whole, %d of %d passed and %d were not run", s.Level, s.Passed, s.Of, s.Of-s.Run)
	}
	return fmt.Sprintf("%s: not met, %d of %d", s.Level, s.Passed, s.Of)
}

// Ended is how a case ended, and which case it was.
type Ended struct {
	Case   catalogue.Case
	Status oracle.Status
}

// frozen is a case as it was frozen.
type frozen struct{ id, digest string }

// Standings says which levels are met. A case counts only if it is the one that
// was frozen, and what did not apply was not run.
func (e Edition) Standings(ended []Ended) ([]Standing, error) {
	status := map[frozen]oracle.Status{}
	for _, one := range ended {
		digest, err := caseDigest(one.Case)
		if err != nil {
			return nil, err
		}
		if one.Status != oracle.NotApplicable {
			status[frozen{one.Case.ID, digest}] = one.Status
		}
	}
	list := make([]Standing, len(e.Levels))
	for i, l := range e.Levels {
		list[i] = l.standing(status)
	}
	return list, nil
}

func (l Level) standing(status map[frozen]oracle.Status) Standing {
	s := Standing{Level: l.Name, Of: len(l.Cases), For: l.For}
	for id, digest := range l.Cases {
		ended, run := status[frozen{id, digest}]
		if run {
			s.Run++
		}
		switch {
		case run && ended == oracle.Pass:
			s.Passed++
		case run && ended == oracle.Fail:
			s.Failed++
		}
	}
	s.Met = s.Of > 0 && s.Passed == s.Of
	return s
}

// Changes says in what the catalogue is no longer that of the edition, a line
// each. Cases that are new are no change.
func (e Edition) Changes(speaks protocol.Protocol, cases []catalogue.Case) ([]string, error) {
	var lines []string
	for _, l := range e.Levels {
		now, err := digests(speaks, cases, l.For)
		if err != nil {
			return nil, err
		}
		for _, id := range slices.Sorted(maps.Keys(l.Cases)) {
			switch digest, there := now[id]; {
			case !there:
				lines = append(lines, fmt.Sprintf("%s: case %s is gone", l.Name, id))
			case digest != l.Cases[id]:
				lines = append(lines, fmt.Sprintf("%s: case %s is another one", l.Name, id))
			}
		}
	}
	return append(lines, e.changedRequirements()...), nil
}

// digests are those of all cases as they are put to a kind of client.
func digests(speaks protocol.Protocol, cases []catalogue.Case, kind adapter.Kind) (map[string]string, error) {
	list := map[string]string{}
	for _, c := range cases {
		suited, _ := rig.Suited(c, rig.Options{Speaks: speaks, ClientKind: kind})
		digest, err := caseDigest(suited)
		if err != nil {
			return nil, err
		}
		list[c.ID] = digest
	}
	return list, nil
}

func (e Edition) changedRequirements() []string {
	var lines []string
	for _, id := range slices.Sorted(maps.Keys(e.Requirements)) {
		if q, _ := requirement.ByID(id); q.Level != e.Requirements[id] {
			lines = append(lines, fmt.Sprintf("requirement %s was %q and is %q", id, e.Requirements[id], q.Level))
		}
	}
	return lines
}
