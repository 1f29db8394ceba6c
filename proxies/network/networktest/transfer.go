package networktest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
)

// smallWrites sends many short writes both ways at once.
func smallWrites(a, b net.Conn) error { return exchange(a, b, 16<<10, 97) }

// largeWrites sends a mebibyte both ways at once.
func largeWrites(a, b net.Conn) error { return exchange(a, b, 1<<20, 32<<10) }

// exchange sends size bytes each way, in writes of chunk bytes, and compares
// what arrives. The two directions carry different bytes.
func exchange(a, b net.Conn, size, chunk int) error {
	there, back := pattern(size, 1), pattern(size, 2)
	return within(
		func() error { return send(a, there, chunk) },
		func() error { return send(b, back, chunk) },
		func() error { return expect(a, back) },
		func() error { return expect(b, there) },
	)
}

// pattern is size bytes in which any part shows where it belongs.
func pattern(size int, seed uint32) []byte {
	p := make([]byte, size)
	for i := range p {
		seed = seed*1664525 + 1013904223
		p[i] = byte(seed >> 24)
	}
	return p
}

// send writes data in chunks.
func send(c net.Conn, data []byte, chunk int) error {
	for at := 0; at < len(data); at += chunk {
		part := data[at:min(at+chunk, len(data))]
		if n, err := c.Write(part); err != nil || n != len(part) {
			return fmt.Errorf("write at byte %d took %d of %d: %w", at, n, len(part), err)
		}
	}
	return nil
}

// expect reads exactly data.
func expect(c net.Conn, data []byte) error {
	got := make([]byte, len(data))
	if n, err := io.ReadFull(c, got); err != nil {
		return fmt.Errorf("read ended after %d of %d bytes: %w", n, len(data), err)
	}
	return same(got, data)
}

// expectAll reads exactly data and then the end.
func expectAll(c net.Conn, data []byte) error {
	got, err := io.ReadAll(c)
	if err != nil {
		return fmt.Errorf("read ended after %d bytes without EOF: %w", len(got), err)
	}
	return same(got, data)
}

// same tells where two runs of bytes part.
func same(got, want []byte) error {
	if bytes.Equal(got, want) {
		return nil
	}
	at := 0
	for at < min(len(got), len(want)) && got[at] == want[at] {
		at++
	}
	return fmt.Errorf("got %d bytes, want %d; they differ from byte %d on", len(got), len(want), at)
}

// drain reads c to its end, whatever that is; only a full end is nil.
func drain(c net.Conn) error {
	_, err := io.Copy(io.Discard, struct{ io.Reader }{c})
	return err
}

// relayed proves that from still reaches to.
func relayed(from, to net.Conn, text string) error {
	return within(
		func() error { return send(from, []byte(text), len(text)) },
		func() error { return expect(to, []byte(text)) },
	)
}

// readError reads one byte that must not come.
func readError(c net.Conn) error {
	n, err := c.Read(make([]byte, 1))
	if err == nil {
		return fmt.Errorf("read %d bytes that nobody wrote", n)
	}
	if n != 0 {
		return errors.Join(err, fmt.Errorf("a failed read gave %d bytes", n))
	}
	return err
}
