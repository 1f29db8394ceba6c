package requirement

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestTable(t *testing.T) {
	seen := map[ID]bool{}
	for _, r := range All() {
		switch {
		case seen[r.ID]:
			t.Errorf("%s stands twice", r.ID)
		case r.ID.Area() == string(r.ID) || r.ID.Area() == "":
			t.Errorf("%s is not area.name", r.ID)
		case !strings.HasSuffix(r.Sentence, ".") || r.Rationale == "" || len(r.Evidence) == 0:
			t.Errorf("%s lacks a sentence, a rationale or its evidence", r.ID)
		}
		seen[r.ID] = true
		if got, ok := ByID(r.ID); !ok || got.Sentence != r.Sentence {
			t.Errorf("%s is not found by its id", r.ID)
		}
	}
	if _, ok := ByID("no.such"); ok {
		t.Error("found what does not exist")
	}
	if ids := IDs(); len(ids) != len(All()) || ids[0] != All()[0].ID {
		t.Error("the ids are not those of the table, in its order")
	}
}

// A sentence, an oracle's bound and what explain tells of it cannot part where the
// number stands beside its origin.
func TestNumbersHaveOrigins(t *testing.T) {
	for _, r := range All() {
		if regexp.MustCompile(`\d (seconds|requests)|once a second`).MatchString(r.Sentence) && len(r.Numbers) == 0 {
			t.Errorf("%s rests on a number without an origin: %s", r.ID, r.Sentence)
		}
		for _, n := range r.Numbers {
			if n.Says == "" || n.Origin == "" || n.Level != Must && n.Level != Should {
				t.Errorf("%s: %+v", r.ID, n)
			}
		}
	}
}

// What All gives belongs to the caller.
func TestAllIsACopy(t *testing.T) {
	list := All()
	list[0].ID = "changed.here"
	if All()[0].ID == "changed.here" {
		t.Error("the table itself was given away")
	}
}

func TestGaps(t *testing.T) {
	all := func(ID) bool { return true }
	if errs := Gaps(places, table, all); len(errs) > 0 {
		t.Errorf("the tables have gaps: %v", errs)
	}
	for _, test := range []struct {
		name   string
		places func([]Place) []Place
		table  func([]Requirement) []Requirement
		proved func(ID) bool
		want   string
	}{
		{name: "a statement without a place", places: func(p []Place) []Place { return p[1:] }, want: "S1 has no place"},
		{name: "a reason where a proof is due", places: func(p []Place) []Place { p[4].Spec, p[4].Reason = "", "too hard"; return p }, want: "S5 is not background"},
		{name: "a must that no case proves", proved: func(id ID) bool { return id != "open.begins" }, want: "open.begins: no case proves it"},
		{name: "a statement that is not there", table: func(r []Requirement) []Requirement { r[0].Statements = []Statement{last + 1}; return r }, want: "there is no statement S62"},
		{name: "one that nothing proves", places: func(p []Place) []Place { p[19].Spec = ""; return p },
			table: func(r []Requirement) []Requirement {
				return slices.DeleteFunc(r, func(q Requirement) bool { return slices.Contains(q.Statements, 20) })
			}, want: "S20 is proved nowhere"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p, r, proved := Places(), All(), test.proved
			if test.places != nil {
				p = test.places(p)
			}
			if test.table != nil {
				r = test.table(r)
			}
			if proved == nil {
				proved = all
			}
			if errs := Gaps(p, r, proved); !slices.ContainsFunc(errs, func(err error) bool { return strings.Contains(err.Error(), test.want) }) {
				t.Errorf("got %v, want %q among them", errs, test.want)
			}
		})
	}
}

func TestStatementRequirements(t *testing.T) {
	for _, r := range Statement(14).Requirements() {
		if !slices.Contains(r.Statements, 14) {
			t.Errorf("%s does not rest on S14", r.ID)
		}
	}
	if len(Statement(14).Requirements()) == 0 || len(Statement(1).Requirements()) != 0 {
		t.Error("S14 asks something of a client, S1 does not")
	}
}
