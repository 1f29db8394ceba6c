package report

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"gauntlet/harness/report/inert"
	"gauntlet/harness/run/edition"
	"gauntlet/harness/run/rig"
)

// RunDir stores a run as it goes: each case appears, whole, when it is
// finished, so that a kill loses none that was.
type RunDir struct {
	Path string
	made []string  // the directories that it took, innermost first
	held io.Closer // what keeps other runs out; nil where it is only read
}

// letGo is how long a run that was just killed has to end with all its processes before
// another one gives up to go on with it. An interrupt waits as long.
const letGo = 5 * time.Second

// errHeld says that two runs would write into one directory.
var errHeld = errors.New("another run is at work in it: wait for its end, or end it")

// logName is the file of what a client's process printed.
const logName = "client.log"

// NewRunDir makes the directory; it must be new or empty, or hold no more than
// the log of a run that never began. No other run may write into it until it is
// released.
func NewRunDir(path string) (RunDir, error) {
	entries, err := os.ReadDir(path)
	if err == nil && len(entries) == 1 && entries[0].Name() == logName {
		entries, err = nil, os.Remove(filepath.Join(path, logName))
	}
	if err == nil && len(entries) > 0 {
		return RunDir{}, notEmpty(path)
	}
	d := RunDir{Path: path, made: missing(filepath.Join(path, "cases"))}
	if err := os.MkdirAll(filepath.Join(path, "cases"), 0o755); err != nil {
		return RunDir{}, fmt.Errorf("make the run directory %s: %w", path, err)
	}
	if d.held, err = hold(path, 0); err == nil {
		err = d.untouched()
	}
	if err != nil {
		d.Release()
		return RunDir{}, fmt.Errorf("begin a run in %s: %w", path, err)
	}
	return d, nil
}

func notEmpty(path string) error {
	return fmt.Errorf("%s is not empty: name another directory with --out, or remove it", path)
}

// untouched is an error if another run began there, and ended, before this one held it.
func (d RunDir) untouched() error {
	entries, err := os.ReadDir(d.Path)
	if err == nil && (len(entries) != 1 || entries[0].Name() != "cases") {
		err = notEmpty(d.Path)
	}
	return err
}

// ReopenRunDir returns the directory of a run that goes on.
func ReopenRunDir(path string) (RunDir, error) {
	_, err := os.ReadDir(path)
	if err != nil {
		return RunDir{}, fmt.Errorf("go on with a run: %w", err)
	}
	held, err := hold(path, letGo)
	if err != nil {
		return RunDir{}, fmt.Errorf("go on with %s: %w", path, err)
	}
	return RunDir{Path: path, held: held}, nil
}

// Release lets other runs go on with the directory. It may be called again.
func (d RunDir) Release() {
	if d.held != nil {
		_ = d.held.Close() // it was only held
	}
}

// missing are path and the directories above it that there are not.
func missing(path string) (list []string) {
	for {
		if _, err := os.Stat(path); err == nil {
			return list
		}
		list, path = append(list, path), filepath.Dir(path)
	}
}

// Abandon takes away what the run has made so far: its plan, the files named,
// and its directories. Nothing else may have been stored.
func (d RunDir) Abandon(files ...string) error {
	var paths []string
	for _, name := range append(files, planName) {
		paths = append(paths, filepath.Join(d.Path, name))
	}
	for _, path := range append(paths, d.made...) {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("abandon the run: %w", err)
		}
	}
	return nil
}

// LeaveLog stores what the client printed before the run was abandoned, and says
// where.
func (d RunDir) LeaveLog(text []byte) (file string, err error) {
	file = filepath.Join(d.Path, logName)
	if err := os.MkdirAll(d.Path, 0o755); err != nil {
		return "", fmt.Errorf("keep the client's log: %w", err)
	}
	return file, replace(file, text, ours)
}

// Stored is where the outcome of a case with this result was stored.
func (d RunDir) Stored(r rig.Result) Stored {
	return Stored{Dir: filepath.Join(d.Path, "cases", FileName(r.ID)), Result: r}
}

