package networktest

import (
	"errors"
	"fmt"
	"net"
	"os"
	"time"
)

// readDeadline holds a blocked Read to its deadline.
func readDeadline(a, _ net.Conn) error {
	began := time.Now()
	return within(func() error {
		if err := a.SetReadDeadline(began.Add(moment)); err != nil {
			return err
		}
		if err := timedOut("read", readError(a)); err != nil {
			return err
		}
		return notBefore(began, moment)
	})
}

// readInterrupted sets a deadline in the past while a Read is blocked, as
// net/http does to get its background read back.
func readInterrupted(a, b net.Conn) error {
	err := within(
		func() error { return timedOut("read", readError(a)) },
		later(func() error { return a.SetReadDeadline(longAgo()) }),
	)
	if err != nil {
		return err
	}
	return revive(a, b)
}

// readRevived lets a deadline pass, lifts it and reads.
func readRevived(a, b net.Conn) error {
	if err := a.SetReadDeadline(longAgo()); err != nil {
		return err
	}
	if err := within(func() error { return timedOut("read", readError(a)) }); err != nil {
		return err
	}
	return revive(a, b)
}

// revive lifts the read deadline of a and reads.
func revive(a, b net.Conn) error {
	if err := a.SetReadDeadline(time.Time{}); err != nil {
		return err
	}
	return relayed(b, a, "after the deadline")
}

// writeDeadline fills the connection until Write blocks. On a slow machine the
// deadline may find Write busy instead; what it returns is the same.
func writeDeadline(a, _ net.Conn) error {
	const limit = 100 * time.Millisecond
	began := time.Now()
	return within(func() error {
		if err := a.SetWriteDeadline(began.Add(limit)); err != nil {
			return err
		}
		if err := timedOut("write", fill(a)); err != nil {
			return err
		}
		return notBefore(began, limit)
	})
}

// fill writes to somebody who does not read, until that fails.
func fill(c net.Conn) error {
	const chunk, most = 64 << 10, 64 << 20
	data := make([]byte, chunk)
	for sent := 0; sent < most; sent += chunk {
		if _, err := c.Write(data); err != nil {
			return err
		}
	}
	return fmt.Errorf("%d bytes were taken without back-pressure", most)
}

// timedOut holds an error to being a deadline's, by both of its marks.
func timedOut(what string, err error) error {
	var e net.Error
	if errors.As(err, &e) && e.Timeout() {
		return wants(what, err, os.ErrDeadlineExceeded)
	}
	return fmt.Errorf("%s: got error %w, want a timeout", what, err)
}

// notBefore reports whether less than d has passed. Timers of real clocks are
// allowed their granularity.
func notBefore(began time.Time, d time.Duration) error {
	const granularity = 2 * time.Millisecond
	if took := time.Since(began); took < d-granularity {
		return fmt.Errorf("the deadline came after %v, want %v", took, d)
	}
	return nil
}
