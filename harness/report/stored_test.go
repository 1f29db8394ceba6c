package report

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/rig"
)

// TestALongHistoryIsCheckedFirst judges one of 32 MB that somebody has made longer.
func TestALongHistoryIsCheckedFirst(t *testing.T) {
	run := storedRun(t, filepath.Join(t.TempDir(), "run"))
	name := filepath.Join(run.Path, "cases", "one", "history.jsonl")
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := history.ReadMeta(bytes.NewReader(text), int64(len(text))); err != nil {
		t.Errorf("as it was written: %v", err)
	}
	head, seal, _ := bytes.Cut(text, []byte("\n"))
	file, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	out := bufio.NewWriter(file)
	fmt.Fprintf(out, "%s\n", head)
	for n, size := 1, 0; size < 32<<20; n++ {
		wrote, _ := fmt.Fprintf(out, `{"seq":%d,"at":%d,"from":"hop","kind":"request began","conn":1}`+"\n", n, n) // Flush tells
		size += wrote
	}
	_, _ = out.Write(seal)
	if err := out.Flush(); err != nil || file.Close() != nil {
		t.Fatal(err)
	}
	stored, err := OpenRunDir(run.Path, "cases")
	if err != nil {
		t.Fatal(err)
	}
	for name, read := range map[string]func() error{
		"its beginning": func() error { _, err := stored[0].Meta(); return err },
		"all of it":     func() error { _, _, err := stored[0].history(); return err },
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		err := read()
		runtime.ReadMemStats(&after)
		if took := after.TotalAlloc - before.TotalAlloc; err == nil || !strings.Contains(err.Error(), "digest of the lines above is another") || took > 1<<20 {
			t.Errorf("%s: %v, for %d bytes", name, err, took)
		}
	}
}

// TestAHistoryThatIsTooLongIsNotRead judges one that is sound and longer than it may be.
func TestAHistoryThatIsTooLongIsNotRead(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	run, err := NewRunDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	events := make([]history.Event, 40_000)
	for i := range events {
		events[i] = history.Event{Seq: i + 1, From: history.AtHop, Kind: history.RequestBegan, Conn: 1}
	}
	o := rig.Outcome{Case: catalogue.Case{ID: "one"}, Result: rig.Result{ID: "one", Status: oracle.Pass}, Events: events}
	if err := run.Add(o); err != nil {
		t.Fatal(err)
	}
	stored, err := OpenRunDir(dir, "cases")
	if err != nil {
		t.Fatal(err)
	}
	s := stored[0]
	for _, test := range []struct {
		longest int64
		says    string
		mostMB  uint64 // made on the way
	}{
		{1 << 20, filepath.Join("one", "history.jsonl") + " has 2.5 MiB, and the limit is 1.0, since judging takes six times as much memory: raise it with gauntlet judge --max-history 3MiB", 1},
		{4 << 20, "", 1 << 10},
		{0, "", 1 << 10},
	} {
		s.Longest = test.longest
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, _, err := s.history()
		runtime.ReadMemStats(&after)
		if took := (after.TotalAlloc - before.TotalAlloc) >> 20; took > test.mostMB || (err == nil) != (test.says == "") || err != nil && !strings.HasSuffix(err.Error(), test.says) {
			t.Errorf("at most %d: %v, for %d MB", test.longest, err, took)
		}
	}
	s.Longest = 1 << 20
	if _, err := s.History(); err == nil {
		t.Error("it is read to be shown")
	}
	if o, _ := s.Rejudge(catalogue.Vocabulary{}); o.Result.Status != oracle.Broken {
		t.Errorf("judged: %v", o.Result.Status)
	}
}

// TestARunIsJudgedOneHistoryAtATime holds none of them when all are judged.
func TestARunIsJudgedOneHistoryAtATime(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	run, err := NewRunDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	recorded := []history.Event{{Seq: 1, From: history.AtHop, Kind: history.RequestBegan, Conn: 1}}
	o := rig.Outcome{Case: catalogue.Case{ID: "one"}, Result: rig.Result{ID: "one", Status: oracle.Pass}, Events: recorded}
	if err := errors.Join(run.Add(o), run.Begin(Plan{Cases: []string{"one"}})); err != nil {
		t.Fatal(err)
	}
	judged, err := RejudgeRun(dir, catalogue.Vocabulary{}, 0, func(catalogue.Case) bool { return false })
	if err != nil || len(judged.Cases) != 1 {
		t.Fatal(judged, err)
	}
	now := judged.Cases[0].Now
	if events, err := now.Recorded(); now.Events != nil || now.Stored != nil || err != nil || !reflect.DeepEqual(events, recorded) {
		t.Errorf("kept: %v; read again: %v, %v", now.Events, events, err)
	}
}
