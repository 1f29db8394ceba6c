package report

import (
	"fmt"
	"io"
	"os"
)

// longestFile bounds what is read of a run directory's file, in bytes: the
// directory may come from anybody.
const longestFile = 1 << 30

// OpenRegular opens a file of a run directory, which must be one: what is a link,
// a device or a pipe, or longer than a gigabyte, is an error and is not read.
func OpenRegular(path string) (*os.File, error) {
	info, err := os.Lstat(path)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is not a regular file", path)
	case info.Size() > longestFile:
		return nil, fmt.Errorf("%s has %d bytes; at most %d are read", path, info.Size(), longestFile)
	}
	return os.Open(path)
}

// ReadRegular reads such a file whole.
func ReadRegular(path string) ([]byte, error) {
	file, err := OpenRegular(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // it was only read
	return io.ReadAll(io.LimitReader(file, longestFile))
}
