package child

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// leftBehind lists the processes that carry the mark: children that have left
// the client's process group, too, as long as they keep its environment.
func leftBehind(mark string) (pids []int) {
	files, _ := filepath.Glob("/proc/[0-9]*/environ") // the pattern is well formed
	for _, file := range files {
		env, err := os.ReadFile(file)
		if err != nil || !bytes.Contains(env, []byte(markVariable+"="+mark)) {
			continue // it ended meanwhile, or is somebody else's
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file))); err == nil {
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
