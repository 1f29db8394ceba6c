package child

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"gauntlet/proxies/confine"
)

// leftBehind lists the processes that carry the mark: children that have left
// the client's process group, too, whatever became of their environment where
// the client was confined.
func leftBehind(mark string) []int {
	pids := confine.Marked(mark)
	files, _ := filepath.Glob("/proc/[0-9]*/environ") // the pattern is well formed
	for _, file := range files {
		env, err := os.ReadFile(file)
		if err != nil || !bytes.Contains(env, []byte(markVariable+"="+mark)) {
			continue // it ended meanwhile, or is somebody else's
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file))); err == nil && !slices.Contains(pids, pid) {
			pids = append(pids, pid)
		}
	}
	return pids
}

// describe names a process and what it listens on.
func describe(pid int) string {
	name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
	if err != nil {
		return fmt.Sprint("process ", pid)
	}
	return strings.TrimSpace(string(name)) + listening(pid)
}

func end(pid int) { _ = syscall.Kill(pid, syscall.SIGKILL) } // it may be gone already
