package profile

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"gauntlet/proxies"
	"gauntlet/proxies/fingerprint"
)

const sound = `name: odd
why: >
  A box that nobody has ever seen anywhere.
box: forward via odd
fingerprint:
  "one POST": "delivered once"
`

func load(name, text string) ([]Profile, error) {
	return Load(fstest.MapFS{"boxes/" + name: {Data: []byte(text)}}, "boxes")
}

func TestAProfileIsRead(t *testing.T) {
	all, err := load("odd.yaml", sound)
	if err != nil {
		t.Fatal(err)
	}
	p, ok := Named(all, "odd")
	if !ok || p.Box.String() != "forward via odd" || p.Why != "A box that nobody has ever seen anywhere." || len(p.Fingerprint) != 1 {
		t.Errorf("%+v", p)
	}
	chain, err := Table(all).ParseChain("profile odd port 80")
	if err != nil || chain[0].Kind != proxies.Forward || chain.String() != "profile odd port 80" {
		t.Errorf("%q %v", chain, err)
	}
	if _, ok := Named(all, "even"); ok {
		t.Error("even")
	}
}

func TestMistakesHavePlaces(t *testing.T) {
	change := func(from, to string) string { return strings.Replace(sound, from, to, 1) }
	for text, want := range map[string]string{
		change("via odd", "vai odd"):                         `boxes/odd.yaml:4:14: box word "vai": no such word for this box; allowed: answers-version, `,
		change("forward via odd", `"forward via"`):           `boxes/odd.yaml:4:18: box word "": not what belongs here; allowed: a name`,
		change("via odd", "port 80"):                         `boxes/odd.yaml:4:6: a profile has no port and no time; a chain gives them`,
		change("box:", "bax:"):                               `boxes/odd.yaml:4:1: unknown key "bax"; allowed: name, why, box, `,
		change("name: odd", "name: even"):                    `boxes/odd.yaml:1:1: the profile "even" is not named as its file`,
		change("name: odd", ""):                              `boxes/odd.yaml:`,
		change("anywhere.", "anywhere"):                      `boxes/odd.yaml:2:`,
		sound + "differs:\n  - trait: none\n":                `no such trait "none"`,
		sound + "differs:\n  - trate: none\n":                `boxes/odd.yaml:8:5: unknown key "trate"; allowed: trait, real, why (did you mean trait?)`,
		sound + "---\nname: more\n":                          `one document to a file`,
		"name: [":                                            `boxes/odd.yaml:1:`,
		change("box: forward via odd", "box: profile squid"): `boxes/odd.yaml:4:14: box word "squid": no such profile`,
	} {
		if _, err := load("odd.yaml", text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\ngives %v, want %s", text, err, want)
		}
	}
	if _, err := Load(fstest.MapFS{}, "boxes"); err == nil {
		t.Error("no error without profiles")
	}
}

func TestAProductIsHeldToItsProfile(t *testing.T) {
	p := Profile{
		Fingerprint: fingerprint.Fingerprint{{Name: "a 1", Value: "x"}, {Name: "a 2", Value: "x"}, {Name: "idle", Value: "closed after 2m0s"}},
		Differs:     []Difference{{Trait: "a *", Real: "y or z"}},
	}
	for values, want := range map[[3]string]int{
		{"x", "x", "kept"}: 2, {"y", "z", "kept"}: 0, {"w", "y", "kept"}: 1, {"z", "z", "closed after 5s"}: 1, {"v", "w", "cut"}: 3,
	} {
		got := fingerprint.Fingerprint{{Name: "a 1", Value: values[0]}, {Name: "a 2", Value: values[1]}, {Name: "idle", Value: values[2]}}
		if d := p.Compare(got, 7*time.Second); len(d) != want {
			t.Errorf("%v: %v", values, d)
		}
	}
}
