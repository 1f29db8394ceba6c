package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"reflect"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/run/rig"
)

// Plan is what a run is going to do, in plan.json from its beginning: a run that
// was ended in the middle can go on from there.
type Plan struct {
	Client  string   `json:"client"`           // as it was named in the call
	Digest  string   `json:"digest,omitempty"` // of the client's file
	Mode    rig.Mode `json:"mode"`
	Seed    uint64   `json:"seed"`
	Product string   `json:"product,omitempty"`
	File    string   `json:"file,omitempty"` // of cases
	Select  []string `json:"select,omitempty"`
	Skip    []string `json:"skip,omitempty"`
	All     bool     `json:"all,omitempty"`
	Known   string   `json:"known,omitempty"`
	Strict  bool     `json:"strict,omitempty"`
	Cases   []string `json:"cases"` // ids, in order
	Expects Expects  `json:"expects"`
}

// Expects are the failures that were known when a run began: it is judged again
// with these, whatever became of the files since.
type Expects struct {
	Failures KnownFailures `json:"failures"` // of the client, and of the real proxy
	Through  KnownFailures `json:"through"`  // of the real proxy
}

// Mark notes in a result what is known of its failure.
func (e Expects) Mark(r *rig.Result) {
	e.Failures.Mark(r)
	e.Through.MarkThrough(r)
}

// expects are those of the run. One that is older than that they are stored has
// none.
func (p Plan) expects() (e Expects, stored bool) { return p.Expects, p.Expects.Failures != nil }

// planIn is the plan of a run directory, the empty one where there is none: a run
// that somebody attended, or one that is older than plans are.
func planIn(dir string) (Plan, error) {
	p, err := ReadPlan(dir)
	if errors.Is(err, errNoPlan) {
		err = nil
	}
	return p, err
}

// errNoPlan says that nobody has written down what was to be run.
var errNoPlan = errors.New("which says what was to be run")

const planName = "plan.json"

// Begin stores the plan.
func (d RunDir) Begin(p Plan) error { return replaceJSON(filepath.Join(d.Path, planName), p) }

// ReadPlan reads the plan of a run directory.
func ReadPlan(path string) (p Plan, err error) {
	text, err := ReadRegular(filepath.Join(path, planName))
	if errors.Is(err, fs.ErrNotExist) {
		return p, fmt.Errorf("%s has no %s, %w; name a whole run directory of certify", path, planName, errNoPlan)
	}
	if err == nil {
		err = json.Unmarshal(text, &p)
	}
	if err != nil {
		return p, fmt.Errorf("read the plan of %s: %w", path, err)
	}
	return p, nil
}

// Differs says in what now is another plan; empty if in nothing.
func (p Plan) Differs(now Plan) string {
	was, is := reflect.ValueOf(p), reflect.ValueOf(now)
	for i := range was.NumField() {
		if was.Type().Field(i).Name == "Expects" {
			continue // a list may get better meanwhile
		}
		if w, n := was.Field(i).Interface(), is.Field(i).Interface(); !reflect.DeepEqual(w, n) && fmt.Sprint(w) != fmt.Sprint(n) {
			return fmt.Sprintf("its %s was %s and is now %s", was.Type().Field(i).Tag.Get("json"), brief(w), brief(n))
		}
	}
	return ""
}

func brief(v any) string {
	if list, ok := v.([]string); ok {
		return fmt.Sprintf("%d", len(list))
	}
	return fmt.Sprintf("%v", v)
}

// Finished are the outcomes that a run directory holds, by the ids of cases and
// controls; none of their histories is read before it is asked for. What ended Broken
// is not finished.
func Finished(path string) (map[string]rig.Earlier, error) {
	done := map[string]rig.Earlier{}
	for _, kind := range []string{"cases", "controls"} {
		list, err := OpenRunDir(path, kind)
		if err != nil && (kind == "controls" || Unread(err) != nil) {
			return nil, err
		}
		for _, s := range list {
			if s.Result.Status == oracle.Broken {
				continue // that was not the client's doing
			}
			done[s.Result.ID] = func() (rig.Outcome, error) {
				text, err := s.History()
				return rig.Outcome{Result: s.Result, Stored: text}, err
			}
		}
	}
	return done, nil
}
