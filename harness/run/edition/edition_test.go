package edition

import (
	"bytes"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/msn/servers"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/rig"
	"gauntlet/harness/run/workload"
	"gauntlet/proxies"
	"gauntlet/proxies/fault"
)

// plain is a case without a box or a fault.
func plain(id string) catalogue.Case {
	return catalogue.Case{
		ID: id, Dialect: catalogue.DefaultDialect, Proves: []requirement.ID{"command.carried-out"},
		Workload: workload.Script{{Verb: workload.SignIn}, {Verb: workload.SignOut}},
	}
}

func with(c catalogue.Case, change func(*catalogue.Case)) catalogue.Case {
	change(&c)
	return c
}

func effect(name string) func(*catalogue.Case) {
	return func(c *catalogue.Case) { c.Faults = []fault.Fault{{Effect: fault.Effect{Name: name}}} }
}

func TestLevelOf(t *testing.T) {
	forward := proxies.Spec{Kind: proxies.Forward, Port: 8080}
	for _, test := range []struct {
		name string
		c    catalogue.Case
		want string
	}{
		{"nothing in the way", plain("a"), Core},
		{"a proxy", with(plain("a"), func(c *catalogue.Case) { c.Chain = proxies.Chain{forward} }), Proxy},
		{"an interceptor", with(plain("a"), func(c *catalogue.Case) { c.Chain = proxies.Chain{{Kind: proxies.Intercept}} }), Intercepted},
		{"a proxy that is replaced", with(plain("a"), func(c *catalogue.Case) {
			then := forward
			c.Chain = proxies.Chain{{Kind: proxies.Forward, Port: 8080, Then: &then}}
		}), Resilient},
		{"a cut", with(plain("a"), effect("reset")), Resilient},
		{"a message that is changed", with(plain("a"), effect("gzip")), Hostile},
		{"a portal", with(plain("a"), func(c *catalogue.Case) { c.Chain = proxies.Chain{{Kind: proxies.Portal}} }), Hostile},
		{"another gateway", with(plain("a"), func(c *catalogue.Case) { c.Dialect = "strict" }), Hostile},
		{"a gateway with an option", with(plain("a"), func(c *catalogue.Case) { c.Knobs = []catalogue.Knob{{Name: "ids", Value: "x"}} }), Hostile},
		{"what only should", with(plain("a"), func(c *catalogue.Case) { c.Level = requirement.Should }), ""},
	} {
		if got := levelOf(test.c); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

func TestCaseDigest(t *testing.T) {
	digest := func(c catalogue.Case) string {
		text, err := caseDigest(c)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	base := digest(plain("a"))
	same := with(plain("a"), func(c *catalogue.Case) { c.Title, c.Why, c.File, c.Line = "t", "w", "f", 7 })
	if digest(same) != base {
		t.Error("what a case is called counts")
	}
	for name, change := range map[string]func(*catalogue.Case){
		"workload": func(c *catalogue.Case) { c.Workload = c.Workload[:1] },
		"proves":   func(c *catalogue.Case) { c.Proves = nil },
		"fault":    effect("reset"),
		"contact":  func(c *catalogue.Case) { c.Contact = proxies.Chain{{Kind: proxies.Forward, Port: 80}} },
		"clients":  func(c *catalogue.Case) { c.Clients = 7 },
	} {
		if digest(with(plain("a"), change)) == base {
			t.Errorf("%s does not count", name)
		}
	}
}

func TestStandings(t *testing.T) {
	e, err := Freeze(servers.MSN(), "2030.1", []catalogue.Case{plain("a"), plain("b")})
	if err != nil {
		t.Fatal(err)
	}
	other := with(plain("b"), func(c *catalogue.Case) { c.Workload = c.Workload[:1] })
	for _, test := range []struct {
		name  string
		ended []Ended
		want  string
	}{
		{"all passed", []Ended{{plain("a"), oracle.Pass}, {plain("b"), oracle.Pass}}, "Core: met, 2 of 2"},
		{"one failed", []Ended{{plain("a"), oracle.Pass}, {plain("b"), oracle.Fail}}, "Core: not met, 1 of 2"},
		{"one failed and one was not run", []Ended{{plain("a"), oracle.Fail}}, "Core: not met, 1 failed of 1 that were run, of 2"},
		{"one was inconclusive and one was not run", []Ended{{plain("a"), oracle.Inconclusive}}, "Core: not judged as a whole, 0 of 2 passed and 1 were not run"},
		{"one was not run", []Ended{{plain("a"), oracle.Pass}}, "Core: not judged as a whole, 1 of 2 passed and 1 were not run"},
		{"one did not apply", []Ended{{plain("a"), oracle.Pass}, {plain("b"), oracle.NotApplicable}}, "Core: not judged as a whole, 1 of 2 passed and 1 were not run"},
		{"one was another case", []Ended{{plain("a"), oracle.Pass}, {other, oracle.Pass}}, "Core: not judged as a whole, 1 of 2 passed and 1 were not run"},
		{"none", nil, "Core: not run"},
	} {
		list, err := e.Standings(test.ended)
		if err != nil || list[0].String() != test.want {
			t.Errorf("%s: %v %v, want %s", test.name, list, err, test.want)
		}
	}
}

// chatted is a case that is put otherwise to a client that only connects.
func chatted(id string) catalogue.Case {
	c := plain(id)
	c.Workload = workload.Script{{Verb: workload.SignIn}, {Verb: workload.OpenChat}, {Verb: workload.Send, Count: 1}, {Verb: workload.SignOut}}
	return c
}

func TestLevelsOfABlackBox(t *testing.T) {
	long, silent, crowd := plain("long"), plain("silent"), plain("crowd")
	long.Workload = append(workload.Script{{Verb: workload.Stay, For: time.Hour}}, long.Workload...)
	silent.Proves = []requirement.ID{"command.in-order"} // of what the user says
	crowd.Clients = 7
	e, err := Freeze(servers.MSN(), "2030.1", []catalogue.Case{chatted("a"), chatted("b"), long, silent, crowd})
	if err != nil {
		t.Fatal(err)
	}
	put := func(c catalogue.Case) catalogue.Case {
		c, _ = rig.Suited(c, rig.Options{Speaks: servers.MSN(), ClientKind: adapter.BlackBox})
		return c
	}
	for _, test := range []struct {
		name      string
		ended     []Ended
		core, own string
	}{
		{"of a black box", []Ended{{put(chatted("a")), oracle.Pass}, {put(chatted("b")), oracle.Pass}}, "Core: not run", "Core, black box: met, 2 of 2"},
		{"one failed", []Ended{{put(chatted("a")), oracle.Fail}}, "Core: not run", "Core, black box: not met, 1 failed of 1 that were run, of 2"},
		{"of another client", []Ended{{chatted("a"), oracle.Pass}}, "Core: not judged as a whole, 1 of 4 passed and 3 were not run", "Core, black box: not run"},
	} {
		list, err := e.Standings(test.ended)
		if err != nil || list[0].String() != test.core || list[5].String() != test.own || list[5].For != adapter.BlackBox {
			t.Errorf("%s: %v %v, want %s; %s", test.name, list, err, test.core, test.own)
		}
	}
	for kind, want := range map[adapter.Kind]string{adapter.InProcess: "Core", adapter.Driven: "Core", adapter.BlackBox: "Core, black box"} {
		if l, _ := e.Level("core", kind); l.Name != want {
			t.Errorf("%q is asked for %s, want %s", kind, l.Name, want)
		}
	}
}

func TestWriteAndLoad(t *testing.T) {
	e, err := Freeze(servers.MSN(), "2030.1", []catalogue.Case{plain("a")})
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if err := e.Write(&text); err != nil {
		t.Fatal(err)
	}
	later := strings.ReplaceAll(text.String(), "2030.1", "2030.10")
	for _, test := range []struct{ name, file, text, want string }{
		{"as it was written", "2030.1.yaml", text.String(), ""},
		{"under another name", "2030.2.yaml", text.String(), "the file of an edition has its name"},
		{"edited", "2030.1.yaml", strings.Replace(text.String(), ": must", ": should", 1), "changed after it was frozen"},
		{"with another name inside", "2030.10.yaml", later, "changed after it was frozen"},
		{"no YAML", "2030.1.yaml", "edition: [", "loading editions: e/2030.1.yaml"},
	} {
		list, err := Load(fstest.MapFS{"e/" + test.file: {Data: []byte(test.text)}}, "e")
		switch {
		case test.want == "" && (err != nil || !slices.Equal(Newest(list).Digests("a"), e.Digests("a")) || len(e.Digests("a")) != 2):
			t.Errorf("%s: %v %v", test.name, list, err)
		case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
			t.Errorf("%s: %v, want %q", test.name, err, test.want)
		}
	}
}

func TestAsWritten(t *testing.T) {
	e, err := Freeze(servers.MSN(), "2030.1", []catalogue.Case{chatted("a"), plain("b"), with(plain("c"), effect("gzip"))})
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if err := e.Write(&text); err != nil {
		t.Fatal(err)
	}
	if got, is := asWritten(text.Bytes()); !is || !reflect.DeepEqual(got, e) {
		t.Errorf("%v: %+v, want %+v", is, got, e)
	}
	for name, other := range map[string]string{
		"nothing":           "",
		"one key more":      text.String() + "more: 1\n",
		"a comment more":    text.String() + "# more\n",
		"no end of a line":  strings.TrimSuffix(text.String(), "\n"),
		"other quotes":      strings.ReplaceAll(text.String(), `"`, "'"),
		"a level in levels": strings.ReplaceAll(text.String(), "  cases:", "    cases:"),
	} {
		if got, is := asWritten([]byte(other)); is {
			t.Errorf("%s is taken for what was written: %+v", name, got)
		}
	}
}

func TestTheNewestIsReadAlone(t *testing.T) {
	frozen := func(name string) []byte {
		e, err := Freeze(servers.MSN(), name, []catalogue.Case{plain("a")})
		var text bytes.Buffer
		if err := errors.Join(err, e.Write(&text)); err != nil {
			t.Fatal(err)
		}
		return text.Bytes()
	}
	files := fstest.MapFS{
		"e/2030.9.yaml": {Data: frozen("2030.9")}, "e/2030.10.yaml": {Data: frozen("2030.10")}, "e/2029.99.yaml": {Data: frozen("2029.99")},
	}
	list, err := Load(files, "e")
	if err != nil || len(list) != 3 || list[0].Name != "2029.99" || list[1].Name != "2030.9" {
		t.Fatalf("%v in a wrong order: %v", list, err)
	}
	files["e/2030.9.yaml"] = &fstest.MapFile{Data: []byte("edited: [")}
	if e, err := LoadNewest(files, "e"); err != nil || e.Name != "2030.10" {
		t.Errorf("the newest is %q: %v", e.Name, err)
	}
	if _, err := LoadNewest(files, "nowhere"); err == nil {
		t.Error("there is a newest of none")
	}
}

func TestNamesAndOrder(t *testing.T) {
	for _, name := range []string{"2030", "2030.0", "x.1", "2030.01"} {
		if _, err := Freeze(servers.MSN(), name, nil); err == nil {
			t.Errorf("%q is taken for a name", name)
		}
	}
	if compare("2030.10", "2030.9") <= 0 || compare("2029.99", "2030.1") >= 0 {
		t.Error("names are in the order of years, then of numbers")
	}
}

func TestChanges(t *testing.T) {
	e, err := Freeze(servers.MSN(), "2030.1", []catalogue.Case{plain("a"), plain("b")})
	if err != nil {
		t.Fatal(err)
	}
	changed := with(plain("a"), func(c *catalogue.Case) { c.Workload = c.Workload[:1] })
	lines, err := e.Changes(servers.MSN(), []catalogue.Case{changed, plain("new")})
	if err != nil || strings.Join(lines, "\n") != "Core: case a is another one\nCore: case b is gone\nCore, black box: case a is another one\nCore, black box: case b is gone" {
		t.Errorf("%q %v", lines, err)
	}
	for id := range e.Requirements {
		e.Requirements[id] = "odd"
		break
	}
	if lines, _ = e.Changes(servers.MSN(), []catalogue.Case{plain("a"), plain("b")}); len(lines) != 1 || !strings.Contains(lines[0], `was "odd"`) {
		t.Errorf("%q", lines)
	}
}
