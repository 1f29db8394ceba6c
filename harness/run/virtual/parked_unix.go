//go:build unix

package virtual

import (
	"io"
	"os"
	"syscall"
)

// parked is what is to be read in place of in: who waits for it keeps no processor from
// anybody. A worker has one processor, and a read that blocks in the kernel holds it until the
// runtime looks, which cost each job milliseconds.
func parked(in io.Reader) io.Reader {
	f, is := in.(*os.File)
	if !is {
		return in
	}
	fd, err := syscall.Dup(int(f.Fd()))
	if err != nil {
		return in
	}
	syscall.CloseOnExec(fd)
	if err := syscall.SetNonblock(fd, true); err != nil {
		_ = syscall.Close(fd)
		return in
	}
	return os.NewFile(uintptr(fd), f.Name())
}
