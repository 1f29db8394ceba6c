package specs

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/sys/unix"
)

// operation is a system call that a machine in trouble refuses.
type operation struct {
	name  string
	on    func(s *sabotage, tid int, r *syscall.PtraceRegs) bool // reports whether it is one of those that matter
	error syscall.Errno
	done  bool // it is done all the same
}

// operations are those that the command makes itself: files below a directory,
// pipes and processes. What the Go runtime needs for itself is let alone.
var operations = map[uint64]operation{
	unix.SYS_OPENAT:     {name: "open", on: onPath, error: unix.EMFILE},
	unix.SYS_MKDIRAT:    {name: "mkdir", on: onPath, error: unix.ENOSPC},
	unix.SYS_RENAMEAT:   {name: "rename", on: onPath, error: unix.EIO},
	unix.SYS_UNLINKAT:   {name: "unlink", on: onPath, error: unix.EIO},
	unix.SYS_NEWFSTATAT: {name: "stat", on: onPath, error: unix.EIO},
	unix.SYS_READ:       {name: "read", on: onFile, error: unix.EIO},
	unix.SYS_PREAD64:    {name: "pread", on: onFile, error: unix.EIO},
	unix.SYS_GETDENTS64: {name: "getdents", on: onFile, error: unix.EIO},
	unix.SYS_WRITE:      {name: "write", on: onFile, error: unix.ENOSPC},
	unix.SYS_CLOSE:      {name: "close", on: onFile, error: unix.EIO, done: true},
	unix.SYS_PIPE2:      {name: "pipe", on: always, error: unix.EMFILE},
	unix.SYS_SOCKET:     {name: "socket", on: always, error: unix.EMFILE},
	unix.SYS_CLONE:      {name: "fork", on: onProcess, error: unix.EAGAIN},
}

func always(*sabotage, int, *syscall.PtraceRegs) bool { return true }

func onProcess(_ *sabotage, _ int, r *syscall.PtraceRegs) bool { return r.Rdi&unix.CLONE_THREAD == 0 }

func onPath(s *sabotage, tid int, r *syscall.PtraceRegs) bool {
	mem, err := os.Open(fmt.Sprintf("/proc/%d/mem", tid))
	if err != nil {
		return false
	}
	defer mem.Close()
	room := make([]byte, 512)
	n, _ := mem.ReadAt(room, int64(r.Rsi)) // what can be read of it
	path, _, ends := bytes.Cut(room[:n], []byte{0})
	return ends && len(path) > 0 && (!filepath.IsAbs(string(path)) || strings.HasPrefix(string(path), s.below))
}

func onFile(s *sabotage, tid int, r *syscall.PtraceRegs) bool {
	link, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/%d", tid, r.Rdi))
	if r.Orig_rax == unix.SYS_READ && r.Rdx == 8 {
		return false // Go asks a child whether it has begun, and would wait for ever for the end of one that has
	}
	return err == nil && (strings.HasPrefix(link, s.below) || strings.HasPrefix(link, "pipe:"))
}

// sabotage runs a command and has one of its operations fail: the nth, of all its
// threads and workers together. It is the tracer of all of them.
type sabotage struct {
	below string // the directory whose files count
	nth   int
	until string // what it says when it is to be interrupted; empty: it ends by itself

	count   int    // operations so far
	spoilt  string // what has failed
	inside  map[int]bool
	error   map[int]syscall.Errno // that the call under way gets in the end
	threads map[int]bool
}

// traceable reports whether processes can be traced here.
func traceable(work string) bool {
	s := sabotage{below: work, nth: -1}
	_, err := s.try(work, []string{"true"})
	return err == nil
}

// run calls the command in a directory.
func (s *sabotage) run(work string, args ...string) called {
	GinkgoHelper()
	c, err := s.try(work, append([]string{command}, args...))
	Expect(err).NotTo(HaveOccurred())
	return c
}

