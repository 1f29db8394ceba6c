package netns

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// Reexec runs this program once more, with the same arguments and standard
// files, in namespaces of its own, and returns its exit code. Interrupts are
// passed on; if this process dies, the other does too, and all that it started.
// The context is looked at before it starts, and not while it runs: the program
// hears of signals itself.
func Reexec(ctx context.Context) (code int, err error) {
	cmd := exec.Command("/proc/self/exe", os.Args[1:]...)
	cmd.Args[0] = os.Args[0]
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	if ctx.Err() != nil { // by a signal that came before
		return 0, context.Cause(ctx)
	}
	err = runInNamespaces(cmd, entering, signals)
	var failed *exec.ExitError
	switch {
	case err == nil:
		return 0, nil
	case errors.As(err, &failed) && failed.Exited():
		return failed.ExitCode(), nil
	}
	return 0, fmt.Errorf("in namespaces: %w", err)
}

// Missing says why networks cannot be made on this machine, or as this user;
// nil if they can.
func Missing(ctx context.Context) error {
	cmd := exec.CommandContext(ctx, "/proc/self/exe")
	var said bytes.Buffer
	cmd.Stderr = &said
	err := runInNamespaces(cmd, probing, nil)
	switch {
	case err == nil:
		return nil
	case said.Len() > 0:
		return fmt.Errorf("%w: %s", errUnavailable, strings.TrimSpace(said.String()))
	}
	return fmt.Errorf("%w: %w", errUnavailable, err)
}

// runInNamespaces runs cmd in namespaces. They are made in the one way that is
// allowed: with a user namespace, so that root is not the machine's; or, where
// that is forbidden, by root without.
func runInNamespaces(cmd *exec.Cmd, role string, signals <-chan os.Signal) error {
	cmd.Env = append(os.Environ(), roleKey+"="+role, socketsKey+"="+sockets())
	var err error
	for _, as := range identities() {
		attempt := *cmd
		attempt.SysProcAttr = as
		if cmd.Cancel != nil { // it ends what it was made for, which is never started
			attempt.Cancel = func() error { return attempt.Process.Kill() }
		}
		if err = runOnOneThread(&attempt, signals); !refused(err) {
			return err
		}
	}
	return fmt.Errorf("user namespaces are not allowed (%w): see sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone and kernel.apparmor_restrict_unprivileged_userns, or run as root", err)
}

// sockets are the paths of this machine's sockets, which are not listed in the
// namespaces. A list that is too long for a variable is cut.
func sockets() string {
	text, err := os.ReadFile("/proc/thread-self/net/unix")
	if err != nil {
		return ""
	}
	var paths []string
	length := 0
	for line := range strings.Lines(string(text)) {
		_, path, is := strings.Cut(strings.TrimSpace(line), " /")
		if path = "/" + path; is && length < mostSockets && !strings.Contains(path, ":") && !slices.Contains(paths, path) {
			paths, length = append(paths, path), length+len(path)+1
		}
	}
	return strings.Join(paths, ":")
}

// mostSockets is the length of their list.
const mostSockets = 1 << 16

// refused tells that a process could not be started in such namespaces; one
// that ran and failed is something else.
func refused(err error) bool {
	var failed *exec.ExitError
	return err != nil && !errors.As(err, &failed)
}

// runOnOneThread keeps to one thread: what it started dies with the thread. Signals
// wait until PlayRole says that they are heard there: those that come before are lost
// on the first process of a namespace.
func runOnOneThread(cmd *exec.Cmd, signals <-chan os.Signal) error {
	hears, says, err := os.Pipe()
	if err != nil {
		return err
	}
	defer func() { _ = hears.Close() }() // its end is all that matters
	cmd.ExtraFiles = []*os.File{says}
	started, ended, heard := make(chan error, 1), make(chan error, 1), make(chan struct{}, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		_ = says.Close() // it is the other's
		if started <- err; err == nil {
			ended <- cmd.Wait()
		}
	}()
	if err := <-started; err != nil {
		return err
	}
	go func() {
		_, _ = hears.Read(make([]byte, 1)) // or it has ended
		heard <- struct{}{}
	}()
	var passed <-chan os.Signal
	for {
		select {
		case <-heard:
			passed = signals
		case s := <-passed:
			_ = cmd.Process.Signal(s) // it may have ended
		case err := <-ended:
			return err
		}
	}
}

const apart = syscall.CLONE_NEWNS | syscall.CLONE_NEWNET | syscall.CLONE_NEWPID | syscall.CLONE_NEWIPC | syscall.CLONE_NEWUTS

// identities are the ways to be root in new namespaces, the best first. A group
// of its own keeps the terminal's signals from coming twice.
func identities() []*syscall.SysProcAttr {
	plain := syscall.SysProcAttr{Cloneflags: apart, Pdeathsig: syscall.SIGKILL, Setpgid: true}
	user := plain
	user.Cloneflags |= syscall.CLONE_NEWUSER
	if os.Geteuid() != 0 {
		user.UidMappings = []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}
		user.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}
		return []*syscall.SysProcAttr{&user}
	}
	user.UidMappings = []syscall.SysProcIDMap{{Size: mapped("/proc/self/uid_map")}}
	user.GidMappings = []syscall.SysProcIDMap{{Size: mapped("/proc/self/gid_map")}}
	user.GidMappingsEnableSetgroups = true // servers that give up root want it
	return []*syscall.SysProcAttr{&user, &plain}
}

// mapped is how many identities from 0 on there are here to be handed on.
func mapped(file string) int {
	text, err := os.ReadFile(file)
	if err != nil {
		return 1
	}
	var from, to, size int
	if _, err := fmt.Fscan(io.Reader(bytes.NewReader(text)), &from, &to, &size); err != nil || from != 0 {
		return 1
	}
	return min(size, 1<<16)
}

// roleKey is the variable by which a process that we have started knows what
// it is for.
const roleKey = "GAUNTLET_NAMESPACES"

// The roles.
const (
	entering = "entering" // the caller's program, again, in namespaces that are new
	inside   = "inside"   // it, and what it starts, when they are fit to live in
	probing  = "probing"  // reports whether networks can be made, and ends
	first    = "first"    // the first process of a client's process namespace
	program  = "program"  // becomes a client's program

	confined = "confined" // becomes one on the machine's own network
)

// PlayRole has to be called at the very beginning of main (or of TestMain) by
// every program that calls Reexec: it prepares the namespaces of a process that
// Reexec has started, and in those that are started for a purpose of this
// package's own it does not return. A program that hears of signals begins to before.
func PlayRole() error {
	switch os.Getenv(roleKey) {
	case entering:
		err := os.NewFile(3, "the line to who waits for it").Close() // signals are heard
		if err == nil {
			err = setUp()
		}
		if err == nil {
			err = os.Setenv(roleKey, inside)
		}
		if err != nil {
			return err
		}
	case probing:
		os.Exit(probe())
	case first:
		os.Exit(beFirst())
	case program, confined:
		fmt.Fprintln(os.Stderr, "gauntlet:", become(os.Getenv(roleKey) == program))
		os.Exit(127)
	}
	return ready()
}

// ready notes that this process plays roles when it is started again.
func ready() error { return os.Setenv(readyKey, strconv.Itoa(os.Getpid())) }

// Inside reports whether this process is one in which networks can be made.
func Inside() bool { return os.Getenv(roleKey) == inside }

var errOutside = errors.New("networks are made only in a process that is in namespaces of its own")
