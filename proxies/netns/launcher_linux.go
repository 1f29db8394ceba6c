package netns

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"

	"gauntlet/proxies/confine"
)

// launcher is where the programs of one host are started: a thread in the host's
// namespaces, with names of ours, and the first process of a process namespace,
// whose end is that of all the others.
type launcher struct {
	host  *host
	names *names
	asked chan *exec.Cmd
	told  chan error
	first *exec.Cmd
	line  io.Closer // at whose end the first process ends
}

// newLauncher makes a host fit to start programs.
func newLauncher(h *host, n *names) (*launcher, error) {
	s := &launcher{host: h, names: n, asked: make(chan *exec.Cmd), told: make(chan error, 1)}
	go s.run()
	if err := <-s.told; err != nil {
		return nil, fmt.Errorf("%s: a place for programs: %w", h.namespace.name, err)
	}
	return s, nil
}

// start is cmd.Start in the host's namespaces.
func (s *launcher) start(cmd *exec.Cmd) error {
	if err := dress(cmd, program); err != nil {
		return err
	}
	s.asked <- cmd
	return <-s.told
}

// run is the thread's whole life.
func (s *launcher) run() {
	runtime.LockOSThread() // never unlocked: it ends with its namespaces
	err := s.enter()
	s.told <- err
	if err != nil {
		return
	}
	for cmd := range s.asked {
		s.told <- cmd.Start()
	}
}

// enter takes the thread into the host's namespaces and starts their first
// process.
func (s *launcher) enter() error {
	if err := netns.Set(s.host.namespace.handle); err != nil {
		return fmt.Errorf("its network: %w", err)
	}
	if err := unix.Unshare(unix.CLONE_NEWNS); err != nil {
		return fmt.Errorf("mounts of its own: %w", err)
	}
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("mounts of its own: %w", err)
	}
	if err := s.names.mount(); err != nil {
		return err
	}
	// Package os once tries what its processes can do by starting one. It must
	// not do so later: that one would be the first here, and end at once.
	if self, err := os.FindProcess(os.Getpid()); err == nil {
		_ = self.Release()
	}
	if err := unix.Unshare(unix.CLONE_NEWPID); err != nil {
		return fmt.Errorf("processes of its own: %w", err)
	}
	return s.startFirst()
}

// startFirst starts the process with the number 1 and waits until it is there.
func (s *launcher) startFirst() error {
	s.first = exec.Command("/proc/self/exe")
	s.first.Env = []string{roleKey + "=" + first}
	s.first.Stderr = os.Stderr
	line, err := s.first.StdinPipe()
	if err != nil {
		return err
	}
	s.line = line
	ready, err := s.first.StdoutPipe()
	if err != nil {
		return err
	}
	if err := s.first.Start(); err != nil {
		return fmt.Errorf("its first process: %w", err)
	}
	if _, err := ready.Read(make([]byte, 1)); err != nil {
		return errors.Join(fmt.Errorf("its first process: %w", err), s.first.Wait())
	}
	return nil
}

// close ends the programs, by ending the first process. It is gone for good
// when those who started programs have waited for them.
func (s *launcher) close() error {
	close(s.asked)
	err := errors.Join(s.first.Process.Kill(), s.line.Close())
	go func() { _ = s.first.Wait() }() // how it ended is known; it closes the line, too, hence comes last
	return err
}

// beFirst is the first process: it buries the others, and ends when its
// parent says so, or has gone.
func beFirst() int {
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // its end is all that matters
		os.Exit(0)
	}()
	children := make(chan os.Signal, 1)
	signal.Notify(children, unix.SIGCHLD)
	_, _ = os.Stdout.Write([]byte{1})
	for range children {
		for {
			if pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil); err != nil || pid <= 0 {
				break
			}
		}
	}
	return 0
}

const (
	programKey = "GAUNTLET_PROGRAM"
	markKey    = "GAUNTLET_MARK"  // by which what a program leaves behind is found
	groupKey   = "GAUNTLET_GROUP" // the control group that a program joins
	readyKey   = "GAUNTLET_READY"
	socketsKey = "GAUNTLET_SOCKETS" // paths that are hidden from programs
)

// Confined starts cmd on the machine's own network, kept to its folder as far as
// that goes without namespaces. Only a program that has called PlayRole can do
// so; in others it is cmd.Start.
func Confined(cmd *exec.Cmd) error {
	if os.Getenv(readyKey) == strconv.Itoa(os.Getpid()) {
		if err := dress(cmd, confined); err != nil {
			return err
		}
	}
	return cmd.Start()
}

// dress makes cmd start as this program, which then becomes the one that was
// wanted: what has to be done in its namespaces can be done only there.
func dress(cmd *exec.Cmd, role string) error {
	if cmd.Err != nil || cmd.Process != nil {
		return cmd.Start() // which says it
	}
	path := cmd.Path
	if !filepath.IsAbs(path) {
		path = filepath.Join(cmd.Dir, path)
	}
	if err := unix.Access(path, unix.X_OK); err != nil {
		return &os.PathError{Op: "fork/exec", Path: cmd.Path, Err: err}
	}
	cmd.Env = append(clean(cmd.Environ()), roleKey+"="+role, programKey+"="+cmd.Path, socketsKey+"="+os.Getenv(socketsKey))
	cmd.Path = "/proc/self/exe"
	return nil
}

// clean takes our own variables out of an environment.
func clean(env []string) []string {
	return slices.DeleteFunc(env, func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return name == roleKey || name == programKey || name == readyKey || name == socketsKey
	})
}

// become turns this process into the program that was wanted, and nothing more
// than that. It returns only if that fails.
func become(apart bool) error {
	runtime.LockOSThread()
	path, env := os.Getenv(programKey), clean(os.Environ())
	folder, err := os.Getwd()
	if err != nil {
		return fmt.Errorf("start %s: %w", path, err)
	}
	place := confine.Place{
		Folder: folder, Needs: append(named(os.Args[1:]), path), Sees: named(env), Hides: strings.Split(os.Getenv(socketsKey), ":"),
		Apart: apart, Mark: os.Getenv(markKey), Group: os.Getenv(groupKey),
	}
	env = slices.DeleteFunc(env, func(v string) bool { return strings.HasPrefix(v, groupKey+"=") })
	was := os.Geteuid()
	lacking, err := place.Enter()
	if err != nil {
		return fmt.Errorf("start %s: %w", path, err)
	}
	if lacking != "" {
		fmt.Fprintf(os.Stderr, "gauntlet: the program is confined less than it might be: %s\n", lacking)
	}
	if os.Geteuid() != was {
		env = append(slices.DeleteFunc(env, func(v string) bool { return strings.HasPrefix(v, "HOME=") }), "HOME=/tmp")
	}
	return fmt.Errorf("start %s: %w", path, syscall.Exec(path, os.Args, env))
}

// named are the files that words name, whole or behind a sign, as --ca=/path.
func named(words []string) (paths []string) {
	for _, word := range words {
		for _, part := range strings.FieldsFunc(word, func(r rune) bool { return strings.ContainsRune("=:,", r) }) {
			if info, err := os.Stat(part); err == nil && (filepath.IsAbs(part) || info.Mode().IsRegular()) {
				if absolute, err := filepath.Abs(part); err == nil {
					paths = append(paths, absolute)
				}
			}
		}
	}
	return paths
}
