//go:build !unix

package child

import "os/exec"

// Where there are no process groups a client's children are its own affair.
func ownGroup(*exec.Cmd) {}

func askToEnd(cmd *exec.Cmd) { _ = cmd.Process.Kill() } // there is no way to ask

func killGroup(cmd *exec.Cmd) { _ = cmd.Process.Kill() }
