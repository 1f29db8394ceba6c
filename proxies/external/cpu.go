package external

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// CPU is the processor time that the product and its children have used, as
// far as they run; to a hundredth of a second. It needs /proc, as on Linux.
func (p *Process) CPU() (time.Duration, error) {
	const tick = time.Second / 100 // the kernel's USER_HZ, for all programs the same
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	if len(stats) == 0 {
		return 0, fmt.Errorf("%s: processor time: no /proc: %w", p.command.Name, errors.ErrUnsupported)
	}
	var ticks int
	for _, file := range stats {
		if text, err := os.ReadFile(file); err == nil { // else it has ended
			ticks += ticksIn(string(text), p.group.id())
		}
	}
	return time.Duration(ticks) * tick, nil
}

// ticksIn is the user and system time in a process's stat, if it is of the
// group.
func ticksIn(stat string, group int) int {
	_, rest, _ := strings.Cut(stat, ") ") // the name may have spaces
	words := strings.Fields(rest)
	if len(words) < 13 || words[2] != strconv.Itoa(group) {
		return 0
	}
	user, _ := strconv.Atoi(words[11])
	system, _ := strconv.Atoi(words[12])
	return user + system
}
