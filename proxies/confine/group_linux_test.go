package confine

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestAGroupBoundsAllTogether has processes that each keep the limit exceed it together.
func TestAGroupBoundsAllTogether(t *testing.T) {
	for _, test := range []struct{ script, exceeded string }{
		{"for i in $(seq 500); do sleep 300 & done", "it started more than 60 processes and threads"},
		{"for i in 1 2 3 4 5 6 7 8; do head -c 12M /dev/zero | tail -c 12M | wc -c & done; wait", "it and the processes that it started took more than 48 MiB of memory"},
		{"for i in 1 2; do head -c 4M /dev/zero | tail -c 4M | wc -c & done; wait", ""},
	} {
		g := groupOf(t, bounds{memory: 48 << 20, processes: 60})
		cmd := exec.Command("sh", "-c", "for f in $FOLDERS; do echo 0 > $f/cgroup.procs || exit; done; "+test.script)
		cmd.Env = append(os.Environ(), "FOLDERS="+strings.ReplaceAll(g.Folders(), ":", " "))
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // the shell gives up when it can start nothing more
		if got := g.Exceeded(); got != test.exceeded {
			t.Errorf("%s\n%q, not %q", test.script, got, test.exceeded)
		}
		ended(t, g)
	}
}

// groupOf is a group, where the machine gives one.
func groupOf(t *testing.T, b bounds) *Group {
	t.Helper()
	g, err := newGroup(fmt.Sprint("gauntlettest-", os.Getpid()), b)
	if err != nil {
		t.Skip("no control group can be had: ", err)
	}
	return g
}

// ended ends the group's processes, and wants its folders to go.
func ended(t *testing.T, g *Group) {
	t.Helper()
	for over := time.Now().Add(3 * time.Minute); ; {
		end := endings(t, g)
		g.End()
		for _, fd := range end {
			_, _ = unix.Poll([]unix.PollFd{{Fd: fd, Events: unix.POLLIN}}, int(time.Minute.Milliseconds()))
			_ = unix.Close(int(fd))
		}
		if g.Close() == nil {
			return
		}
		if time.Now().After(over) {
			t.Fatalf("left: %s", g.Folders())
		}
	}
}

// endings are descriptors of the group's processes, which tell when these end.
func endings(t *testing.T, g *Group) (list []int32) {
	t.Helper()
	for _, folder := range g.folders {
		text, err := os.ReadFile(filepath.Join(folder, "cgroup.procs"))
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		for _, word := range strings.Fields(string(text)) {
			pid, _ := strconv.Atoi(word) // the kernel's
			if fd, err := unix.PidfdOpen(pid, 0); err == nil {
				list = append(list, int32(fd))
			} // else it is gone
		}
	}
	return list
}

// TestGroupsOfWhoWasKilledAreTakenAway leaves one behind.
func TestGroupsOfWhoWasKilledAreTakenAway(t *testing.T) {
	g := groupOf(t, together())
	defer ended(t, g)
	left := &Group{}
	for _, folder := range g.folders {
		path := filepath.Join(filepath.Dir(folder), "gauntlettest-left")
		if err := os.Mkdir(path, 0o755); err != nil {
			t.Fatal(err)
		}
		left.folders = append(left.folders, path)
	}
	defer func() { _ = left.Close() }()
	for i, folder := range left.folders {
		old, next := time.Now().Add(-stale-time.Minute), &Group{}
		err := errors.Join(os.Chtimes(folder, old, old), next.add(filepath.Dir(folder), "gauntlettest-next"), next.Close())
		if _, missing := os.Stat(folder); err != nil || missing == nil {
			t.Errorf("%d: it is still there: %v", i, err)
		}
		if _, err := os.Stat(g.folders[i]); err != nil {
			t.Errorf("%d: nor is what is new: %v", i, err)
		}
	}
}

// TestWhyThereIsNoGroupIsOneLine asks for one that cannot be made, for which both kinds
// are tried.
func TestWhyThereIsNoGroupIsOneLine(t *testing.T) {
	if g, err := newGroup("no/such-group", together()); g != nil || err == nil || strings.Contains(err.Error(), "\n") {
		t.Errorf("%v, %q", g, err)
	}
}
