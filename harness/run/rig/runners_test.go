package rig

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/virtual"
)

func TestAnswersOfWorkers(t *testing.T) {
	fine, err := json.Marshal(reply{Result: with(carriedOut, oracle.Pass)})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name   string
		answer virtual.Answer
		status oracle.Status
		reason string
	}{
		{"a result", virtual.Answer{Reply: virtual.Reply{Text: fine, Blob: []byte("h")}}, oracle.Pass, ""},
		{"a result, and a leak", virtual.Answer{Reply: virtual.Reply{Text: fine, Blob: []byte("h")}, Leak: theClient}, oracle.Fail, "something was left behind when the client was closed: gauntlet/harness/msn/client.(*User).poll"},
		{"a result, and a leak of ours", virtual.Answer{Reply: virtual.Reply{Text: fine, Blob: []byte("h")}, Leak: ourStack}, oracle.Broken, "something was left behind when the client was closed: goroutine 7"},
		{"a leak and no result", virtual.Answer{Leak: theClient}, oracle.Fail, "the run could not end: goroutine 9"},
		{"a death", virtual.Answer{Died: "panic: no\n\n" + theClient}, oracle.Fail, "the process died: panic: no, in gauntlet/harness/msn/client.(*User).poll"},
		{"a death of ours", virtual.Answer{Died: "panic: no\n\n" + ourStack}, oracle.Broken, "the process died: panic: no"},
		{"no word", virtual.Answer{Hung: time.Minute, Died: spinning}, oracle.Fail, "a worker said nothing for 1m0s: the client kept a processor busy, or waited outside of the network, without end: gauntlet/harness/mutants.spin"},
		{"an error", virtual.Answer{Reply: virtual.Reply{Text: []byte(`{"error":"no such client"}`)}}, oracle.Broken, "worker: no such client"},
		{"half a reply", virtual.Answer{Reply: virtual.Reply{Text: []byte(`{"resu`)}}, oracle.Broken, "worker: its reply of 6 bytes cannot be read: "},
	} {
		test.answer.Took = 5 * time.Millisecond
		o := readAnswer(cut(), Options{Mode: Virtual}, test.answer)
		if o.Result.Status != test.status || !strings.HasPrefix(o.Result.Reason, test.reason) || test.reason == "" && o.Result.Reason != "" || o.Result.Wall != 5 {
			t.Errorf("%s: %s: %q, wall %d", test.name, o.Result.Status, o.Result.Reason, o.Result.Wall)
		}
		if (string(o.Stored) == "h") != (len(test.answer.Reply.Blob) > 0) || o.Case.ID != "cut" {
			t.Errorf("%s: history %q of %q", test.name, o.Stored, o.Case.ID)
		}
	}
}

// What a run has brought already is not run again, and is told of as the rest.
func TestContinued(t *testing.T) {
	cases := []catalogue.Case{{ID: "a", Title: "new"}, {ID: "b"}, {ID: "c"}}
	var ran, told []string
	run := func(_ context.Context, cases []catalogue.Case, done func(Outcome)) error {
		for _, c := range cases {
			ran = append(ran, c.ID)
			done(Outcome{Case: c})
		}
		return nil
	}
	there := map[string]Outcome{"a": {Case: catalogue.Case{ID: "a", Title: "old"}}, "c": {}, "x": {}}
	err := Continued(run, there)(t.Context(), cases, func(o Outcome) { told = append(told, o.Case.ID+o.Case.Title) })
	if err != nil || !slices.Equal(ran, []string{"b"}) || !slices.Equal(told, []string{"anew", "c", "b"}) {
		t.Errorf("ran %v, told %v, %v", ran, told, err)
	}
}
