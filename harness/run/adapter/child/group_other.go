//go:build !unix

package child

import (
	"fmt"
	"os"
	"os/exec"

	"gauntlet/harness/run/adapter"
)

// Where there are no process groups a client's children are its own affair.
func ownGroup(*exec.Cmd) {}

func suspendGroup(*exec.Cmd) (resume func(), err error) {
	return nil, fmt.Errorf("%w: no program can be suspended on this system", adapter.ErrUnsupported)
}

func terminate(cmd *exec.Cmd) error { return cmd.Process.Kill() } // there is no way to ask

// crashed knows nothing of signals here: what crashes has a status.
func crashed(*os.ProcessState) bool { return false }

func killGroup(cmd *exec.Cmd) { _ = cmd.Process.Kill() }
