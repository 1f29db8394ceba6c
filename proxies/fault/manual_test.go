package fault

import (
	"strings"
	"testing"
)

// Each example is a line, and each part of the grammar that an error offers has
// its entry.
func TestManual(t *testing.T) {
	var forms []string
	for _, e := range Manual() {
		f, err := Parse(e.Example, vocabulary())
		if err != nil || f.String() != strings.TrimSuffix(e.Example, ", once") {
			t.Errorf("%s: %v, printed %s", e.Word, err, f)
		}
		forms = append(forms, e.Form)
	}
	all := strings.Join(forms, "|")
	for _, form := range oftenForms() {
		if !strings.Contains(all, form) {
			t.Errorf("%s has no entry", form)
		}
	}
	for p := AtHead; p <= AtIdle; p++ {
		if !strings.Contains(all, p.form()) {
			t.Errorf("%s has no entry", p)
		}
	}
}
