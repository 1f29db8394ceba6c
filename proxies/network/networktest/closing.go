package networktest

import (
	"errors"
	"fmt"
	"net"
	"syscall"
	"time"

	"gauntlet/proxies/network"
)

// readClosed closes a while it reads.
func readClosed(a, _ net.Conn) error {
	return within(
		func() error { return wants("read", readError(a), net.ErrClosed) },
		later(a.Close),
	)
}

// writeClosed closes a while back-pressure holds its Write.
func writeClosed(a, _ net.Conn) error {
	return within(
		func() error { return wants("write", fill(a), net.ErrClosed) },
		later(a.Close),
	)
}

// halfClose ends one direction and uses the other.
func halfClose(a, b net.Conn) error {
	c, ok := a.(network.CloseWriter)
	if !ok {
		return fmt.Errorf("%T has no CloseWrite", a)
	}
	last := []byte("last words")
	err := within(
		func() error { return errors.Join(send(a, last, len(last)), c.CloseWrite()) },
		func() error { return expectAll(b, last) },
	)
	if err != nil {
		return err
	}
	if _, err := a.Write(last); err == nil {
		return errors.New("a write after CloseWrite succeeded")
	}
	return relayed(b, a, "the other direction")
}

// finish closes a after writing.
func finish(a, b net.Conn) error {
	last := pattern(10<<10, 3)
	err := within(func() error { return errors.Join(send(a, last, len(last)), a.Close()) })
	if err != nil {
		return err
	}
	return within(func() error { return expectAll(b, last) })
}

// reset finds the peer blocked in Read. Kernels tell of a reset once and call
// later writes a broken pipe.
func reset(a, b net.Conn) error {
	l, ok := a.(network.Lingerer)
	if !ok {
		return fmt.Errorf("%T has no SetLinger", a)
	}
	err := within(
		func() error { return wants("peer's read", drain(b), syscall.ECONNRESET) },
		later(func() error { return errors.Join(l.SetLinger(0), a.Close()) }),
	)
	if err != nil {
		return err
	}
	_, err = b.Write([]byte("x"))
	return wants("peer's write", err, syscall.ECONNRESET, syscall.EPIPE)
}

// useAfterClose tries all that could go wrong.
func useAfterClose(a, _ net.Conn) error {
	if err := a.Close(); err != nil {
		return err
	}
	_, err := a.Write([]byte("x"))
	return within(
		func() error { return wants("write", err, net.ErrClosed) },
		func() error { return wants("read", readError(a), net.ErrClosed) },
		func() error { return wants("set a deadline", a.SetDeadline(time.Now()), net.ErrClosed) },
	)
}

// writeToNobody closes b and writes to it: the first write may succeed, the
// reset that answers it ends the later ones.
func writeToNobody(a, b net.Conn) error {
	if err := b.Close(); err != nil {
		return err
	}
	for began := time.Now(); time.Since(began) < patience; <-time.After(moment) {
		if _, err := a.Write([]byte("x")); err != nil {
			return wants("write", err, syscall.ECONNRESET, syscall.EPIPE)
		}
	}
	return fmt.Errorf("writes still succeed after %v", patience)
}
