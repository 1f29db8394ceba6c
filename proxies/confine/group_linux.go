package confine

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Group is a control group: its limits hold for a program together with all processes that
// it starts, even those that leave their parents. A nil Group limits nothing.
type Group struct {
	bounds  bounds
	folders []string // one for all controllers (v2), or one for each (v1)
	read    []reading
}

// meter is a file in which the kernel counts how often a limit was reached.
type meter struct {
	name    string
	counter string // one of several in the file
	says    func(bounds) string
}

// meters are those of all controllers: v1 and v2 name them differently, and with v1 each
// is in a folder of its own.
var meters = []meter{
	{"memory.events", "oom_kill", tooMuchMemory},
	{"memory.oom_control", "oom_kill", tooMuchMemory},
	{"pids.events", "max", tooManyProcesses},
}

// reading is a meter that is asked again and again, and so stays open.
type reading struct {
	meter
	file *os.File
}

func tooMuchMemory(b bounds) string {
	return fmt.Sprintf("it and the processes that it started took more than %d MiB of memory", b.memory>>20)
}

func tooManyProcesses(b bounds) string {
	return fmt.Sprintf("it started more than %d processes and threads", b.processes)
}

// hierarchies is the folder of all control groups.
const hierarchies = "/sys/fs/cgroup"

// stale is the age from which an empty group is taken to be left by a run that was killed.
const stale = time.Hour

// NewGroup makes a group with the limits of any program. If it returns an error, which
// says why there is none, only the limits of each process hold.
func NewGroup(name string) (*Group, error) { return newGroup(name, together()) }

func newGroup(name string, b bounds) (*Group, error) {
	own, err := memberships()
	if err != nil {
		return nil, err
	}
	g := &Group{bounds: b}
	if unified, is := own[""]; is {
		err = g.unified(unified, name)
	}
	if len(g.folders) == 0 {
		if olds := g.separate(own, name); olds != nil {
			_ = g.Close() // nobody is in it
			if err != nil {
				return nil, fmt.Errorf("%w; %w", err, olds)
			}
			return nil, olds
		}
	}
	for _, folder := range g.folders {
		err := g.bound(folder)
		if err == nil {
			err = g.metered(folder)
		}
		if err != nil {
			return nil, errors.Join(err, g.Close())
		}
	}
	return g, nil
}

// memberships returns the groups that this process is in, by controller; the key of the
// hierarchy of v2, which has all controllers, is empty.
func memberships() (map[string]string, error) {
	text, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return nil, err
	}
	own := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if parts := strings.SplitN(strings.TrimSpace(line), ":", 3); len(parts) == 3 {
			for _, controller := range strings.Split(parts[1], ",") {
				own[controller] = parts[2]
			}
		}
	}
	return own, nil
}

// unified makes the group in the hierarchy of v2: below our own group, or below the nearest
// one above it that delegates both controllers and that we may write to.
func (g *Group) unified(own, name string) (err error) {
	err = errors.New("no control group above ours delegates memory and pids")
	for at := own; ; at = filepath.Dir(at) {
		folder := filepath.Join(hierarchies, at)
		handed, _ := os.ReadFile(filepath.Join(folder, "cgroup.subtree_control")) // v1 has no such file
		if words := strings.Fields(string(handed)); slices.Contains(words, "memory") && slices.Contains(words, "pids") {
			if err = g.add(folder, name); err == nil {
				return nil
			}
		}
		if at == "/" || at == "." {
			return err
		}
	}
}

// separate makes it in the hierarchies of v1, one for each controller.
func (g *Group) separate(own map[string]string, name string) error {
	for _, controller := range []string{"memory", "pids"} {
		at, is := own[controller]
		if !is {
			return fmt.Errorf("there is no control group for %s", controller)
		}
		if err := g.add(filepath.Join(hierarchies, controller, at), name); err != nil {
			return err
		}
	}
	return nil
}

// add makes the group in a folder, and removes stale ones from there.
func (g *Group) add(folder, name string) error {
	first, _, _ := strings.Cut(name, "-")
	if err := sweep(folder, first+"-"); err != nil {
		return err
	}
	path := filepath.Join(folder, name)
	if err := os.Mkdir(path, 0o755); err != nil {
		return err
	}
	g.folders = append(g.folders, path)
	return nil
}

