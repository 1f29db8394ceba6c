package confine

import (
	"fmt"
	"slices"
	"unsafe"

	"github.com/elastic/go-seccomp-bpf/arch"
	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// call is a system call that a program is refused, or part of one.
type call struct {
	name     string
	error    unix.Errno
	argument int    // whose value decides, from 1; 0: the call is refused whatever is said
	any      uint32 // it is refused if one of these bits is set,
	equal    uint32 // or, where there are none, if it is this value,
	except   []uint32
	sets     int // argument, from 1, without which it only asks
}

// newNamespaces are the flags with which a process gets namespaces, in which it could be root.
const newNamespaces = unix.CLONE_NEWNS | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC | unix.CLONE_NEWUSER |
	unix.CLONE_NEWPID | unix.CLONE_NEWNET | unix.CLONE_NEWCGROUP

// families are the sockets that a client needs: of its own machine, of the Internet, and
// that by which the C library asks which addresses there are. Others lead past every network, to
// the host of a virtual machine, or into seldom used parts of the kernel.
var families = []uint32{unix.AF_UNIX, unix.AF_INET, unix.AF_INET6, unix.AF_NETLINK}

// refused are the calls that no client needs. What a program tries first that can do
// without, it is told is not there.
var refused = slices.Concat(
	[]call{
		{name: "socket", error: unix.EAFNOSUPPORT, argument: 1, except: families},
		{name: "socketpair", error: unix.EAFNOSUPPORT, argument: 1, except: families},
		{name: "socketcall", error: unix.ENOSYS}, // the same, with arguments that cannot be looked at
		{name: "clone", error: unix.EPERM, argument: 1, any: newNamespaces},
		{name: "unshare", error: unix.EPERM, argument: 1, any: newNamespaces | unix.CLONE_NEWTIME},
		{name: "clone3", error: unix.ENOSYS}, // clone with arguments that cannot be looked at
		{name: "io_uring_setup", error: unix.ENOSYS},
		{name: "setrlimit", error: unix.EPERM, argument: 1, equal: unix.RLIMIT_RTTIME}, // its mark
		{name: "prlimit64", error: unix.EPERM, argument: 2, equal: unix.RLIMIT_RTTIME, sets: 3},
	},
	forbidden(
		"setns", "mount", "umount", "umount2", "pivot_root", "move_mount", "open_tree", "fsopen", "fsconfig", "fsmount", "fspick", "mount_setattr",
		"add_key", "request_key", "keyctl", // keys are the user's, in all namespaces
		"bpf", "perf_event_open", "userfaultfd", "open_by_handle_at", "syslog", "acct", "quotactl", "quotactl_fd", "iopl", "ioperm",
		"init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load", "reboot", "swapon", "swapoff",
		"settimeofday", "clock_settime", "clock_settime64", "stime",
	),
)

func forbidden(names ...string) (list []call) {
	for _, name := range names {
		list = append(list, call{name: name, error: unix.EPERM})
	}
	return list
}

// others are the systems whose programs run beside those of one.
var others = map[string]string{"amd64": "386", "arm64": "arm"}

// x32 marks the calls of a third kind of programs, which share a system with amd64.
const x32 = 0x40000000

// restrict has the kernel refuse those calls to this thread and whatever becomes of it.
func restrict(system string) error {
	filter, err := filterFor(system)
	if err != nil {
		return err
	}
	code, err := bpf.Assemble(filter)
	if err != nil {
		return fmt.Errorf("system calls: %w", err)
	}
	program := unix.SockFprog{Len: uint16(len(code)), Filter: &sockFilter(code)[0]}
	if _, _, e := unix.RawSyscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, 0, uintptr(unsafe.Pointer(&program))); e != 0 {
		return fmt.Errorf("it may make any system call: %w", e)
	}
	return nil
}

// filterFor is what decides on each call of a system and of that beside it.
func filterFor(system string) (filter []bpf.Instruction, err error) {
	for _, name := range []string{system, others[system]} {
		if name == "" {
			continue
		}
		info, err := arch.GetInfo(name)
		if err != nil {
			return nil, fmt.Errorf("it may make any system call: %w", err)
		}
		filter = append(filter, rules(info)...)
	}
	return append(filter, answer(unix.SECCOMP_RET_ALLOW)), nil
}

// Where a filter finds what it judges.
const (
	ofCall      = 0
	ofSystem    = 4
	ofArguments = 16 // the lower halves, eight bytes apart, where a machine begins with them
)

func load(at int) bpf.Instruction { return bpf.LoadAbsolute{Off: uint32(at), Size: 4} }

func answer(with uint32) bpf.Instruction { return bpf.RetConstant{Val: with} }

// rules are those for one system, which leave the calls of others to what follows.
func rules(system *arch.Info) (list []bpf.Instruction) {
	list = []bpf.Instruction{load(ofCall)}
	if system.Name == arch.X86_64.Name {
		list = append(list, bpf.JumpIf{Cond: bpf.JumpGreaterOrEqual, Val: x32, SkipFalse: 1}, answer(unix.SECCOMP_RET_ERRNO|uint32(unix.ENOSYS)))
	}
	for _, c := range refused {
		number, there := system.SyscallNames[c.name]
		if !there {
			continue
		}
		rule := c.rule()
		list = append(list, bpf.JumpIf{Cond: bpf.JumpEqual, Val: uint32(number), SkipFalse: uint8(len(rule))})
		list = append(list, rule...)
	}
	skip := bpf.Jump{Skip: uint32(len(list))}
	return append([]bpf.Instruction{load(ofSystem), bpf.JumpIf{Cond: bpf.JumpEqual, Val: uint32(system.ID), SkipTrue: 1}, skip}, list...)
}

// rule refuses the call, whose number is known, or goes on with the next.
func (c call) rule() (list []bpf.Instruction) {
	no := []bpf.Instruction{answer(unix.SECCOMP_RET_ERRNO | uint32(c.error))}
	if c.argument == 0 {
		return no
	}
	if c.sets > 0 {
		at := ofArguments + 8*(c.sets-1)
		no = append([]bpf.Instruction{
			load(at), bpf.JumpIf{Cond: bpf.JumpNotEqual, SkipTrue: 2},
			load(at + 4), bpf.JumpIf{Cond: bpf.JumpEqual, SkipTrue: 1},
		}, no...)
	}
	list = []bpf.Instruction{load(ofArguments + 8*(c.argument-1))}
	switch {
	case c.except != nil:
		for i, value := range c.except {
			list = append(list, bpf.JumpIf{Cond: bpf.JumpEqual, Val: value, SkipTrue: uint8(len(c.except) - i - 1 + len(no))})
		}
	case c.any != 0:
		list = append(list, bpf.JumpIf{Cond: bpf.JumpBitsSet, Val: c.any, SkipFalse: uint8(len(no))})
	default:
		list = append(list, bpf.JumpIf{Cond: bpf.JumpEqual, Val: c.equal, SkipFalse: uint8(len(no))})
	}
	return append(append(list, no...), load(ofCall))
}

func sockFilter(code []bpf.RawInstruction) (filter []unix.SockFilter) {
	for _, c := range code {
		filter = append(filter, unix.SockFilter{Code: c.Op, Jt: c.Jt, Jf: c.Jf, K: c.K})
	}
	return filter
}
