//go:build unix

package external

import (
	"fmt"
	"io"
	"os/exec"
	"syscall"
)

// group is a product's process group. Its leader is a guardian of ours, a
// shell that waits for the end of a pipe which nobody but us holds open: when
// we are killed it removes the folder and kills the group, itself included. So
// a product ends with us and with all its children, and a Ctrl-C meant for us
// does not reach it. There is no parent-death signal: a program that gives up
// root loses it, and it fires when the thread that forked ends, which in Go is
// at no particular time.
type group struct {
	guardian *exec.Cmd
	pipe     io.Closer
}

// guard is what the guardian does. The first argument is the folder, if it is
// temporary; the others are patterns. Without IFS a pattern is not split.
const guard = `trap "" INT TERM HUP QUIT USR1 USR2
read -r _
IFS=
rm -rf -- "$1"
shift
for pattern; do rm -f -- $pattern; done
kill -KILL 0`

// newGroup starts the guardian and has cmd, which is yet to be started, join.
func (c command) newGroup(cmd *exec.Cmd) (*group, error) {
	folder := ""
	if c.temporary {
		folder = c.dir
	}
	g := &group{guardian: exec.Command("/bin/sh", append([]string{"-c", guard, "guardian", folder}, c.Leftovers...)...)}
	g.guardian.Dir = "/"
	g.guardian.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	pipe, err := g.guardian.StdinPipe()
	if err == nil {
		g.pipe, err = pipe, g.guardian.Start()
	}
	if err != nil {
		return nil, fmt.Errorf("%s: its guardian: %w", c.Name, err)
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pgid: g.guardian.Process.Pid}
	return g, nil
}

// id is the group's.
func (g *group) id() int { return g.guardian.Process.Pid }

// signal asks the product to end. It may find nobody left, which is what it is
// for.
func (g *group) signal(name string) {
	number, known := map[string]syscall.Signal{"TERM": syscall.SIGTERM, "QUIT": syscall.SIGQUIT, "USR1": syscall.SIGUSR1}[name]
	if !known {
		number = syscall.SIGINT
	}
	_ = syscall.Kill(-g.id(), number)
}

// kill ends the group, and the guardian is reaped.
func (g *group) kill() {
	_ = syscall.Kill(-g.id(), syscall.SIGKILL)
	_ = g.guardian.Wait() // killed, as it should be
	_ = g.pipe.Close()    // it is closed already
}
