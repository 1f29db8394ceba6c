package child

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// listening says on which TCP ports a process listens; empty if on none.
func listening(pid int) string {
	sockets := map[string]bool{}
	files, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid)) // the pattern is well formed
	for _, file := range files {
		if to, err := os.Readlink(file); err == nil {
			if inode, ok := strings.CutPrefix(to, "socket:["); ok {
				sockets[strings.TrimSuffix(inode, "]")] = true
			}
		}
	}
	var ports []string
	for _, table := range []string{"tcp", "tcp6"} {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/net/%s", pid, table))
		if err == nil {
			ports = append(ports, portsIn(string(text), sockets)...)
		}
	}
	if len(ports) == 0 {
		return ""
	}
	return ", which listens on port " + strings.Join(ports, ", ")
}

// portsIn reads the kernel's table: local address, state and inode are the
// second, fourth and tenth field; 0A is LISTEN.
func portsIn(table string, sockets map[string]bool) (ports []string) {
	for line := range strings.Lines(table) {
		fields := strings.Fields(line)
		if len(fields) < 10 || fields[3] != "0A" || !sockets[fields[9]] {
			continue
		}
		_, hex, _ := strings.Cut(fields[1], ":")
		if port, err := strconv.ParseUint(hex, 16, 16); err == nil {
			ports = append(ports, fmt.Sprint(port))
		}
	}
	return ports
}
