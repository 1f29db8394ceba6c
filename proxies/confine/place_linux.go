package confine

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"

	"github.com/landlock-lsm/go-landlock/landlock"
	"golang.org/x/sys/unix"
)

// Enter confines this process, which is to become the program next: the thread
// that calls it has to be the one that does. What of it cannot be done on this
// machine is said in one line; an error means that nothing may be started.
func (p Place) Enter() (lacking string, err error) {
	runtime.LockOSThread()
	var lacks []error
	u := chooseUser(p.Folder)
	if err := join(p.Group); err != nil {
		return "", err
	}
	if p.Apart {
		lacks = append(lacks, p.furnish(u))
	}
	if err := limit(p.Apart, p.Mark); err != nil {
		return "", err
	}
	if err := dropPowers(); err != nil {
		return "", err
	}
	if p.Apart {
		lacks = append(lacks, u.become(p.needed()))
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return "", fmt.Errorf("give up new privileges: %w", err)
	}
	if err := p.landlock(); err != nil {
		return "", err
	}
	lacks = append(lacks, restrict(runtime.GOARCH))
	return oneLine(lacks), nil
}

// oneLine puts together what is lacking.
func oneLine(lacks []error) (line string) {
	for _, lack := range lacks {
		if lack == nil {
			continue
		}
		if line != "" {
			line += "; "
		}
		line += lack.Error()
	}
	return line
}

// landlock allows writing in the folder and where temporary files are, and no
// signals to others. A kernel without it has the mounts and the user.
func (p Place) landlock() error {
	devices := landlock.RWDirs("/dev").WithIoctlDev().IgnoreIfMissing()
	rules := []landlock.Rule{landlock.RODirs("/"), devices}
	for _, folder := range append(temporary(), p.Folder) {
		if folder != "/" {
			rules = append(rules, landlock.RWDirs(folder).WithRefer().IgnoreIfMissing())
		}
	}
	strongest := landlock.V11.BestEffort()
	if err := errors.Join(strongest.RestrictPaths(rules...), strongest.RestrictScoped()); err != nil {
		return fmt.Errorf("landlock: %w", err)
	}
	return nil
}

// temporary are the folders for temporary files.
func temporary() []string {
	return slices.Compact([]string{"/tmp", "/var/tmp", "/dev/shm", os.TempDir()})
}

// dropPowers takes all capabilities from whatever this thread becomes.
func dropPowers() error {
	for power := uintptr(0); ; power++ {
		switch err := unix.Prctl(unix.PR_CAPBSET_DROP, power, 0, 0, 0); {
		case errors.Is(err, unix.EINVAL): // there are no more
			return keepNone()
		case errors.Is(err, unix.EPERM): // an ordinary user's, who has none
			return keepNone()
		case err != nil:
			return fmt.Errorf("give up capability %d: %w", power, err)
		}
	}
}

// keepNone sees to it that none is handed on in another way.
func keepNone() error {
	head := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var powers [2]unix.CapUserData
	err := unix.Capget(&head, &powers[0])
	if err == nil {
		powers[0].Inheritable, powers[1].Inheritable = 0, 0 // root would have them again; those that are ambient go with them
		err = unix.Capset(&head, &powers[0])
	}
	if err != nil {
		return fmt.Errorf("hand on no capabilities: %w", err)
	}
	return nil
}
