//go:build unix

package report

import (
	"errors"
	"io"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// hold keeps a run directory for this run until it is closed, or the process ends, however
// that comes, and waits so long for another run to let it go. Where the file system cannot
// lock, it keeps nobody out.
func hold(path string, patience time.Duration) (io.Closer, error) {
	dir, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	for last := time.Now().Add(patience); ; time.Sleep(letGo / 100) {
		err = unix.Flock(int(dir.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		switch {
		case errors.Is(err, unix.EINTR):
		case !errors.Is(err, unix.EWOULDBLOCK):
			return dir, nil
		case !time.Now().Before(last):
			return nil, errors.Join(errHeld, dir.Close())
		}
	}
}
