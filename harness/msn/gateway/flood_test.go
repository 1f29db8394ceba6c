package gateway

import (
	"bufio"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// Hundreds who send their bodies byte by byte, and hundreds who send no HTTP at
// all, are nothing to who polls beside them.
func TestFloodsDoNotHurtTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := newStage(t, Dialect{})
		defer st.close()
		var flood sync.WaitGroup
		defer flood.Wait()
		for range 300 {
			flood.Go(func() { st.dribble() })
			flood.Go(func() { st.garbage() })
		}
		c := st.client()
		defer c.Close()
		b := bufio.NewReader(c)
		_, h, _ := roundTrip(t, c, b, openRequest)
		for range 60 {
			time.Sleep(2 * time.Second)
			began := time.Now()
			var status int
			if status, h, _ = roundTrip(t, c, b, pollRequest(h.SessionID)); status != 200 {
				t.Fatalf("a poll beside the flood gets %d", status)
			}
			if took := time.Since(began); took > 100*time.Millisecond {
				t.Fatalf("a poll beside the flood takes %v", took)
			}
		}
		if st.g.Sessions() != 1 {
			t.Errorf("%d sessions: half a request opens none", st.g.Sessions())
		}
	})
}

// dribble sends an open's body, a byte every four seconds, until it is hung up on.
func (st *stage) dribble() {
	c := st.client()
	defer c.Close()
	if _, err := io.WriteString(c, strings.TrimSuffix(openRequest, "VER 1 MSNP8 CVR0\r\n")); err != nil {
		return
	}
	for range 600 {
		if _, err := c.Write([]byte{'V'}[:1]); err != nil {
			return
		}
		time.Sleep(4 * time.Second)
	}
}

// garbage is somebody who is at the wrong door, again and again.
func (st *stage) garbage() {
	for range 20 {
		c := st.client()
		_, _ = io.WriteString(c, "\x16\x03\x01 this is no HTTP \x00\r\n\r\n")
		_, _ = readQuiet(c)
		_ = c.Close()
	}
}
