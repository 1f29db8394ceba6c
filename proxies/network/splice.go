package network

import (
	"errors"
	"io"
	"net"
	"sync"
)

// Splice copies bytes both ways between a and b until both directions have
// ended, and closes both. A FIN on one side becomes a half-close on the other,
// a reset a reset.
func Splice(a, b net.Conn) { SpliceWhile(a, b, func(net.Conn) bool { return true }) }

// SpliceWhile is Splice for as long as passes says so, which is asked of each thing
// that comes from a side, its end as well: what does not pass is lost, and the other
// side hears nothing of it.
func SpliceWhile(a, b net.Conn, passes func(from net.Conn) bool) {
	var both sync.WaitGroup
	both.Go(func() { pump(a, b, passes) })
	both.Go(func() { pump(b, a, passes) })
	both.Wait()
	_ = a.Close() // both have ended: nothing is left that an error could concern
	_ = b.Close()
}

// pump copies one direction. It waits for writes: a peer that stops reading
// stops the other from sending, as TCP does.
func pump(to, from net.Conn, passes func(from net.Conn) bool) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if !passes(from) {
			if err != nil {
				return
			}
			continue
		}
		if failed := write(to, buffer[:n]); failed != nil {
			passOn(from, failed)
			return
		}
		if errors.Is(err, io.EOF) {
			_ = CloseWrite(to) // if it is gone, the other direction hears of it
			return
		}
		if err != nil {
			passOn(to, err)
			return
		}
	}
}

// write leaves an empty read alone: a wrapper may take even that for a write.
func write(to net.Conn, p []byte) error {
	if len(p) == 0 {
		return nil
	}
	_, err := to.Write(p)
	return err
}

// passOn shows one side what happened on the other: a reset as a reset. Any
// other failure, such as our own Close, ends it in the ordinary way.
func passOn(to net.Conn, err error) {
	if IsReset(err) {
		_ = Reset(to)
		return
	}
	_ = to.Close()
}
