package networktest_test

import (
	"errors"
	"net"
	"slices"
	"testing"
	"testing/synctest"

	"gauntlet/proxies/network"
	"gauntlet/proxies/network/networktest"
)

// loopback makes a pair on real TCP.
func loopback() (client, server net.Conn, stop func(), err error) {
	nw := &network.Loopback{}
	l, err := nw.Listen("127.0.0.1:0")
	if err != nil {
		return nil, nil, nil, err
	}
	defer l.Close()
	client, err = net.Dial("tcp", l.Addr().String())
	if err != nil {
		return nil, nil, nil, err
	}
	server, err = l.Accept()
	return client, server, func() { client.Close(); server.Close() }, err
}

// wrapped is a pair of which either end is in two wrappers.
func wrapped() (client, server net.Conn, stop func(), err error) {
	client, server, stop, err = loopback()
	return network.Conn{Conn: network.WithReader(client, client)}, network.Conn{Conn: network.Conn{Conn: server}}, stop, err
}

func TestRealTCPKeepsTheContract(t *testing.T) {
	for kind, pair := range map[string]networktest.Pair{"as it is": loopback, "wrapped": wrapped} {
		for _, c := range networktest.Checks(pair) {
			t.Run(kind+"/"+c.Name, func(t *testing.T) {
				t.Parallel()
				if err := c.Run(); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

func pipe() (client, server net.Conn, stop func(), err error) {
	a, b := net.Pipe()
	return a, b, func() { a.Close(); b.Close() }, nil
}

// net.Pipe has neither buffers, nor half-close, nor resets, and its own words
// for closed: the contract must notice, and must leave nothing hanging.
func TestContractNoticesThatAPipeIsNoTCP(t *testing.T) {
	violations := []string{
		"CloseWrite ends one direction and leaves the other",
		"SetLinger(0) and Close reset the peer",
		"a blocked Read returns when its end is closed elsewhere",
		"writes to a peer that closed fail before long",
	}
	synctest.Test(t, func(t *testing.T) {
		for _, c := range networktest.Checks(pipe) {
			if err := c.Run(); err == nil && slices.Contains(violations, c.Name) {
				t.Errorf("%s: not noticed", c.Name)
			}
		}
	})
}

func TestContractReportsAPairThatCannotBeMade(t *testing.T) {
	refused := errors.New("refused")
	broken := func() (net.Conn, net.Conn, func(), error) { return nil, nil, nil, refused }
	for _, c := range networktest.Checks(broken) {
		if err := c.Run(); !errors.Is(err, refused) {
			t.Errorf("%s: got %v, want the pair's error", c.Name, err)
		}
	}
}
