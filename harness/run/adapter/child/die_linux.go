package child

import (
	"os/exec"
	"syscall"
)

// dieWithUs ends the client when we are killed. The signal comes when the
// thread ends that has forked: the caller keeps it.
func dieWithUs(cmd *exec.Cmd) { cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL }
