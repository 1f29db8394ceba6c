package repro

import (
	"maps"
	"strings"
	"testing"
	"testing/fstest"
)

func TestStampsComeBackAsTheyWereWritten(t *testing.T) {
	stamps := Stamps{"b": {"2026-11-29", "v0.0.0-20261129071344-0123456789ab"}, "a": {"2026-11-28", "v1.2.3"}}
	text := stamps.Encode()
	if a, b := strings.Index(string(text), "\na: "), strings.Index(string(text), "\nb: "); a < 0 || b < a {
		t.Errorf("in no order:\n%s", text)
	}
	got, err := LoadStamps(fstest.MapFS{"f": {Data: text}}, "f", []Bug{{Name: "a"}, {Name: "b"}, {Name: "new"}})
	if err != nil || !maps.Equal(got, stamps) {
		t.Errorf("%v, %v", got, err)
	}
	if none, err := LoadStamps(fstest.MapFS{"f": {Data: Stamps{}.Encode()}}, "f", nil); err != nil || len(none) != 0 {
		t.Errorf("%v, %v", none, err)
	}
	if words := got["a"].String() + "; " + got["new"].String(); words != "last reproduced on 2026-11-28 by v1.2.3; not reproduced by CI yet" {
		t.Error(words)
	}
}

func TestAStampIsOfABugAndWhole(t *testing.T) {
	for text, want := range map[string]string{
		"other: {day: 2026-11-29, version: v1}": `no bug is called "other"`,
		"bug: {day: yesterday, version: v1}":    "bug: want a day such as 2026-11-29",
		"bug: {day: 2026-11-29}":                "and a version",
		"bug: {day: 2026-11-29, by: me}":        `unknown key "by"`,
	} {
		if _, err := LoadStamps(fstest.MapFS{"f": {Data: []byte(text)}}, "f", []Bug{{Name: "bug"}}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}
