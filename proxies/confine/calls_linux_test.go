package confine

import (
	"encoding/binary"
	"testing"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// TestCallsAreRefused asks the filter of amd64 itself: what this kernel would refuse anyway,
// as most do the calls of x32, another may allow.
func TestCallsAreRefused(t *testing.T) {
	filter, err := filterFor("amd64")
	if err != nil {
		t.Fatal(err)
	}
	machine, err := bpf.NewVM(filter)
	if err != nil {
		t.Fatal(err)
	}
	const allowed = unix.Errno(0)
	for _, c := range []struct {
		what     string
		system   uint32
		call     uint32
		argument uint32 // the first
		want     unix.Errno
	}{
		{"getpid", unix.AUDIT_ARCH_X86_64, 39, 0, allowed},
		{"getpid as x32 calls it", unix.AUDIT_ARCH_X86_64, x32 | 39, 0, unix.ENOSYS},
		{"the last of x32", unix.AUDIT_ARCH_X86_64, x32 | 547, 0, unix.ENOSYS},
		{"a negative one", unix.AUDIT_ARCH_X86_64, 1<<32 - 1, 0, unix.ENOSYS},
		{"mount", unix.AUDIT_ARCH_X86_64, 165, 0, unix.EPERM},
		{"mount of 32 bits", unix.AUDIT_ARCH_I386, 21, 0, unix.EPERM},
		{"what is mount's number elsewhere", unix.AUDIT_ARCH_I386, 165, 0, allowed},
		{"a thread", unix.AUDIT_ARCH_X86_64, 56, unix.CLONE_VM | unix.CLONE_THREAD, allowed},
		{"a user namespace", unix.AUDIT_ARCH_X86_64, 56, unix.CLONE_VM | unix.CLONE_NEWUSER, unix.EPERM},
		{"a socket of the Internet", unix.AUDIT_ARCH_X86_64, 41, unix.AF_INET, allowed},
		{"one to the host", unix.AUDIT_ARCH_X86_64, 41, unix.AF_VSOCK, unix.EAFNOSUPPORT},
	} {
		data := make([]byte, 64) // the machine reads numbers with their first byte first
		binary.BigEndian.PutUint32(data[ofCall:], c.call)
		binary.BigEndian.PutUint32(data[ofSystem:], c.system)
		binary.BigEndian.PutUint32(data[ofArguments:], c.argument)
		said, err := machine.Run(data)
		want := int(unix.SECCOMP_RET_ERRNO | uint32(c.want))
		if c.want == allowed {
			want = unix.SECCOMP_RET_ALLOW
		}
		if err != nil || said != want {
			t.Errorf("%s: %#x, not %#x (%v)", c.what, said, want, err)
		}
	}
}
