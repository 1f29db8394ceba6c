//go:build unix

package external

import (
	"os"
	"os/exec"
	"syscall"
)

// ownGroup puts the program into a process group of its own, so that its
// children end with it and a Ctrl-C meant for us does not reach it. There is
// no parent-death signal: it fires when the thread that forked ends, which in
// Go is at no particular time.
func ownGroup(cmd *exec.Cmd) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return nil
}

// signalGroup asks the program to end; nil means os.Interrupt. It and
// killGroup may find nobody left, which is what they are for.
func signalGroup(cmd *exec.Cmd, s os.Signal) {
	number, ok := s.(syscall.Signal)
	if !ok {
		number = syscall.SIGINT
	}
	_ = syscall.Kill(-cmd.Process.Pid, number)
}

func killGroup(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
