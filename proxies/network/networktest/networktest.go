// Package networktest says what everything in this module expects of a stream
// connection: of the in-memory network, of real TCP, and of whatever wraps
// either of them. Each check reports what was violated as an error, so the
// package needs no test framework; it uses package time plainly and so runs in
// virtual time as well. All goroutines that a check starts end when its
// connections are closed; it counts those of a bubble, too. It is imported by
// tests only.
package networktest

import (
	"fmt"
	"net"
)

// Pair makes a fresh connection. stop releases all that belongs to it, both
// ends included; a check calls it once and then uses the pair no more.
type Pair func() (client, server net.Conn, stop func(), err error)

// Check is one clause of the contract.
type Check struct {
	Name string       // what a connection does, as a sentence
	Run  func() error // nil if it does
}

// act is a clause: what a does, and what then must be seen on a and on b.
type act func(a, b net.Conn) error

// Checks returns the contract for the connections of make. Each check uses
// pairs of its own, one for each end's turn to act, and returns after some
// tens of milliseconds, or after a few seconds if something hangs.
func Checks(make Pair) []Check {
	clauses := []struct {
		name string
		act  act
	}{
		{"addresses are known", addresses},
		{"bytes arrive in order both ways", smallWrites},
		{"a large transfer arrives intact while both ends read and write", largeWrites},
		{"a blocked Read returns at its deadline", readDeadline},
		{"a blocked Read returns when a past deadline is set elsewhere", readInterrupted},
		{"a blocked Read returns when its end is closed elsewhere", readClosed},
		{"a deadline that was passed and lifted does not spoil reading", readRevived},
		{"a Write blocked by back-pressure returns at its deadline", writeDeadline},
		{"a Write blocked by back-pressure returns when its end is closed elsewhere", writeClosed},
		{"CloseWrite ends one direction and leaves the other", halfClose},
		{"Close lets the peer read what was written, then EOF", finish},
		{"SetLinger(0) and Close reset the peer", reset},
		{"use after Close fails with net.ErrClosed", useAfterClose},
		{"writes to a peer that closed fail before long", writeToNobody},
	}
	checks := []Check{}
	for _, c := range clauses {
		checks = append(checks, Check{Name: c.name, Run: bothWays(make, c.act)})
	}
	return checks
}

// bothWays runs a clause with the client acting, then with the server acting.
func bothWays(make Pair, f act) func() error {
	return func() error {
		if err := onPair(make, f); err != nil {
			return fmt.Errorf("client acting: %w", err)
		}
		swapped := func(client, server net.Conn) error { return f(server, client) }
		if err := onPair(make, swapped); err != nil {
			return fmt.Errorf("server acting: %w", err)
		}
		return nil
	}
}

// onPair runs a clause on a fresh pair; stop then frees what still hangs.
func onPair(make Pair, f act) error {
	client, server, stop, err := make()
	if err != nil {
		return fmt.Errorf("no connection to check: %w", err)
	}
	defer stop()
	return limited(4*patience, func() error { return f(client, server) })
}

// addresses holds both ends to having both addresses.
func addresses(a, b net.Conn) error {
	for _, c := range []net.Conn{a, b} {
		if c.LocalAddr() == nil || c.RemoteAddr() == nil {
			return fmt.Errorf("addresses are %v and %v", c.LocalAddr(), c.RemoteAddr())
		}
	}
	return nil
}
