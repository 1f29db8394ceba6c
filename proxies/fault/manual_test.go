package fault

import (
	"maps"
	"slices"
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

// How an effect is written is said once; what its example says can be read where the effect
// means something, and nowhere else.
func TestFormsOfEffects(t *testing.T) {
	for name, kind := range Effects() {
		example := kind.Example(name)
		for p := AtHead; p <= AtIdle; p++ {
			line := "hop 0: on poll 1, " + strings.NewReplacer("byte N", "byte 9", "field NAME", "field X", "idle D", "idle 1s").Replace(p.form()) + ": " + example
			f, err := Parse(line, vocabulary())
			if (err == nil) != kind.MeansSomethingAt(p) || err == nil && f.String() != line {
				t.Errorf("%s: %v, printed %s", line, err, f)
			}
			if slices.Contains(kind.Places(), p.String()) != kind.MeansSomethingAt(p) {
				t.Errorf("%s means something at %v", name, kind.Places())
			}
		}
	}
	for form, want := range map[string][2]string{
		"delay D [jitter D] [to client|box]":      {"delay 1s jitter 1s to client", "at accept, head, request byte, forward, answer, status line, field, response byte, end, idle, moment"},
		"status N [with FIELD]...":                {`status 400 with "X-Note: a, b"`, "at head, forward, answer; over HTTP/2 at head, forward, answer"},
		"length differs +N [as list]":             {"length differs +5 as list", "at answer"},
		"drop header NAME":                        {"drop header Date", "at forward, answer; over HTTP/2 at forward, answer"},
		"add header NAME TEXT":                    {"add header Date other.example", "at forward, answer; over HTTP/2 at forward, answer"},
		"redirect [301|302|303|307|308] [to URL]": {"redirect 301 to https://other.example/login", "at head, forward, answer; over HTTP/2 at head, forward, answer"},
		"lead to ADDRESS":                         {"lead to 10.9.0.81", "at lookup"},
		"large head N":                            {"large head 5", "at forward, answer"},
	} {
		name := form
		for name != "" && registry[name].Doc == "" {
			name = strings.TrimSpace(name[:strings.LastIndex(name, " ")+1])
		}
		kind := registry[name]
		if kind.Form(name) != form || kind.Example(name) != want[0] || kind.Where() != want[1] {
			t.Errorf("%s: %s, %s, %s", name, kind.Form(name), kind.Example(name), kind.Where())
		}
	}
}

// Where an effect means something and what it takes is what lines that are kept say: neither
// changes by accident.
func TestWhereEffectsStandAndWhatTheyTake(t *testing.T) {
	const anywhere = "head, request byte, forward, answer, status line, field, response byte, end, idle, moment"
	got := map[string][]string{}
	for name, kind := range Effects() {
		where := strings.Join(kind.Places(), ", ")
		got[where] = append(got[where], kind.Form(name))
	}
	want := map[string]string{
		"accept": "drop, refuse", "accept, head, forward, answer, status line, field, response byte, end, idle, moment": "blackhole",
		"accept, " + anywhere:        "bandwidth N [to client|box], close, close later D, cut client|box, delay D [jitter D] [to client|box], delay end D [to client|box], dribble N bytes every D [vary N] [to client|box], half-close [to client|box], limit N bytes [then close|reset] [to client|box], reset [client|box], reset later D, stall [for D], swallow [for D] [to client|box]",
		"answer":                     "answer twice, chunked [with wrong-size|no-end|extension|trailer], coalesce D, continue, crossed answer, gzip, hold D, http1.0, interim 102|103 [with FIELD]..., length differs +N [as list], length listed, length missing, length twice, length wrong +N, stale answer, surplus N, truncate N",
		"answer, end, idle":          "client moves",
		"end, idle":                  "reject flow",
		"forward":                    "cached, drop body [in chunks], repeat, repeat after drop",
		"forward, answer":            "add header NAME TEXT, corrupt head|body [byte N], drop header NAME, duplicate header NAME, fold header NAME, large head N, lower-case headers, recase header NAME, reorder headers",
		"forward, answer, end, idle": "forget flow, kill flow, lose flow to client|box [for D]",
		"head, forward, answer":      "portal, redirect [301|302|303|307|308] [to URL], status N [with FIELD]...",
		"lookup":                     "ipv6 first dead, ipv6 first refused, late D, lead to ADDRESS, no such name, ttl D",
	}
	for where, forms := range got {
		if slices.Sort(forms); strings.Join(forms, ", ") != want[where] {
			t.Errorf("at %s: %s", where, strings.Join(forms, ", "))
		}
	}
	for where := range want {
		if got[where] == nil {
			t.Errorf("nothing means something at %s", where)
		}
	}
}

// Whatever can stand in a line is found by its own words, and something is said about it
// that is said of nothing else.
func TestAllIsExplained(t *testing.T) {
	said := map[string]string{}
	say := func(word, doc string) {
		if other := said[doc]; doc == "" || word == "" || other != "" {
			t.Errorf("%q: %q is said, and of %q too", word, doc, other)
		}
		said[doc] = word
	}
	for _, e := range Manual() {
		say(e.Word, e.Doc)
		for word := range strings.FieldsSeq(e.Word) {
			if !strings.Contains(e.Form, word) {
				t.Errorf("%s is written %s", e.Word, e.Form)
			}
		}
	}
	for name, kind := range Effects() {
		say(name, kind.Doc)
		for _, a := range kind.Arguments {
			if a.Name == "" {
				t.Errorf("%s: an argument has no name", kind.Form(name))
			}
		}
	}
}

// What an effect needs, and what it does to a request, decides where it can be armed and how
// the connections prepare for it.
func TestWhatEffectsNeed(t *testing.T) {
	for what, c := range map[string]struct {
		is   func(Kind) bool
		want string
	}{
		"withholds":  {func(k Kind) bool { return k.Withholds }, "add header|blackhole|cached|corrupt|drop body|drop header|duplicate header|fold header|large head|lower-case headers|portal|recase header|redirect|reorder headers|status"},
		"remembers":  {func(k Kind) bool { return k.Remembers }, "cached|crossed answer|stale answer"},
		"road":       {func(k Kind) bool { return k.Road }, "forget flow|kill flow|lose flow|reject flow"},
		"gate":       {func(k Kind) bool { return k.Gate }, "drop"},
		"paces":      {func(k Kind) bool { return k.Paces }, "bandwidth|dribble"},
		"moves":      {func(k Kind) bool { return k.Moves }, "client moves"},
		"streams":    {func(k Kind) bool { return k.Streams }, "add header|cached|drop header|gzip|hold|portal|redirect|repeat|repeat after drop|reset|reset later|stall|status|truncate"},
		"IPv6":       {func(k Kind) bool { return k.IPv6 }, "ipv6 first dead|ipv6 first refused"},
		"unanswered": {func(k Kind) bool { return k.Unanswered }, "ipv6 first dead"},
	} {
		var names []string
		for _, name := range slices.Sorted(maps.Keys(Effects())) {
			if c.is(registry[name]) {
				names = append(names, name)
			}
		}
		if got := strings.Join(names, "|"); got != c.want {
			t.Errorf("%s: %s, want %s", what, got, c.want)
		}
	}
}
