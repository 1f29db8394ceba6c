package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"

	"gauntlet/harness/report/inert"
)

// WriteFile has a report written to a file, so that it is there whole or not at
// all, and makes the directories above it. Without a name it does nothing.
func WriteFile(name string, write func(io.Writer) error) error {
	if name == "" {
		return nil
	}
	var text bytes.Buffer
	if err := write(&text); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return replace(name, text.Bytes(), everybodys)
}

// WriteText is WriteFile for a text that is there already.
func WriteText(name string, text []byte) error {
	return WriteFile(name, func(out io.Writer) error {
		_, err := out.Write(text)
		return err
	})
}

// longestFile bounds what is read of a run directory's file, in bytes: the
// directory may come from anybody.
const longestFile = 1 << 30

// openRegular opens a file of a run directory, which must be one: what is a link,
// a device or a pipe, or longer than a gigabyte, is an error and is not read.
func openRegular(path string) (*os.File, error) {
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
	file, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // it was only read
	var text bytes.Buffer
	if info, err := file.Stat(); err == nil {
		text.Grow(int(min(info.Size(), longestFile)) + bytes.MinRead) // all of it, and the end
	}
	_, err = text.ReadFrom(io.LimitReader(file, longestFile))
	return text.Bytes(), err
}

// ReadThrough copies a regular file to w.
func ReadThrough(path string, w io.Writer) error {
	file, err := openRegular(path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // it was only read
	_, err = io.Copy(w, file)
	return err
}

// JSON writes a value, such as a list of results, for machines: indented, with
// a line feed behind it. Nothing in it acts on a terminal.
func JSON(out io.Writer, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	_, err = out.Write(append(inert.JSON(text), '\n'))
	return err
}

// EachAtOnce calls do for 0 to n-1 on all processors and returns the first
// error in that order.
func EachAtOnce(n int, do func(i int) error) error {
	errs := make([]error, n)
	next := make(chan int)
	var working sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		working.Go(func() {
			for i := range next {
				errs[i] = do(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	working.Wait()
	if i := slices.IndexFunc(errs, func(err error) bool { return err != nil }); i >= 0 {
		return errs[i]
	}
	return nil
}
