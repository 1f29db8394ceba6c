package wire

import (
	"io"
	"net"
	"testing"

	"golang.org/x/net/nettest"
)

// pairOf makes nettest's pairs: a loopback connection whose accepting end is
// wrapped.
func pairOf(t *testing.T, o Options) nettest.MakePipe {
	return func() (peer, box net.Conn, stop func(), err error) {
		inner, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, nil, nil, err
		}
		tap := New(o)
		l := tap.Listen(inner)
		if peer, err = net.Dial("tcp", l.Addr().String()); err != nil {
			return nil, nil, nil, err
		}
		if box, err = l.Accept(); err != nil {
			return nil, nil, nil, err
		}
		return peer, box, func() { _, _, _, _ = peer.Close(), box.Close(), l.Close(), tap.Close() }, nil
	}
}

// The connection contract holds for the wrapper, with nothing armed and with
// all armed that need not hold a head back: nettest waits for the echo of what
// could be the beginning of one.
func TestConnectionContract(t *testing.T) {
	t.Run("disarmed", func(t *testing.T) { nettest.TestConn(t, pairOf(t, Options{})) })
	var faults []string
	for _, at := range []string{"forward", "answer", "response byte 1", "end", "idle 1ms"} {
		faults = append(faults, "hop 0: on SB poll 1, "+at+": stall")
	}
	t.Run("armed", func(t *testing.T) { nettest.TestConn(t, pairOf(t, options(t, nil, faults...))) })
}

// While an effect withholds everything, deadlines and Close keep the contract.
func TestConnectionContractWhileStalled(t *testing.T) {
	for _, effect := range []string{"stall", "stall for 1h"} {
		for _, name := range []string{"PresentTimeout", "PastTimeout", "FutureTimeout", "CloseTimeout", "RacyRead", "RacyWrite"} {
			t.Run(effect+" "+name, func(t *testing.T) {
				peer, box, stop, err := pairOf(t, options(t, nil, "hop 0: on connection 1: "+effect))()
				if err != nil {
					t.Fatal(err)
				}
				defer stop()
				go func() { _, _ = io.Copy(io.Discard, peer) }()
				withheld(t, name, box)
			})
		}
	}
}