// try is run with an error. Only the thread that began to trace a process may go on.
func (s *sabotage) try(work string, args []string) (c called, err error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	beside := GinkgoT().TempDir() // others run at the same time
	out, err := os.Create(filepath.Join(beside, "stdout"))
	if err != nil {
		return c, err
	}
	defer out.Close()
	said, err := os.Create(filepath.Join(beside, "stderr"))
	if err != nil {
		return c, err
	}
	defer said.Close()
	path, err := exec.LookPath(args[0])
	if err != nil {
		return c, err
	}
	pid, err := syscall.ForkExec(path, args, &syscall.ProcAttr{
		Dir: work, Env: os.Environ(), Files: []uintptr{0, out.Fd(), said.Fd()},
		Sys: &syscall.SysProcAttr{Ptrace: true, Setpgid: true},
	})
	if err != nil {
		return c, err
	}
	hangs := time.AfterFunc(3*time.Minute, func() { _ = syscall.Kill(-pid, syscall.SIGKILL) })
	defer hangs.Stop()
	ended := make(chan struct{})
	if s.until != "" {
		go s.interrupt(pid, out.Name(), ended)
	}
	c.code, err = s.follow(pid)
	close(ended)
	if err != nil {
		return c, err
	}
	stdout, err := os.ReadFile(out.Name())
	if err != nil {
		return c, err
	}
	stderr, err := os.ReadFile(said.Name())
	c.dir, c.stdout, c.stderr = work, string(stdout), string(stderr)
	return c, err
}

// interrupt does so when the process has said so in a file.
func (s *sabotage) interrupt(pid int, file string, ended <-chan struct{}) {
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for {
		select {
		case <-look.C:
		case <-ended:
			return
		}
		if text, err := os.ReadFile(file); err == nil && strings.Contains(string(text), s.until) {
			_ = syscall.Kill(pid, syscall.SIGINT) // it may have ended
			return
		}
	}
}

// follow leads the process and all that it starts to their ends.
func (s *sabotage) follow(pid int) (code int, err error) {
	s.inside, s.error, s.threads = map[int]bool{}, map[int]syscall.Errno{}, map[int]bool{pid: true}
	var state syscall.WaitStatus
	if _, err = syscall.Wait4(pid, &state, syscall.WALL, nil); err != nil {
		return 0, err
	}
	const options = unix.PTRACE_O_TRACESYSGOOD | unix.PTRACE_O_TRACECLONE | unix.PTRACE_O_TRACEFORK |
		unix.PTRACE_O_TRACEVFORK | unix.PTRACE_O_TRACEEXEC | unix.PTRACE_O_EXITKILL
	if err = syscall.PtraceSetOptions(pid, options); err != nil {
		return 0, err
	}
	for tid := pid; ; {
		if signal, on := s.stopped(tid, state); on {
			_ = syscall.PtraceSyscall(tid, signal) // it may have been killed meanwhile
		} else if tid == pid {
			code = state.ExitStatus()
		}
		if len(s.threads) == 0 {
			return code, nil
		}
		tid, err = syscall.Wait4(-1, &state, syscall.WALL|syscall.WNOTHREAD, nil)
		if err != nil {
			return 0, err
		}
	}
}

// callStop marks a stop at a system call.
const callStop = syscall.SIGTRAP | 0x80

// stopped looks why a thread stands, and says with which signal it goes on.
func (s *sabotage) stopped(tid int, state syscall.WaitStatus) (signal int, on bool) {
	if !state.Stopped() {
		delete(s.threads, tid)
		delete(s.inside, tid)
		return 0, false
	}
	known := s.threads[tid]
	s.threads[tid] = true
	switch why := state.StopSignal(); {
	case why == callStop:
		s.call(tid)
	case why == syscall.SIGTRAP || why == syscall.SIGSTOP && !known:
	default:
		return int(why), true
	}
	return 0, true
}

// call is where a thread enters a system call or leaves it.
func (s *sabotage) call(tid int) {
	s.inside[tid] = !s.inside[tid]
	var r syscall.PtraceRegs
	if syscall.PtraceGetRegs(tid, &r) != nil {
		return
	}
	if !s.inside[tid] {
		if e := s.error[tid]; e != 0 {
			delete(s.error, tid)
			r.Rax = -uint64(e)
			_ = syscall.PtraceSetRegs(tid, &r) // it may have been killed meanwhile
		}
		return
	}
	op, matters := operations[r.Orig_rax]
	if !matters || !op.on(s, tid, &r) {
		return
	}
	if s.count++; s.count == s.nth {
		s.error[tid], s.spoilt = op.error, op.name
		if op.done {
			return
		}
		r.Orig_rax = ^uint64(0) // no call at all
		_ = syscall.PtraceSetRegs(tid, &r)
	}
}
