package external

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Command is how a product is run; squid.go shows one.
type Command struct {
	Name      string                                       // what messages call it
	Binary    string                                       // a path, or a name to look up
	Args      []string                                     // complete
	Dir       string                                       // its folder: configuration, logs
	Temporary bool                                         // Dir is removed when the process has ended
	Addr      string                                       // host:port that it will serve
	AccessLog string                                       // file name in Dir; "" if it keeps none
	Logs      []string                                     // file names in Dir whose ends explain a death
	Ready     func(ctx context.Context, addr string) error // one try; called until it is nil
	Patience  time.Duration                                // for all tries together; 0 means 15 s
	Stop      os.Signal                                    // asks it to end at once; nil means os.Interrupt
	Grace     time.Duration                                // until it is killed; 0 means 2 s
	Leftovers []string                                     // patterns of files elsewhere that a killed program leaves
}

// outputLog is the file in Dir that gets what the program prints.
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

// command makes the exec.Cmd; its output goes to a file, so that no goroutine
// has to copy it and no child that lives longer holds us up.
func (c Command) command() (*exec.Cmd, error) {
	path, err := find(c.Name, c.Binary)
	if err != nil {
		return nil, err
	}
	out, err := os.Create(filepath.Join(c.Dir, outputLog))
	if err != nil {
		return nil, fmt.Errorf("%s: its output: %w", c.Name, err)
	}
	cmd := exec.Command(path, c.Args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = c.Dir, out, out
	return cmd, ownGroup(cmd)
}

// explain says in one line why the program ended, from what it printed.
func (c Command) explain() string {
	var said []string
	for _, file := range append([]string{outputLog}, c.Logs...) {
		said = append(said, tail(filepath.Join(c.Dir, file))...)
	}
	if len(said) == 0 {
		return "it said nothing"
	}
	return strings.Join(said, " | ")
}
