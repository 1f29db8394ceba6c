package wire

import (
	"errors"
	"net"
	"os"
	"sync"
	"testing"
	"time"
)

// withheld runs one part of the contract on a connection on which nothing
// flows.
func withheld(t *testing.T, name string, c net.Conn) {
	t.Helper()
	past, soon := time.Unix(1, 0), 20*time.Millisecond
	switch name {
	case "PresentTimeout":
		time.AfterFunc(soon, func() { _ = c.SetDeadline(time.Now()) })
		both(t, c, os.ErrDeadlineExceeded)
	case "PastTimeout":
		_ = c.SetDeadline(past)
		both(t, c, os.ErrDeadlineExceeded)
		both(t, c, os.ErrDeadlineExceeded)
	case "FutureTimeout":
		_ = c.SetDeadline(time.Now().Add(soon))
		both(t, c, os.ErrDeadlineExceeded)
	case "CloseTimeout":
		_ = c.SetDeadline(time.Now().Add(time.Hour))
		time.AfterFunc(soon, func() { _ = c.Close() })
		both(t, c, net.ErrClosed)
	case "RacyRead", "RacyWrite":
		racy(t, c)
	}
}

// both reads and writes at the same time; both must fail by want.
func both(t *testing.T, c net.Conn, want error) {
	t.Helper()
	var wait sync.WaitGroup
	wait.Go(func() {
		if _, err := c.Read(make([]byte, 8)); !errors.Is(err, want) {
			t.Errorf("read: %v, want %v", err, want)
		}
	})
	if _, err := c.Write(make([]byte, 8)); !errors.Is(err, want) {
		t.Errorf("write: %v, want %v", err, want)
	}
	wait.Wait()
}

// racy lets many goroutines use the connection at once while deadlines change.
func racy(t *testing.T, c net.Conn) {
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for range 10 {
				_ = c.SetDeadline(time.Now().Add(time.Millisecond))
				both(t, c, os.ErrDeadlineExceeded)
			}
		})
	}
	wait.Wait()
}
