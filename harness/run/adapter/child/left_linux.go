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

// leftBehind lists the processes that carry each of the marks: children that have left
// the client's process group, too, whatever became of their environment where
// the client was confined.
func leftBehind(marks []string) map[string][]int {
	pids := confine.Marked(marks...)
	files, _ := filepath.Glob("/proc/[0-9]*/environ") // the pattern is well formed
	for _, file := range files {
		env, err := os.ReadFile(file)
		if err != nil {
			continue // it ended meanwhile, or is somebody else's
		}
		for entry := range bytes.SplitSeq(env, []byte{0}) {
			mark, is := strings.CutPrefix(string(entry), markVariable+"=")
			if !is || !slices.Contains(marks, mark) {
				continue
			}
			if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file))); err == nil && !slices.Contains(pids[mark], pid) {
				pids[mark] = append(pids[mark], pid)
			}
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
