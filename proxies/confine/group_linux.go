package confine

import (
	"bufio"
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

// Group is a control group: what it bounds is counted of a program and of all that it
// starts, however they leave their parents. A nil Group bounds nothing.
type Group struct {
	bounds  bounds
	folders []string // one for all controllers, or, of the old kind, one for each
}

// hierarchies are where control groups are found.
const hierarchies = "/sys/fs/cgroup"

// stale is the age at which a group that nobody is in was left by somebody who was killed.
const stale = time.Hour

// NewGroup makes a group for any program. The error says why none can be had here; the
// limits of each process are all there is then.
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
		if err := g.bound(folder); err != nil {
			return nil, errors.Join(err, g.Close())
		}
	}
	return g, nil
}

// memberships are the groups that this process is in, by controller; that of the
// hierarchy with all of them has no name.
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

// unified makes the group in the hierarchy that has all controllers: beside our own, or
// above that, wherever groups may have bounds and we may make one.
func (g *Group) unified(own, name string) (err error) {
	err = errors.New("no control group above ours hands on memory and pids")
	for at := own; ; at = filepath.Dir(at) {
		folder := filepath.Join(hierarchies, at)
		handed, _ := os.ReadFile(filepath.Join(folder, "cgroup.subtree_control")) // there is none where controllers are apart
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

// separate makes it in the hierarchies of single controllers.
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

// add makes the group in a folder, from which those go that nobody needs any more.
func (g *Group) add(folder, name string) error {
	first, _, _ := strings.Cut(name, "-")
	if err := sweep(folder, first+"-", stale); err != nil {
		return err
	}
	path := filepath.Join(folder, name)
	if err := os.Mkdir(path, 0o755); err != nil {
		return err
	}
	g.folders = append(g.folders, path)
	return nil
}

// sweep takes away the groups with such names that are older and that nobody is in.
func sweep(folder, begins string, age time.Duration) error {
	inside, err := os.ReadDir(folder)
	for _, entry := range inside {
		if info, err := entry.Info(); err == nil && strings.HasPrefix(entry.Name(), begins) && time.Since(info.ModTime()) > age {
			_ = os.Remove(filepath.Join(folder, entry.Name())) // which it cannot be while somebody is in it
		}
	}
	return err
}

// bound writes what of the bounds belongs into a folder.
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
		err := os.WriteFile(filepath.Join(folder, b.file), strconv.AppendUint(nil, b.value, 10), 0) // which is there or not
		switch {
		case err == nil:
			set++
		case b.must && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission):
			return err
		}
	}
	if set == 0 {
		return fmt.Errorf("%s can be given no bounds", folder)
	}
	return nil
}

// Folders are where the group lies, as Place.Group wants it.
func (g *Group) Folders() string {
	if g == nil {
		return ""
	}
	return strings.Join(g.folders, ":")
}

// join puts this process into the group that lies there, and with it what it starts.
func join(folders string) error {
	for _, folder := range strings.FieldsFunc(folders, func(r rune) bool { return r == ':' }) {
		if err := os.WriteFile(filepath.Join(folder, "cgroup.procs"), []byte("0"), 0); err != nil {
			return fmt.Errorf("join its control group: %w", err)
		}
	}
	return nil
}

// Exceeded says which bound was met; empty if none was.
func (g *Group) Exceeded() string {
	switch {
	case g == nil:
		return ""
	case g.counted("memory.events", "oom_kill") || g.counted("memory.oom_control", "oom_kill"):
		return fmt.Sprintf("it took, with all that it had started, more than %d MiB of memory", g.bounds.memory>>20)
	case g.counted("pids.events", "max"):
		return fmt.Sprintf("it had, with all that it had started, more than %d processes and threads", g.bounds.processes)
	}
	return ""
}

// counted reports whether a counter of the group's is above zero.
func (g *Group) counted(file, name string) bool {
	for _, folder := range g.folders {
		text, err := os.Open(filepath.Join(folder, file))
		if err != nil {
			continue // it lies in the other folder, or has another name here
		}
		lines := bufio.NewScanner(text)
		for lines.Scan() {
			if rest, is := strings.CutPrefix(lines.Text(), name+" "); is && rest != "0" {
				_ = text.Close() // it was only read
				return true
			}
		}
		_ = text.Close()
	}
	return false
}

// End ends all that is in the group. Nothing can be started in it any more.
func (g *Group) End() {
	if g == nil {
		return
	}
	for _, folder := range g.folders {
		_ = os.WriteFile(filepath.Join(folder, "pids.max"), []byte("0"), 0) // where it is
	}
	for _, folder := range g.folders {
		text, _ := os.ReadFile(filepath.Join(folder, "cgroup.procs")) // an empty one ends nobody
		for _, word := range strings.Fields(string(text)) {
			if pid, err := strconv.Atoi(word); err == nil && pid > 0 {
				_ = syscall.Kill(pid, syscall.SIGKILL) // it may be gone already
			}
		}
	}
}

// Close removes the group, in which nobody may be left. That who was killed is gone may
// take the kernel a moment.
func (g *Group) Close() error {
	if g == nil {
		return nil
	}
	var errs []error
	for _, folder := range g.folders {
		if err := os.Remove(folder); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
