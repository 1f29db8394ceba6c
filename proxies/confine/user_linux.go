package confine

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// user is whom a program runs as.
type user struct{ uid, gid int }

// nobody is the user whom nothing belongs to.
const nobody = 65534

// chooseUser chooses one who is not root: the folder's owner, or else nobody.
// Where only we are mapped, root is an ordinary user already.
func chooseUser(folder string) user {
	if os.Getuid() != 0 || !mapped(nobody) {
		return user{os.Getuid(), os.Getgid()}
	}
	var owner unix.Stat_t
	if err := unix.Stat(folder, &owner); err == nil && owner.Uid != 0 && mapped(owner.Uid) && mapped(owner.Gid) {
		return user{int(owner.Uid), int(owner.Gid)}
	}
	return user{nobody, nobody}
}

// mapped reports whether there is such a user in this user namespace.
func mapped(uid uint32) bool {
	text, err := os.ReadFile("/proc/self/uid_map")
	if err != nil {
		return false
	}
	for line := range strings.Lines(string(text)) {
		var from, to, size uint32
		if _, err := fmt.Sscan(line, &from, &to, &size); err == nil && uid >= from && uid-from < size {
			return true
		}
	}
	return false
}

// become makes this process the user's. One who could not read the program is of
// no use: then it stays root, without root's powers.
func (u user) become(needed []string) error {
	if u.uid == os.Getuid() {
		return nil
	}
	for _, path := range needed {
		if !u.may(path, unix.R_OK) {
			return fmt.Errorf("it runs as root, without root's powers: user %d may not read %s", u.uid, path)
		}
	}
	if err := errors.Join(syscall.Setgroups(nil), syscall.Setresgid(u.gid, u.gid, u.gid), syscall.Setresuid(u.uid, u.uid, u.uid)); err != nil {
		return fmt.Errorf("it runs as root, without root's powers: %w", err)
	}
	return nil
}

// may reports whether the user, who is in no groups, may do that with a file. For the question alone
// this thread is the user's, by its real identity, whom access asks for.
func (u user) may(path string, mode uint32) bool {
	set := func(call uintptr, id int) { _, _, _ = unix.RawSyscall(call, uintptr(id), ^uintptr(0), ^uintptr(0)) }
	if os.Getuid() == u.uid {
		return unix.Access(path, mode) == nil
	}
	set(unix.SYS_SETRESGID, u.gid)
	set(unix.SYS_SETRESUID, u.uid)
	defer func() {
		set(unix.SYS_SETRESUID, 0)
		set(unix.SYS_SETRESGID, 0)
	}()
	return unix.Access(path, mode) == nil
}

// stoppedAt is the first folder on the way to one that the user may not enter; empty
// if the way is open.
func (u user) stoppedAt(folder string) string {
	var way []string
	for ; folder != "/"; folder = filepath.Dir(folder) {
		way = append(way, folder)
	}
	for _, step := range slices.Backward(way) {
		if !u.may(step, unix.X_OK) {
			return step
		}
	}
	return ""
}
