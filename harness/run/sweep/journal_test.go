package sweep

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAJournalGoesOn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "points.jsonl")
	open := func(of string) (*Journal, error) { return OpenJournal(path, of) }
	note := func(j *Journal, list ...Entry) {
		t.Helper()
		for _, e := range list {
			if err := j.Note(e); err != nil {
				t.Fatal(err)
			}
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	}
	first, err := open("one, seed 1")
	if err != nil {
		t.Fatal(err)
	}
	note(first, Entry{Point: "a", As: Passed}, Entry{Point: "b", As: Failed, Why: "x\ny", Cause: &Cause{Requirement: "command.not-lost"}})
	cut, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = cut.WriteString(`{"point":"c","as":"pas`)
	cut.Close()

	second, err := open("one, seed 1")
	if err != nil {
		t.Fatal(err)
	}
	if len(second.Known) != 2 || second.Known["a"].As != Passed || second.Known["b"].Cause.Requirement != "command.not-lost" || second.Known["b"].Why != "x\ny" {
		t.Errorf("it knows %v", second.Known)
	}
	note(second, Entry{Point: "b", As: Passed}, Entry{Point: "c", As: Excused, Why: "nobody"})
	third, err := open("one, seed 1")
	if err != nil || len(third.Known) != 3 || third.Known["b"].As != Passed || third.Known["c"].As != Excused {
		t.Errorf("the later line counts, and what was cut off is not in the way: %v, %v", third, err)
	}
	note(third)
	if _, err := open("one, seed 2"); err == nil || !strings.Contains(err.Error(), "it was one, seed 1, and this is one, seed 2") {
		t.Errorf("another's: %v", err)
	}
	if err := os.WriteFile(path, []byte("garbage\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := open("one, seed 1"); err == nil || !strings.Contains(err.Error(), "points.jsonl:1 is no line") {
		t.Errorf("garbage: %v", err)
	}
	if _, err := OpenJournal(filepath.Join(path, "below"), "x"); err == nil {
		t.Error("a journal below a file")
	}
}

// A directory from elsewhere may hold a link: what it leads to is not emptied.
func TestAJournalIsNoLink(t *testing.T) {
	precious, link := filepath.Join(t.TempDir(), "key"), filepath.Join(t.TempDir(), "journal.jsonl")
	if err := errors.Join(os.WriteFile(precious, []byte("precious"), 0o600), os.Symlink(precious, link)); err != nil {
		t.Skip("no links here: ", err)
	}
	_, err := OpenJournal(link, "x")
	if text, unread := os.ReadFile(precious); err == nil || unread != nil || string(text) != "precious" {
		t.Errorf("%q, %v, %v", text, err, unread)
	}
}
