package child

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"

	"gauntlet/proxies/confine"
)

// leftBehind lists the processes that carry each of the marks: children that have left
// the client's process group, too, whatever became of their environment where
// the client was confined.
func leftBehind(marks []string) map[string][]int {
	pids := confine.Marked(marks...)
	for _, pid := range confine.Processes() {
		env, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
		if err != nil {
			continue // it ended meanwhile, or is somebody else's
		}
		for entry := range bytes.SplitSeq(env, []byte{0}) {
			mark, is := bytes.CutPrefix(entry, []byte(markVariable+"="))
			if is && slices.Contains(marks, string(mark)) && !slices.Contains(pids[string(mark)], pid) {
				pids[string(mark)] = append(pids[string(mark)], pid)
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
