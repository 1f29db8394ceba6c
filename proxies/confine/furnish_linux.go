package confine

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// cover is a folder in whose place a program finds an empty one.
type cover struct {
	path     string
	writable bool
}

// always are those to which everybody writes, and where sockets are.
var always = []cover{{"/tmp", true}, {"/var/tmp", true}, {"/dev/shm", true}, {"/run", false}, {"/var/run", false}}

// names are the files by which names are found, wherever they lie.
var names = []string{"/etc/hosts", "/etc/resolv.conf", "/etc/nsswitch.conf"}

// kept is what stays in sight though what is around it does not.
type kept struct {
	path   string
	handle int
	folder bool
}

// furniture is a view of the machine's files: the machine's own, to be read,
// without what is covered, and with a folder that may be written.
type furniture struct {
	folder  string
	covers  []cover
	keep    []kept
	sockets []string
}

// furnish gives this thread such a view, for a user.
func (p Place) furnish(u user) error {
	if err := unix.Unshare(unix.CLONE_NEWNS); err != nil {
		return fmt.Errorf("files are not kept apart: %w", err)
	}
	// Without it the program sees the processes around it, and no harm is done.
	_ = unix.Mount("proc", "/proc", "proc", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, "")
	folder, err := filepath.EvalSymlinks(p.Folder)
	if err != nil {
		return err
	}
	f := &furniture{folder: folder, covers: slices.Clone(always), sockets: p.Hides}
	f.coverClosed(u, p.needed())
	f.find(slices.Concat(p.needed(), f.beside(p.Needs), names, p.Sees))
	defer f.close()
	if err := errors.Join(f.hide(), f.restore(), f.hideSockets(), f.readOnly()); err != nil {
		return fmt.Errorf("files are not all kept from it: %w", err)
	}
	return nil
}

// needed is all that the program cannot do without.
func (p Place) needed() []string { return append([]string{p.Folder}, p.Needs...) }

// coverClosed covers folders that the user may not enter, as root's own, where something
// lies in them that is needed: of their rest nothing is seen.
func (f *furniture) coverClosed(u user, needed []string) {
	for _, path := range needed {
		real, err := filepath.EvalSymlinks(path)
		if err != nil {
			continue
		}
		if closed := u.stoppedAt(filepath.Dir(real)); closed != "" && !f.covered(closed) && closed != f.folder {
			f.covers = append(f.covers, cover{path: closed})
		}
	}
}

// covered reports whether a path is, or lies in, what is covered.
func (f *furniture) covered(path string) bool {
	return slices.ContainsFunc(f.covers, func(c cover) bool { return strings.HasPrefix(path+"/", c.path+"/") })
}

// beside are the folders of files that a program needs, where its modules are; not
// those to which everybody writes.
func (f *furniture) beside(files []string) (folders []string) {
	for _, file := range files {
		real, err := filepath.EvalSymlinks(file)
		if err != nil || isFolder(real) {
			continue
		}
		folder := filepath.Dir(real)
		if !slices.ContainsFunc(f.covers, func(c cover) bool { return c.path == folder }) {
			folders = append(folders, folder)
		}
	}
	return folders
}

// find looks for what has to stay in sight, parents before what is in them. In
// a folder of a user's own what is needed seldom stands alone, as an interpreter
// does not: all of the folder's folder stays that it lies in.
func (f *furniture) find(paths []string) {
	for _, path := range paths {
		real, err := filepath.EvalSymlinks(path)
		if err != nil || !f.covered(real) {
			continue
		}
		for _, c := range f.covers[len(always):] {
			if rest, within := strings.CutPrefix(real, c.path+"/"); within {
				first, _, _ := strings.Cut(rest, "/")
				real = filepath.Join(c.path, first)
			}
		}
		handle, err := unix.Open(real, unix.O_PATH|unix.O_CLOEXEC, 0)
		if err != nil {
			continue
		}
		info, err := os.Stat(real)
		f.keep = append(f.keep, kept{real, handle, err == nil && info.IsDir()})
	}
	slices.SortFunc(f.keep, func(a, b kept) int { return cmp.Compare(a.path, b.path) })
}

// hide puts empty folders in place of those that are covered.
func (f *furniture) hide() error {
	var errs []error
	for _, c := range f.covers {
		if !isFolder(c.path) { // a link leads to another of them
			continue
		}
		mode := "mode=0755,size=" + mostTemporary
		if c.writable {
			mode = "mode=1777,nr_inodes=65536,size=" + mostTemporary
		}
		if err := unix.Mount("tmpfs", c.path, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, mode); err != nil {
			errs = append(errs, fmt.Errorf("hide %s: %w", c.path, err))
		}
	}
	return errors.Join(errs...)
}

// isFolder reports whether there is a folder, not a link to one.
func isFolder(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.IsDir()
}

// restore brings back what has to stay in sight.
func (f *furniture) restore() error {
	defer unix.Umask(unix.Umask(0o022))
	var errs []error
	for _, k := range f.keep {
		if _, err := os.Lstat(k.path); err == nil {
			continue // came with what it is in
		}
		err := os.MkdirAll(filepath.Dir(k.path), 0o755)
		if err == nil && k.folder {
			err = os.Mkdir(k.path, 0o755)
		} else if err == nil {
			err = os.WriteFile(k.path, nil, 0o644)
		}
		if err == nil {
			err = unix.Mount(fmt.Sprint("/proc/self/fd/", k.handle), k.path, "", unix.MS_BIND|unix.MS_REC, "")
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("keep %s: %w", k.path, err))
		}
	}
	return errors.Join(errs...)
}

// hideSockets puts something else in place of each socket that is in sight.
func (f *furniture) hideSockets() error {
	var errs []error
	for _, path := range f.sockets {
		info, err := os.Lstat(path)
		if err != nil || info.Mode().Type() != os.ModeSocket {
			continue
		}
		if err := unix.Mount(os.DevNull, path, "", unix.MS_BIND, ""); err != nil {
			errs = append(errs, fmt.Errorf("hide %s: %w", path, err))
		}
	}
	return errors.Join(errs...)
}

// readOnly leaves nothing to be written but the folder and what is temporary. A
// folder that has one of the others in it, as / does, is not written either.
func (f *furniture) readOnly() error {
	own := !slices.ContainsFunc(f.covers, func(c cover) bool { return strings.HasPrefix(c.path+"/", strings.TrimSuffix(f.folder, "/")+"/") })
	if own {
		if err := unix.Mount(f.folder, f.folder, "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
			return fmt.Errorf("its folder: %w", err)
		}
	}
	if err := unix.MountSetattr(unix.AT_FDCWD, "/", unix.AT_RECURSIVE, &unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY}); err != nil {
		return fmt.Errorf("nothing to be written: %w", err)
	}
	writable := &unix.MountAttr{Attr_clr: unix.MOUNT_ATTR_RDONLY}
	for _, c := range f.covers {
		if c.writable && isFolder(c.path) {
			_ = unix.MountSetattr(unix.AT_FDCWD, c.path, 0, writable) // one that could not be hidden stays as it is
		}
	}
	if own {
		_ = unix.MountSetattr(unix.AT_FDCWD, f.folder, 0, writable) // on a disk that nobody may write to
	}
	return os.Chdir(f.folder) // as it is mounted now
}

func (f *furniture) close() {
	for _, k := range f.keep {
		_ = unix.Close(k.handle) // only a way to it
	}
}
