package confine

import (
	"fmt"
	"hash/fnv"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// limit sets what the program may take. No limit is raised.
func limit(apart bool, mark string) error {
	for _, l := range []struct {
		name string
		what int
		most uint64
	}{
		{"memory", unix.RLIMIT_DATA, mostMemory},
		{"the size of a file", unix.RLIMIT_FSIZE, mostFile},
		{"open files", unix.RLIMIT_NOFILE, mostFiles},
		{"dumps", unix.RLIMIT_CORE, 0},
		{"processes", unix.RLIMIT_NPROC, mostProcesses},
		{"the mark", unix.RLIMIT_RTTIME, number(mark)},
	} {
		if l.what == unix.RLIMIT_NPROC && !apart {
			continue // it would count all that this user has started
		}
		if err := lower(l.what, l.most); err != nil {
			return fmt.Errorf("limit %s: %w", l.name, err)
		}
	}
	return nil
}

func lower(what int, most uint64) error {
	var now unix.Rlimit
	if err := unix.Getrlimit(what, &now); err != nil {
		return err
	}
	most = min(most, now.Max)
	return unix.Setrlimit(what, &unix.Rlimit{Cur: most, Max: most})
}

// number is a mark as a limit on time in real-time scheduling, so large that nobody
// meets it. A process hands it on to all that it starts, as it does with its
// environment; but who clears that does not clear this.
func number(mark string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(mark)) // never fails
	return h.Sum64()>>2 | 1<<61
}

// Marked are the processes that were started with each of the marks, and by them.
func Marked(marks ...string) map[string][]int {
	want, pids := map[string]string{}, map[string][]int{} // the marks by what their processes' limits show
	for _, mark := range marks {
		want[strconv.FormatUint(number(mark), 10)] = mark
	}
	for _, pid := range Processes() {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/limits", pid))
		if err != nil {
			continue // it ended meanwhile
		}
		for word := range strings.FieldsSeq(string(text)) {
			if mark, is := want[word]; is {
				pids[mark] = append(pids[mark], pid)
				break
			}
		}
	}
	return pids
}

// Processes are all that this process can see. A pattern such as /proc/*/limits would read
// each process's directory, too, which takes four times as long.
func Processes() (pids []int) {
	all, _ := os.ReadDir("/proc") // those that it gives
	for _, entry := range all {
		if pid, err := strconv.Atoi(entry.Name()); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}
