package yamlfile

import (
	"io"
	"io/fs"
	"os"
)

// Read reads a file that somebody wrote, and of one that is too long no more than tells
// that it is. What is no regular file, nor a link to one, is a mistake and is not opened:
// a device never ends, and at a pipe the reading waits.
func Read(files fs.FS, name string) (File, error) {
	if info, err := fs.Stat(files, name); err == nil && !info.Mode().IsRegular() {
		return File{}, &Error{name, 1, 1, "only a regular file is read here: no directory, device or pipe"}
	}
	file, err := files.Open(name)
	if err != nil {
		return File{}, err
	}
	defer func() { _ = file.Close() }() // it was only read
	source, err := io.ReadAll(io.LimitReader(file, mostBytes+1))
	return File{name, source}, err
}

// Anywhere opens files by the names that the user gives them, so that these
// are the names in messages too. fs.FS proper knows neither / nor .. in front.
type Anywhere struct{}

// Open opens the file of that name.
func (Anywhere) Open(name string) (fs.File, error) { return os.Open(name) }

// Stat describes the file of that name without opening it.
func (Anywhere) Stat(name string) (fs.FileInfo, error) { return os.Stat(name) }
