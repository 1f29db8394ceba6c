package gateway

import (
	"errors"
	"io"
	"net"
	"slices"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/proxies/simnet"
)

// TestOneAddressTakesNoMoreByTheSideDoor makes 900 connections from one address to a
// server beside the gateway, and then one from another.
func TestOneAddressTakesNoMoreByTheSideDoor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		door := newSideDoor(t, Limits{PerAddress: 30, Connections: 60, Opens: 20, AtOnce: 200})
		defer door.close()
		floods := door.knock("10.0.0.66", 900)
		if got, want := door.answered(floods), 30; got != want {
			t.Errorf("%d of 900 are kept, not %d", got, want)
		}
		if got := door.g.Sessions(); got != 30 {
			t.Errorf("%d guests are counted", got)
		}
		if got := door.refused[ReasonAddress]; got != 870 {
			t.Errorf("%d were observed as refused: %v", got, door.refused)
		}
		if door.answered(door.knock("10.0.0.7", 1)) != 1 {
			t.Error("another address is refused, too")
		}
		for _, c := range floods {
			_ = c.Close()
		}
		time.Sleep(time.Second)
		if got := door.g.Sessions(); got != 1 {
			t.Errorf("%d guests are counted when all but one have gone", got)
		}
		if door.answered(door.knock("10.0.0.66", 1)) != 1 {
			t.Error("the places of those who have gone are not free")
		}
	})
}

// TestTheSideDoorSharesTheBucket opens at the gateway and beside it, both at one rate.
func TestTheSideDoorSharesTheBucket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		door := newSideDoor(t, Limits{Opens: 1, AtOnce: 3})
		defer door.close()
		r := &request{action: "open", server: NS, from: "10.0.0.66"}
		for range 2 {
			door.g.do(func(t *table) { t.reserve(time.Now(), r) })
		}
		if got := door.answered(door.knock("10.0.0.66", 5)); got != 1 || door.refused[ReasonHaste] != 4 {
			t.Errorf("%d of 5 are kept where one was left: %v", got, door.refused)
		}
	})
}

// TestConnectionsBySideDoorAreBounded makes more from one address than it may have.
func TestConnectionsBySideDoorAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		door := newSideDoor(t, Limits{Connections: 6})
		defer door.close()
		if got := door.answered(door.knock("10.0.0.66", 10)); got != 6 || door.refused[ReasonConnections] != 4 {
			t.Errorf("%d of 10 are kept where there may be 6: %v", got, door.refused)
		}
	})
}

// TestGuestsTakePlacesOfSessions has the gateway full.
func TestGuestsTakePlacesOfSessions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		door := newSideDoor(t, Limits{Sessions: 2})
		defer door.close()
		door.answered(door.knock("10.0.0.66", 2))
		door.g.do(func(table *table) {
			if no := table.reserve(time.Now(), &request{action: "open", server: NS, from: "10.0.0.7"}); no == nil || no.reason != ReasonFull {
				t.Errorf("an open: %v", no)
			}
		})
	})
}

// broken is a connection the end of which fails.
type broken struct{ net.Conn }

func (b broken) Close() error { return errors.Join(b.Conn.Close(), syscall.EIO) }

// A guest's end is that of the connection, and what is said of it, too.
func TestAGuestEndsItsConnection(t *testing.T) {
	near, far := net.Pipe()
	g := New(Options{})
	c, err := g.Guard(&failing{comes: broken{near}}, NS).Accept()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); !errors.Is(err, syscall.EIO) {
		t.Errorf("its end: %v", err)
	}
	if _, err := far.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("who came reads %v", err)
	}
	_ = g.Close()
}

// sideDoor is a server that echoes, beside a gateway.
type sideDoor struct {
	t       *testing.T
	g       *Gateway
	net     *simnet.Net
	l       net.Listener
	refused map[string]int // by reason
}

func newSideDoor(t *testing.T, limits Limits) *sideDoor {
	d := &sideDoor{t: t, net: simnet.New(simnet.Options{}), refused: map[string]int{}}
	d.g = New(Options{Limits: limits, Observe: func(e history.Event) {
		if e.Kind == history.Rejected {
			d.refused[e.Text]++
		}
	}})
	var err error
	if d.l, err = d.net.Host("10.0.0.1").Listen(":1863"); err != nil {
		t.Fatal(err)
	}
	guarded := d.g.Guard(d.l, NS)
	go func() {
		for {
			c, err := guarded.Accept()
			if err != nil {
				return
			}
			go func() {
				_, _ = io.Copy(c, c) // its end is the client's
				_ = c.Close()
			}()
		}
	}()
	return d
}

// knock connects from an address, so many times.
func (d *sideDoor) knock(from string, times int) (conns []net.Conn) {
	for range times {
		c, err := d.net.Host(from).DialContext(d.t.Context(), "tcp", "10.0.0.1:1863")
		if err != nil {
			d.t.Fatal(err)
		}
		conns = append(conns, c)
	}
	return conns
}

// answered are those of the connections that are served.
func (d *sideDoor) answered(conns []net.Conn) int {
	return len(slices.DeleteFunc(slices.Clone(conns), func(c net.Conn) bool {
		_, err := c.Write([]byte("?"))
		if err == nil {
			_, err = io.ReadFull(c, make([]byte, 1))
		}
		return err != nil
	}))
}

func (d *sideDoor) close() {
	_ = d.l.Close() // what it served ends with the network
	_ = d.net.Close()
	_ = d.g.Close()
}