// Add stores one outcome. Controls go to a directory of their own.
func (d RunDir) Add(o rig.Outcome) error {
	kind := "cases"
	if o.Control {
		kind = "controls"
	}
	dir, err := d.folder(kind, FileName(o.Case.ID))
	if err != nil {
		return fmt.Errorf("store %s: %w", o.Case.ID, err)
	}
	history, err := o.History()
	if err != nil {
		return fmt.Errorf("store the history of %s: %w", o.Case.ID, err)
	}
	if err := replace(filepath.Join(dir, "history.jsonl"), history, ours); err != nil {
		return err
	}
	if len(o.Log) > 0 {
		if err := replace(filepath.Join(dir, logName), o.Log, ours); err != nil {
			return err
		}
	}
	return replaceJSON(filepath.Join(dir, "result.json"), o.Result)
}

// folder makes a folder of the run's, where there is none. Nothing is stored through a link:
// in a directory from elsewhere it would lead out of that.
func (d RunDir) folder(names ...string) (path string, err error) {
	path = d.Path
	for _, name := range names {
		path = filepath.Join(path, name)
		if err := os.Mkdir(path, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
			return "", err
		}
		if info, err := os.Lstat(path); err != nil || !info.IsDir() {
			return "", fmt.Errorf("%s is not a folder", path)
		}
	}
	return path, nil
}

// Summary is the run as a whole, in run.json.
type Summary struct {
	Client  string         `json:"client"`
	Mode    rig.Mode       `json:"mode"`
	Seed    uint64         `json:"seed"`
	Product string         `json:"product,omitempty"`
	Exit    int            `json:"exit"`
	Counts  map[string]int `json:"counts"` // cases by status
	Cases   []string       `json:"cases"`
	// Edition is the newest at the time, and Levels how the client stands with it.
	Edition string             `json:"edition,omitempty"`
	Levels  []edition.Standing `json:"levels,omitempty"`
}

// Finish stores the summary.
func (d RunDir) Finish(s Summary) error { return replaceJSON(filepath.Join(d.Path, "run.json"), s) }

// ReadSummary reads what Finish has stored in a run directory.
func ReadSummary(dir string) (s Summary, err error) {
	text, err := ReadRegular(filepath.Join(dir, "run.json"))
	if err == nil {
		err = json.Unmarshal(text, &s)
	}
	if err != nil {
		return s, fmt.Errorf("%s holds no finished run: %w", dir, err)
	}
	return s, nil
}

func replaceJSON(path string, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("store %s: %w", path, err)
	}
	return replace(path, append(inert.JSON(text), '\n'), everybodys)
}

// Who may read a file: a history and a log hold what a client said, with its
// passwords; a report is to be shown.
const (
	ours       fs.FileMode = 0o600
	everybodys fs.FileMode = 0o644
)

// replace writes a file so that it is there whole or not at all.
func replace(path string, content []byte, mode fs.FileMode) error {
	part := path + ".part"
	err := writeNew(part, content, mode)
	if err == nil {
		err = os.Rename(part, path)
	}
	if err != nil {
		_ = os.Remove(part) // the disk may be full
		return fmt.Errorf("store: %w", err)
	}
	return nil
}

// writeNew writes a file of its own, in the place of whatever is there: a link is not followed.
func writeNew(path string, content []byte, mode fs.FileMode) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	return errors.Join(err, file.Close())
}

// FileName is an id as the name of a file or a directory.
func FileName(id string) string {
	whole := id
	id = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return '-'
	}, id)
	for strings.Contains(id, "--") {
		id = strings.ReplaceAll(id, "--", "-")
	}
	id = strings.Trim(id, "-")
	if len(id) > longestName {
		id = id[:longestName] + "-" + digest(whole)
	}
	return id
}

// OwnName is the file name of what is called as somebody likes, such as a client.
// Other names have other files: what a file's name cannot keep is in a digest.
func OwnName(name string) string {
	file := FileName(name)
	if file == name {
		return file
	}
	return strings.TrimPrefix(file+"-"+digest(name), "-")
}

// digest tells long or odd names apart.
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return fmt.Sprintf("%x", sum[:4])
}

// longestName is how long a name may be, so that it can be that of a file with an
// ending; of a longer one the rest is a digest.
const longestName = 200
