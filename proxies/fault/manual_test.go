package fault

import (
	"slices"
	"strings"
	"testing"
)

// The manual: how each effect is written, and where it means something. What it
// says of itself besides stands behind that: it keeps the request from the box,
// it needs answers that were given before, it is one of the road, or of the gate to
// it.
func TestManual(t *testing.T) {
	const everywhere = "accept, head, request byte, forward, answer, status line, field, response byte, end, idle, moment"
	const answer, instead, either, flow = "answer", "head, forward, answer", "forward, answer", "forward, answer, end, idle"
	const keeps = "keeps the request"
	want := map[string][]string{
		"close": {"close", everywhere}, "reset": {"reset [client|box]", everywhere}, "cut": {"cut client|box", everywhere},
		"half-close": {"half-close [to client|box]", everywhere}, "stall": {"stall [for D]", everywhere}, "delay": {"delay D [jitter D]", everywhere},
		"blackhole": {"blackhole", strings.Replace(everywhere, "request byte, ", "", 1), keeps},
		"bandwidth": {"bandwidth N", everywhere}, "dribble": {"dribble N bytes every D [to client|box]", everywhere},
		"refuse": {"refuse", "accept"}, "drop": {"drop", "accept", "gate"},
		"kill flow": {"kill flow", flow, "road"}, "forget flow": {"forget flow", flow, "road"}, "reject flow": {"reject flow", "end, idle", "road"},
		"lose flow": {"lose flow to client|box [for D]", flow, "road"},
		"status":    {"status N [with FIELD]...", instead, keeps}, "redirect": {"redirect [301|302|303|307|308] [to URL]", instead, keeps}, "portal": {"portal", instead, keeps},
		"cached": {"cached", "forward", keeps, "remembers"}, "repeat": {"repeat", "forward"}, "repeat after drop": {"repeat after drop", "forward"},
		"stale answer": {"stale answer", answer, "remembers"}, "crossed answer": {"crossed answer", answer, "remembers"},
		"hold": {"hold D", answer}, "coalesce": {"coalesce D", answer}, "chunked": {"chunked [with wrong-size|no-end|extension|trailer]", answer}, "gzip": {"gzip", answer},
		"http1.0": {"http1.0", answer}, "truncate": {"truncate N", answer}, "surplus": {"surplus N", answer}, "answer twice": {"answer twice", answer},
		"length wrong": {"length wrong +N", answer}, "length missing": {"length missing", answer}, "length twice": {"length twice", answer},
		"length differs": {"length differs +N", answer}, "length listed": {"length listed", answer},
		"continue": {"continue", answer}, "interim": {"interim 102|103 [with FIELD]...", answer},
		"corrupt": {"corrupt head|body [byte N]", either, keeps}, "drop body": {"drop body [in chunks]", "forward", keeps}, "large head": {"large head N", either, keeps},
		"drop header": {"drop header NAME", either, keeps}, "duplicate header": {"duplicate header NAME", either, keeps}, "recase header": {"recase header NAME", either, keeps},
		"fold header": {"fold header NAME", either, keeps}, "add header": {"add header NAME TEXT", either, keeps},
		"lower-case headers": {"lower-case headers", either, keeps}, "reorder headers": {"reorder headers", either, keeps},
	}
	effects := Effects()
	for name, kind := range effects {
		got := []string{kind.Form(name), strings.Join(kind.Places(), ", ")}
		for says, is := range map[string]bool{keeps: kind.Withholds, "gate": kind.Gate, "remembers": kind.Remembers, "road": kind.Road} {
			if is {
				got = append(got, says)
			}
		}
		if slices.Sort(got[2:]); !slices.Equal(got, want[name]) {
			t.Errorf("%s: %q, want %q", name, got, want[name])
		}
		if strings.TrimSpace(kind.Doc) == "" {
			t.Errorf("%s: what it does is not said", name)
		}
	}
	if len(effects) != len(want) {
		t.Errorf("%d effects, want %d", len(effects), len(want))
	}
}

// What the manual gives as an example is taken wherever the effect means
// something, and nowhere else.
func TestExamples(t *testing.T) {
	for name, kind := range Effects() {
		example := kind.Example(name)
		for at, where := range map[Place]string{
			AtAccept: "on connection 1", AtHead: "on request 1, head", AtRequestByte: "on request 1, request byte 1", AtForward: "on request 1, forward",
			AtAnswer: "on request 1, answer", AtStatusLine: "on request 1, status line", AtField: "on request 1, field Date", AtResponseByte: "on request 1, response byte 1",
			AtEnd: "on request 1, end", AtIdle: "after idle 1s", AtMoment: "at 1s",
		} {
			f, err := Parse("hop 0: "+where+": "+example, Vocabulary{})
			if (err == nil) != kind.MeansSomethingAt(at) {
				t.Errorf("%s at %s: %v", example, at, err)
			}
			if err == nil && (f.Effect.String() != example || f.Landmark.At != at) {
				t.Errorf("%s at %s is read as %s", example, at, f)
			}
		}
	}
	for name, want := range map[string]string{
		"dribble": "dribble 5 bytes every 1s to client", "lose flow": "lose flow to client for 1s", "add header": "add header Date other.example", "length wrong": "length wrong +5",
		"interim": `interim 102 with "X-Note: a, b"`, "redirect": "redirect 301 to https://other.example/login",
	} {
		if got := Effects()[name].Example(name); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
