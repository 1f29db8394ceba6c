//go:build !unix

package external

import (
	"errors"
	"os"
	"os/exec"
)

// ownGroup refuses: what we start must end with all its children, and here
// there are no process groups to see to that.
func ownGroup(*exec.Cmd) error {
	return errors.New("real proxies need a Unix system: they are ended by their process group")
}

func signalGroup(*exec.Cmd, os.Signal) {}

func killGroup(*exec.Cmd) {}
