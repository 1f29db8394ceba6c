package simnet_test

import (
	"io"
	"testing"
	"testing/synctest"
)

// inBubble runs f in virtual time and measures it in real time. A bubble needs
// a *testing.T, which a benchmark does not have: it runs a test of its own.
func inBubble(b *testing.B, f func()) {
	b.ReportAllocs()
	all := func(pattern, name string) (bool, error) { return true, nil }
	inner := func(t *testing.T) { synctest.Test(t, func(*testing.T) { f() }) }
	if !testing.RunTests(all, []testing.InternalTest{{Name: b.Name(), F: inner}}) {
		b.Fatal("the bubble failed")
	}
}

// BenchmarkRoundTrip is a request and an answer of 200 bytes.
func BenchmarkRoundTrip(b *testing.B) {
	inBubble(b, func() {
		c, s, stop, _ := makePair()
		defer stop()
		go io.Copy(struct{ io.Writer }{s}, struct{ io.Reader }{s})
		buffer := make([]byte, 200)
		for range b.N {
			c.Write(buffer)
			io.ReadFull(c, buffer)
		}
	})
}

// BenchmarkTransfer moves 64 KiB per round one way, against back-pressure.
func BenchmarkTransfer(b *testing.B) {
	b.SetBytes(64 << 10)
	inBubble(b, func() {
		c, s, stop, _ := makePair()
		defer stop()
		go func() {
			buffer := make([]byte, 64<<10)
			for range b.N {
				c.Write(buffer)
			}
			c.Close()
		}()
		io.Copy(io.Discard, struct{ io.Reader }{s})
	})
}

// BenchmarkConnect is a dial, an accept and both closes.
func BenchmarkConnect(b *testing.B) {
	inBubble(b, func() {
		for range b.N {
			c, s, stop, _ := makePair()
			c.Close()
			s.Close()
			stop()
		}
	})
}
