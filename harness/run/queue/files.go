package queue

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// A folder that travels may have so much in it. Version control and stored runs, by
// what is in them, stay at home.
const (
	mostBytes = 64 << 20
	mostFiles = 10_000
)

var atHome = []string{".git", "__pycache__", "node_modules/.cache"}

// Send stores a folder with all that is in it, and returns the name under which
// whoever works can Fetch it. A folder that is there already is not sent again.
func (q *Queue) Send(ctx context.Context, folder string) (name string, err error) {
	text, err := packed(folder)
	if err != nil {
		return "", fmt.Errorf("send %s to those who work: %w", folder, err)
	}
	sum := sha256.Sum256(text)
	name = hex.EncodeToString(sum[:])
	if _, err = q.files.GetInfo(ctx, name); errors.Is(err, jetstream.ErrObjectNotFound) {
		_, err = q.files.Put(ctx, jetstream.ObjectMeta{Name: name, Description: filepath.Base(folder)}, bytes.NewReader(text))
	}
	return name, q.explain(err)
}

// Fetch unpacks a folder into dir, which must be there, and writes nowhere else.
func (q *Queue) Fetch(ctx context.Context, name, dir string) error {
	text, err := q.files.GetBytes(ctx, name)
	if err != nil {
		return q.explain(fmt.Errorf("fetch %s: %w", name, err))
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	return errors.Join(unpack(root, tar.NewReader(bytes.NewReader(text))), root.Close())
}

// packed is a folder as an archive, the same each time for the same folder.
func packed(folder string) ([]byte, error) {
	var text bytes.Buffer
	archive, count := tar.NewWriter(&text), 0
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(folder, path)
		switch {
		case err != nil:
			return err
		case name == ".":
			return nil
		case slices.Contains(atHome, filepath.ToSlash(name)) || slices.Contains(atHome, d.Name()) || isRun(path):
			return skip(d)
		}
		if count++; count > mostFiles {
			return fmt.Errorf("it has more than %d files: put the client into a folder of its own", mostFiles)
		}
		if err := add(archive, path, filepath.ToSlash(name), d); err != nil {
			return err
		}
		if text.Len() > mostBytes {
			return fmt.Errorf("it has more than %d MB: put the client into a folder of its own", mostBytes>>20)
		}
		return nil
	})
	return text.Bytes(), errors.Join(err, archive.Close())
}

// isRun reports whether a folder is a stored run, or a sweep.
func isRun(folder string) bool {
	has := func(name string) bool {
		_, err := os.Stat(filepath.Join(folder, name))
		return err == nil
	}
	return has("cases") && (has("plan.json") || has("points.jsonl"))
}

func skip(d fs.DirEntry) error {
	if d.IsDir() {
		return fs.SkipDir
	}
	return nil
}

// add puts one file, folder or link into the archive; sockets and such are left out.
func add(archive *tar.Writer, path, name string, d fs.DirEntry) error {
	info, err := d.Info()
	if err != nil {
		return err
	}
	link := ""
	switch {
	case info.Mode()&fs.ModeSymlink != 0:
		if link, err = os.Readlink(path); err != nil {
			return err
		}
	case !info.IsDir() && !info.Mode().IsRegular():
		return nil
	case info.Size() > mostBytes:
		return fmt.Errorf("%s has more than %d MB", name, mostBytes>>20)
	}
	kind := map[bool]byte{false: tar.TypeReg, true: tar.TypeDir}[info.IsDir()]
	header := &tar.Header{Name: name, Mode: int64(info.Mode().Perm()), Typeflag: kind}
	if link != "" {
		header.Typeflag, header.Linkname = tar.TypeSymlink, link
	}
	if kind == tar.TypeReg && link == "" {
		header.Size = info.Size()
	}
	if err := archive.WriteHeader(header); err != nil || header.Size == 0 {
		return err
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	_, err = io.Copy(archive, file)
	return errors.Join(err, file.Close())
}

// unpack writes what is in the archive below root, out of which no name and no link
// leads.
func unpack(root *os.Root, archive *tar.Reader) error {
	for {
		h, err := archive.Next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		switch h.Typeflag {
		case tar.TypeDir:
			err = root.MkdirAll(h.Name, fs.FileMode(h.Mode)|0o700)
		case tar.TypeSymlink:
			err = root.Symlink(h.Linkname, h.Name)
		case tar.TypeReg:
			err = write(root, h, archive)
		}
		if err != nil {
			return fmt.Errorf("unpack %s: %w", h.Name, err)
		}
	}
}

func write(root *os.Root, h *tar.Header, from io.Reader) error {
	file, err := root.OpenFile(h.Name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, fs.FileMode(h.Mode))
	if err != nil {
		return err
	}
	_, err = io.Copy(file, from)
	return errors.Join(err, file.Close())
}

// overflow is the header that names the object in which a result lies that is too
// large for a message.
const overflow = "Gauntlet-Object"

// pack puts aside what does not fit into a message.
func (q *Queue) pack(ctx context.Context, m *nats.Msg) error {
	if int64(len(m.Data)) <= q.conn.MaxPayload()-4096 {
		return nil
	}
	if _, err := q.files.Put(ctx, jetstream.ObjectMeta{Name: m.Subject}, bytes.NewReader(m.Data)); err != nil {
		return err
	}
	m.Header, m.Data = nats.Header{overflow: {m.Subject}}, nil
	return nil
}

// whole is a result with what did not fit into its message.
func (q *Queue) whole(ctx context.Context, m jetstream.Msg) ([]byte, error) {
	return q.unpacked(ctx, m.Data(), m.Headers())
}

func (q *Queue) unpacked(ctx context.Context, data []byte, header nats.Header) ([]byte, error) {
	if name := header.Get(overflow); name != "" {
		return q.files.GetBytes(ctx, name)
	}
	return data, nil
}

// drop takes off the objects whose names begin so.
func (q *Queue) drop(ctx context.Context, prefix string) error {
	list, err := q.files.List(ctx)
	if errors.Is(err, jetstream.ErrNoObjectsFound) {
		return nil
	}
	for _, o := range list {
		if err == nil && strings.HasPrefix(o.Name, prefix) {
			err = q.files.Delete(ctx, o.Name)
		}
	}
	return err
}