// sweep removes the empty groups whose names begin so and which are stale.
func sweep(folder, begins string) error {
	inside, err := os.ReadDir(folder)
	for _, entry := range inside {
		if info, err := entry.Info(); err == nil && strings.HasPrefix(entry.Name(), begins) && time.Since(info.ModTime()) > stale {
			_ = os.Remove(filepath.Join(folder, entry.Name())) // fails while a process is in it
		}
	}
	return err
}

// bound writes those limits that the controllers of a folder know.
func (g *Group) bound(folder string) error {
	set := 0
	for _, b := range []struct {
		file  string
		value uint64
		must  bool
	}{
		{"pids.max", g.bounds.processes, true},
		{"memory.max", g.bounds.memory, true},
		{"memory.swap.max", 0, false},
		{"memory.limit_in_bytes", g.bounds.memory, true}, // the old name
	} {
		err := os.WriteFile(filepath.Join(folder, b.file), strconv.AppendUint(nil, b.value, 10), 0) // it may not be there
		switch {
		case err == nil:
			set++
		case b.must && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission):
			return err
		}
	}
	if set == 0 {
		return fmt.Errorf("no limits can be set in %s", folder)
	}
	return nil
}

// Folders returns the group's folders in the form of Place.Group.
func (g *Group) Folders() string {
	if g == nil {
		return ""
	}
	return strings.Join(g.folders, ":")
}

// join puts this process, and so all that it starts, into the group with these folders.
func join(folders string) error {
	for _, folder := range strings.FieldsFunc(folders, func(r rune) bool { return r == ':' }) {
		if err := os.WriteFile(filepath.Join(folder, "cgroup.procs"), []byte("0"), 0); err != nil {
			return fmt.Errorf("join its control group: %w", err)
		}
	}
	return nil
}

// metered opens the meters that are in a folder.
func (g *Group) metered(folder string) error {
	for _, m := range meters {
		file, err := os.Open(filepath.Join(folder, m.name))
		switch {
		case err == nil:
			g.read = append(g.read, reading{m, file})
		case !errors.Is(err, fs.ErrNotExist): // else it is in the other folder, or has the other name
			return err
		}
	}
	return nil
}

// Exceeded says which limit was reached; empty if none was, or after Close.
func (g *Group) Exceeded() string {
	if g == nil {
		return ""
	}
	for _, r := range g.read {
		if r.reached() {
			return r.says(g.bounds)
		}
	}
	return ""
}

// reached reports whether the counter is above zero.
func (r reading) reached() bool {
	var room [512]byte                // for a few short lines
	n, _ := r.file.ReadAt(room[:], 0) // the end is no error; after Close there is nothing
	for line := range bytes.Lines(room[:n]) {
		name, count, _ := bytes.Cut(bytes.TrimSpace(line), []byte(" "))
		if string(name) == r.counter {
			return string(count) != "0"
		}
	}
	return false
}

// End kills all processes in the group. Nothing can be started in it any more.
func (g *Group) End() {
	if g == nil {
		return
	}
	for _, folder := range g.folders {
		_ = os.WriteFile(filepath.Join(folder, "pids.max"), []byte("0"), 0) // it may not be there
	}
	for _, folder := range g.folders {
		text, _ := os.ReadFile(filepath.Join(folder, "cgroup.procs")) // if it cannot be read, nothing is killed
		for _, word := range strings.Fields(string(text)) {
			if pid, err := strconv.Atoi(word); err == nil && pid > 0 {
				_ = syscall.Kill(pid, syscall.SIGKILL) // it may be gone already
			}
		}
	}
}

// Close removes the group. It fails while a process is left in it; the kernel may take a
// moment to remove those that were killed.
func (g *Group) Close() error {
	if g == nil {
		return nil
	}
	for _, r := range g.read {
		_ = r.file.Close() // it was only read
	}
	var errs []error
	for _, folder := range g.folders {
		if err := os.Remove(folder); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
