package report

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/msn/servers"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/rig"
)

// Stored is one case of a run directory.
type Stored struct {
	Dir    string
	Result rig.Result
	Lost   bool // there is nothing of it but its id
	// Longest is the size in bytes above which a history is not read; 0 is LongestHistory.
	Longest int64
}

// LongestHistory is the size in bytes above which a history is neither judged nor shown,
// unless the caller allows more. Judging takes about six times as much memory.
const LongestHistory = 256 << 20

// ErrNoCases is said of a directory in which no case has ended. A sweep that found nothing
// leaves one.
var ErrNoCases = errors.New("it has no cases/*/result.json")

// OpenRunDir reads the results of a run directory: its cases, or its controls.
// A directory without any is an error.
func OpenRunDir(path, kind string) ([]Stored, error) {
	folders, err := os.ReadDir(filepath.Join(path, kind))
	if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR) {
		return nil, fmt.Errorf("read a run directory: %w", err)
	}
	folders = slices.DeleteFunc(folders, func(f os.DirEntry) bool { return !f.IsDir() })
	list := make([]Stored, len(folders))
	err = EachAtOnce(len(folders), func(i int) (err error) {
		list[i], err = openStored(filepath.Join(path, kind, folders[i].Name()))
		if errors.Is(err, fs.ErrNotExist) {
			list[i], err = Stored{}, nil // the case never ended
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(s Stored) bool { return s.Dir == "" })
	if len(list) == 0 && kind == "cases" {
		return nil, fmt.Errorf("%s is no run directory: %w", path, ErrNoCases)
	}
	return list, nil
}

// openStored reads the result in a case's folder.
func openStored(dir string) (Stored, error) {
	s, file := Stored{Dir: dir}, filepath.Join(dir, "result.json")
	text, err := ReadRegular(file)
	if err == nil {
		err = json.Unmarshal(text, &s.Result)
	}
	if err != nil {
		return s, fmt.Errorf("read %s: %w", file, err)
	}
	return s, nil
}

// Outcome is the case as it was judged then, with its history.
func (s Stored) Outcome(v catalogue.Vocabulary) (rig.Outcome, error) {
	meta, events, err := s.history()
	if err != nil {
		return rig.Outcome{}, err
	}
	c, err := catalogue.Decode(meta.Definition, v)
	if err != nil {
		return rig.Outcome{}, fmt.Errorf("%s: the history does not say what was run: %w", s.Dir, err)
	}
	if events == nil {
		events = []history.Event{} // it is known that there are none
	}
	return rig.Outcome{Case: c, Result: s.Result, Events: events}, nil
}

// Rejudge judges the case's history again. A history that was tampered with,
// or cannot be read, is Broken; one that was never written, because the client
// took its process down, keeps its verdict. The error is the machine's, where that
// would not let the history be read.
func (s Stored) Rejudge(v catalogue.Vocabulary) (rig.Outcome, error) {
	o, err := s.rejudge(v)
	if err != nil {
		o = rig.Outcome{Result: s.Result}
		o.Case.ID, o.Case.Title = s.Result.ID, s.Result.Title
		o.Result.Status, o.Result.Reason, o.Result.Verdicts = oracle.Broken, err.Error(), []oracle.Verdict{}
	}
	o.Result.Wall, o.Result.Reproduce = s.Result.Wall, s.Result.Reproduce
	return o, Unread(err)
}

// Unread is the error if it is the machine's: the file is there and cannot be
// read, and so says nothing for or against what it holds.
func Unread(err error) error {
	var failed *fs.PathError
	if errors.As(err, &failed) && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Meta says which run the history belongs to. Its events are not looked at.
func (s Stored) Meta() (meta history.Meta, err error) {
	err = s.read(func(file io.ReaderAt, size int64) error {
		meta, err = history.ReadMeta(file, size)
		return err
	})
	if err == nil {
		err = s.belongs(meta)
	}
	return meta, err
}

// history reads the whole history, which must not have been changed.
func (s Stored) history() (meta history.Meta, events []history.Event, err error) {
	if err := s.bearable(); err != nil {
		return meta, nil, err
	}
	err = s.read(func(file io.ReaderAt, size int64) error {
		meta, events, err = history.ReadFile(file, size)
		return err
	})
	if err == nil {
		err = s.belongs(meta)
	}
	if err != nil {
		return history.Meta{}, nil, err
	}
	return meta, events, nil
}

// events are those of the history.
func (s Stored) events() ([]history.Event, error) {
	_, events, err := s.history()
	return events, err
}

// file is where the history lies.
func (s Stored) file() string { return filepath.Join(s.Dir, "history.jsonl") }

// bearable returns an error if the history is larger than it may be.
func (s Stored) bearable() error {
	most := cmp.Or(s.Longest, LongestHistory)
	info, err := os.Lstat(s.file())
	if err != nil || info.Size() <= most || info.Size() > longestFile {
		return nil // reading it reports what is wrong
	}
	return fmt.Errorf("%s has %.1f MiB, and the limit is %.1f, since judging takes six times as much memory: raise it with gauntlet judge --max-history %dMiB",
		s.file(), mib(info.Size()), mib(most), info.Size()>>20+1)
}

func mib(bytes int64) float64 { return float64(bytes) / (1 << 20) }

// read opens the history's file for how.
func (s Stored) read(how func(file io.ReaderAt, size int64) error) error {
	file, err := openRegular(s.file())
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // it was only read
	info, err := file.Stat()
	if err == nil {
		err = how(file, info.Size())
	}
	if err != nil {
		return fmt.Errorf("%s: %w", file.Name(), err)
	}
	return nil
}

// belongs returns an error if the history is not of the run whose result it lies beside.
func (s Stored) belongs(meta history.Meta) error {
	if other := s.foreign(meta); other != "" {
		return fmt.Errorf("%s belongs to another run: %s", s.file(), other)
	}
	return nil
}

// foreign says in what a history differs from the result that it lies beside.
func (s Stored) foreign(meta history.Meta) string {
	r := s.Result
	for _, p := range []struct{ what, ours, its string }{
		{"case", r.ID, meta.Case}, {"client", r.Client, meta.Client}, {"mode", string(r.Mode), meta.Mode},
		{"seed", fmt.Sprint(r.Seed), fmt.Sprint(meta.Seed)},
	} {
		if p.ours != p.its {
			return fmt.Sprintf("its %s is %q, the result's is %q", p.what, p.its, p.ours)
		}
	}
	return ""
}

func (s Stored) rejudge(v catalogue.Vocabulary) (rig.Outcome, error) {
	if s.Lost {
		return rig.Outcome{}, fmt.Errorf("it is missing: the run was to have it, and there is no %s", filepath.Join(s.Dir, "result.json"))
	}
	meta, events, err := s.history()
	if err != nil {
		return rig.Outcome{}, err
	}
	o, err := rig.Rejudge(servers.MSN(), meta, events, v)
	switch {
	case err == nil && len(events) == 0 && s.accuses():
		o.Result = s.Result // nothing shows it, and whoever forges results has no use for it
	case err == nil && len(events) > 0:
		o.Events, o.Reread = nil, s.events
	}
	return o, err
}

// accuses reports whether the case ended as nobody would pretend.
func (s Stored) accuses() bool {
	return s.Result.Status == oracle.Fail || s.Result.Status == oracle.Broken
}

// History is the stored history, as it is on the disk.
func (s Stored) History() ([]byte, error) {
	err := s.bearable()
	var data []byte
	if err == nil {
		data, err = ReadRegular(s.file())
	}
	if err != nil {
		return nil, fmt.Errorf("read the history of %s: %w", s.Result.ID, err)
	}
	return data, nil
}
