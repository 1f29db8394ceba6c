package external

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// command is a product with its templates filled in, about to be run.
type command struct {
	Product
	ready     func(ctx context.Context, addr string) error // one try; called until it is nil
	dir       string                                       // its folder
	temporary bool                                         // dir is removed when the process has ended
	addr      string                                       // host:port that it will serve
	socket    *os.File                                     // that it inherits; nil if it binds addr itself
}

// outputLog is the file in the folder that gets what the program prints.
const outputLog = "output.log"

// errDied marks the errors of a program that ended before it was ready.
var errDied = errors.New("ended at start")

// find looks for the program where a shell would, and where system programs
// are kept that an ordinary user's shell does not see.
func find(name, binary string) (string, error) {
	if path, err := exec.LookPath(binary); err == nil {
		return path, nil
	}
	if !strings.ContainsRune(binary, filepath.Separator) {
		for _, dir := range []string{"/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin"} {
			if path, err := exec.LookPath(filepath.Join(dir, binary)); err == nil {
				return path, nil
			}
		}
		return "", fmt.Errorf("%s not found: install it with: make deps", name)
	}
	return "", fmt.Errorf("%s not found at %s: install it with: make deps", name, binary)
}

// exec makes the exec.Cmd; its output goes to a file, so that no goroutine has
// to copy it and no child that lives longer holds us up.
func (c command) exec() (*exec.Cmd, error) {
	path, err := find(c.Name, c.Command[0])
	if err != nil {
		return nil, err
	}
	out, err := os.Create(filepath.Join(c.dir, outputLog))
	if err != nil {
		return nil, fmt.Errorf("%s: its output: %w", c.Name, err)
	}
	cmd := exec.Command(path, c.Command[1:]...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = c.dir, out, out
	cmd.Env = os.Environ()
	if c.temporary { // what a product or its compiler leaves there goes with it
		cmd.Env = append(cmd.Env, "TMPDIR="+c.dir)
	}
	cmd.Env = append(cmd.Env, c.Environment...)
	if c.socket != nil {
		cmd.ExtraFiles = []*os.File{c.socket}
	}
	return cmd, nil
}

// explain says in one line why the program ended, from what it printed.
func (c command) explain() string {
	var said []string
	for _, file := range append([]string{outputLog}, c.Logs...) {
		said = append(said, tail(filepath.Join(c.dir, file))...)
	}
	if len(said) == 0 {
		return "it said nothing"
	}
	return strings.Join(said, " | ")
}
