package certify

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"runtime/debug"
)

// versionOf is a line that two machines have alike if they run the same source, or
// else the same binary, on the same cases, boxes and editions.
func versionOf(files fs.FS) (string, error) {
	program, err := programVersion()
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	for _, root := range []string{casesIn, boxesIn, editionsIn} {
		if err := addTree(sum, files, root); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("harness %s with catalogue %.12x", program, sum.Sum(nil)), nil
}

// programVersion is the commit that the program was built from, where nothing was
// changed since; else the digest of its file.
func programVersion() (string, error) {
	is := map[string]string{}
	if info, known := debug.ReadBuildInfo(); known {
		for _, s := range info.Settings {
			is[s.Key] = s.Value
		}
	}
	if commit := is["vcs.revision"]; commit != "" && is["vcs.modified"] == "false" {
		return fmt.Sprintf("%.12s", commit), nil
	}
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	file, err := os.Open(self)
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	_, err = io.Copy(sum, file)
	return fmt.Sprintf("%.12x", sum.Sum(nil)), errors.Join(err, file.Close())
}

// addTree adds the names and texts of all files of a tree, which need not be there.
func addTree(sum hash.Hash, files fs.FS, root string) error {
	return fs.WalkDir(files, root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case path == root && err != nil:
			return nil
		case err != nil || d.IsDir():
			return err
		}
		text, err := fs.ReadFile(files, path)
		fmt.Fprintf(sum, "%s %d\n", path, len(text))
		sum.Write(text)
		return err
	})
}
