package simnet_test

import (
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"gauntlet/proxies/network"
	"gauntlet/proxies/simnet"
)

// An end of a connection: what one side does, then what the other side sees.
var endings = []struct {
	name        string
	act         func(t *testing.T, c, s *simnet.Conn)
	data        string // what s can still read
	read, write error  // what s then gets
}{
	{name: "close is FIN", data: "hello", read: io.EOF, write: nil,
		act: func(t *testing.T, c, s *simnet.Conn) { write(t, c, "hello"); c.Close() }},
	{name: "half close is FIN", data: "hello", read: io.EOF, write: nil,
		act: func(t *testing.T, c, s *simnet.Conn) { write(t, c, "hello"); c.CloseWrite() }},
	{name: "reset drops what is on its way", read: syscall.ECONNRESET, write: syscall.ECONNRESET,
		act: func(t *testing.T, c, s *simnet.Conn) { write(t, c, "hello"); c.SetLinger(0); c.Close() }},
	{name: "reset leaves what had arrived", data: "hello", read: syscall.ECONNRESET, write: syscall.ECONNRESET,
		act: func(t *testing.T, c, s *simnet.Conn) { write(t, c, "hello"); tick(); c.SetLinger(0); c.Close() }},
	{name: "linger can be taken back", data: "hello", read: io.EOF, write: nil,
		act: func(t *testing.T, c, s *simnet.Conn) {
			write(t, c, "hello")
			c.SetLinger(0)
			c.SetLinger(-1)
			c.Close()
		}},
	{name: "close with unread data is a reset", data: "hello", read: syscall.ECONNRESET, write: syscall.ECONNRESET,
		act: func(t *testing.T, c, s *simnet.Conn) {
			write(t, s, "unread")
			tick()
			write(t, c, "hello")
			c.Close()
		}},
	{name: "close with data on its way is FIN, then a reset", data: "hello", read: io.EOF, write: syscall.EPIPE,
		act: func(t *testing.T, c, s *simnet.Conn) { write(t, s, "late"); write(t, c, "hello"); c.Close() }},
	{name: "close after reading all is FIN", data: "hello", read: io.EOF, write: nil,
		act: func(t *testing.T, c, s *simnet.Conn) {
			write(t, s, "read")
			wantRead(t, c, "read")
			write(t, c, "hello")
			c.Close()
		}},
	{name: "half close, then reset", data: "hello", read: io.EOF, write: syscall.EPIPE,
		act: func(t *testing.T, c, s *simnet.Conn) {
			write(t, c, "hello")
			c.CloseWrite()
			tick()
			c.SetLinger(0)
			c.Close()
		}},
	{name: "close read goes unnoticed", data: "hello", read: os.ErrDeadlineExceeded, write: nil,
		act: func(t *testing.T, c, s *simnet.Conn) { write(t, s, "x"); tick(); c.CloseRead(); write(t, c, "hello") }},
}

func TestEndings(t *testing.T) {
	for _, e := range endings {
		t.Run(e.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				c, s := pair(t)
				e.act(t, c, s)
				tick()
				s.SetReadDeadline(time.Now().Add(time.Minute))
				if e.data != "" {
					wantRead(t, s, e.data)
				}
				wantReadError(t, s, e.read)
				wantReadError(t, s, e.read)
				_, err := s.Write([]byte("x"))
				wantError(t, "write", err, e.write)
			})
		})
	}
}

func TestEndsArriveAfterTheLatency(t *testing.T) {
	for _, e := range endings[:3] {
		t.Run(e.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				c, s := pair(t)
				began := time.Now()
				e.act(t, c, s)
				io.Copy(io.Discard, struct{ io.Reader }{s})
				if took := time.Since(began); took != time.Millisecond {
					t.Errorf("the end arrived after %v", took)
				}
			})
		})
	}
}

func TestWriteToAClosedPeerIsAnsweredByAReset(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, s := pair(t)
		c.Close()
		tick()
		write(t, s, "accepted")
		time.Sleep(2*time.Millisecond - 1)
		write(t, s, "the reset is still on its way")
		time.Sleep(time.Nanosecond)
		_, err := s.Write([]byte("x"))
		wantError(t, "write", err, syscall.EPIPE)
	})
}

func TestWriteBlockedByAPeerThatClosesIsReset(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, s := pair(t)
		time.AfterFunc(time.Second, func() { c.Close() })
		n, err := s.Write(make([]byte, 1<<20))
		wantError(t, "write", err, syscall.ECONNRESET)
		if n != 256<<10 {
			t.Errorf("%d bytes were accepted, want a window of 256 KiB", n)
		}
	})
}

func TestOwnUseAfterClosing(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, s := pair(t)
		c.CloseWrite()
		_, err := c.Write([]byte("x"))
		wantError(t, "write after CloseWrite", err, syscall.EPIPE)
		s.CloseRead()
		wantReadError(t, s, io.EOF)
		c.Close()
		wantError(t, "second Close", c.Close(), net.ErrClosed)
		wantError(t, "CloseWrite", c.CloseWrite(), net.ErrClosed)
		wantError(t, "CloseRead", c.CloseRead(), net.ErrClosed)
		wantError(t, "SetLinger", c.SetLinger(0), net.ErrClosed)
	})
}

func TestHalfCloseAfterAReset(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, s := pair(t)
		network.Reset(c)
		tick()
		wantError(t, "CloseWrite", s.CloseWrite(), syscall.ENOTCONN)
		wantError(t, "Close", s.Close(), nil)
	})
}

func TestReaderThatRefusesDoesNotHoldUpItsPeer(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, s := pair(t)
		time.AfterFunc(time.Second, func() { s.CloseRead() })
		if n, err := c.Write(make([]byte, 1<<20)); n != 1<<20 || err != nil {
			t.Errorf("wrote %d bytes, %v", n, err)
		}
	})
}

// What takes effect at once must do so before synctest.Wait returns.
func TestWakingDoesNotNeedTheClock(t *testing.T) {
	for name, wake := range map[string]func(c *simnet.Conn){
		"close":      func(c *simnet.Conn) { c.Close() },
		"deadline":   func(c *simnet.Conn) { c.SetReadDeadline(time.Unix(1, 0)) },
		"close read": func(c *simnet.Conn) { c.CloseRead() },
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				c, _ := pair(t)
				woken := make(chan error, 1)
				go func() { _, err := c.Read(make([]byte, 1)); woken <- err }()
				synctest.Wait()
				wake(c)
				synctest.Wait()
				if len(woken) == 0 {
					t.Error("still asleep")
				}
			})
		})
	}
}

// How the peer left is known at once, whatever has arrived.
func TestPeerLeft(t *testing.T) {
	for want, leave := range map[string]func(*simnet.Conn){
		"": func(c *simnet.Conn) { _ = c.CloseWrite() }, "FIN": func(c *simnet.Conn) { _ = c.Close() },
		"RST": func(c *simnet.Conn) { _ = c.SetLinger(0); _ = c.Close() },
	} {
		bubble(t, func(t *testing.T) {
			client, server := pair(t)
			leave(client)
			if got := server.PeerLeft(); got != want {
				t.Errorf("%q, want %q", got, want)
			}
			_, _ = client.Close(), server.Close()
		})
	}
}
