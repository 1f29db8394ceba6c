//go:build unix

package child

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"syscall"
)

// ownGroup puts the client into a process group of its own: its children are
// ended with it, and a Ctrl-C meant for us does not reach them.
func ownGroup(cmd *exec.Cmd) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setpgid = true
}

func terminate(cmd *exec.Cmd) error { return cmd.Process.Signal(syscall.SIGTERM) }

// suspendGroup stops a client and its children where they stand.
func suspendGroup(cmd *exec.Cmd) (resume func(), err error) {
	group := -cmd.Process.Pid
	if err := syscall.Kill(group, syscall.SIGSTOP); err != nil {
		return nil, fmt.Errorf("suspend the client: %w", err)
	}
	return func() { _ = syscall.Kill(group, syscall.SIGCONT) }, nil // it may be gone
}

// crashed reports whether a signal has ended it that a program gets for its own fault.
func crashed(state *os.ProcessState) bool {
	if state == nil {
		return false // nobody could wait for it
	}
	status, _ := state.Sys().(syscall.WaitStatus)
	faults := []syscall.Signal{syscall.SIGSEGV, syscall.SIGBUS, syscall.SIGABRT, syscall.SIGFPE, syscall.SIGILL, syscall.SIGTRAP, syscall.SIGSYS}
	return slices.Contains(faults, status.Signal()) // -1 if none has
}

// killGroup may find nobody left, which is what it is for.
func killGroup(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
