//go:build !unix

package external

import (
	"errors"
	"os/exec"
)

type group struct{}

// newGroup refuses: what we start must end with all its children, and here
// there are no process groups to see to that.
func (c command) newGroup(*exec.Cmd) (*group, error) {
	return nil, errors.New("real proxies need a Unix system: they are ended by their process group")
}

func (*group) id() int { return 0 }

func (*group) signal(string) {}

func (*group) kill() {}
