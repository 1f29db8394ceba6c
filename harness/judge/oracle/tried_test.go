package oracle_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	. "gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
)

// wrongTales are all in which a requirement is broken.
func wrongTales() map[string]broken {
	all := map[string]broken{}
	for _, part := range []func() map[string]broken{
		opensThatAreWrong, formsThatAreWrong, requestsThatOverlap, hostsThatAreWrong, pollsThatAreWrong,
		endsThatAreWrong, lossesThatAreWrong, routesThatAreWrong, whatTheUserMisses,
	} {
		maps.Copy(all, part())
	}
	return all
}

func TestFail(t *testing.T) {
	for name, b := range wrongTales() {
		v := verdictOn(b.id, b.tale)
		if v.Status != Fail || v.Checked == 0 || !strings.Contains(v.Reason, b.reason) {
			t.Errorf("%s: %+v", name, v)
		}
	}
}

func TestPass(t *testing.T) {
	for name, c := range rightTales() {
		if v := verdictOn(c.id, c.tale); v.Status != Pass || v.Checked == 0 {
			t.Errorf("%s: %+v", name, v)
		}
	}
}

func TestInconclusive(t *testing.T) {
	for id, open := range openTales() {
		v := verdictOn(id, open)
		if v.Status != Inconclusive || v.Checked != 0 || v.Reason == "" {
			t.Errorf("%s: %+v", id, v)
		}
	}
}

// Each oracle is tried on histories written by hand that it passes, fails and
// cannot conclude on; that its verdict is blocked by a control that failed is
// tried in blocked_test.go, on the same histories.
func TestEachOracleIsTried(t *testing.T) {
	open := openTales()
	for _, id := range requirement.IDs() {
		if _, passed := RightTale(id); !passed {
			t.Errorf("no history passes %s", id)
		}
		if _, failed := WrongTale(id); !failed {
			t.Errorf("no history fails %s", id)
		}
		if open[id] == nil {
			t.Errorf("no history leaves %s open", id)
		}
	}
}

// RightTale is a history that keeps a requirement.
func RightTale(id requirement.ID) (*tale, bool) {
	tales := rightTales()
	for _, name := range slices.Sorted(maps.Keys(tales)) {
		if tales[name].id == id {
			return tales[name].tale, true
		}
	}
	for _, usual := range []*tale{usual(newTale().direct()), usual(newTale().proxied())} {
		if verdictOn(id, usual).Status == Pass { // TestUsual says which have to
			return usual, true
		}
	}
	return nil, false
}

// WrongTale is a history that breaks it.
func WrongTale(id requirement.ID) (*tale, bool) {
	tales := wrongTales()
	for _, name := range slices.Sorted(maps.Keys(tales)) {
		if tales[name].id == id {
			return tales[name].tale, true
		}
	}
	return nil, false
}
