package netns

import (
	"errors"
	"fmt"
	"os"
)

// roleKey is the variable by which a process that we have started knows what
// it is for.
const roleKey = "GAUNTLET_NAMESPACES"

// The roles.
const (
	inside  = "inside"  // the caller's program, again, in namespaces
	probing = "probing" // tells whether networks can be made, and ends
	first   = "first"   // the first process of a client's process namespace
	program = "program" // becomes a client's program
)

// PlayRole has to be called at the very beginning of main (or of TestMain) by
// every program that calls Again: it prepares the namespaces of a process that
// Again has started, and in those that are started for a purpose of this
// package's own it does not return.
func PlayRole() error {
	switch os.Getenv(roleKey) {
	case inside:
		return furnish()
	case probing:
		os.Exit(probe())
	case first:
		os.Exit(beFirst())
	case program:
		fmt.Fprintln(os.Stderr, "gauntlet:", become())
		os.Exit(127)
	}
	return nil
}

// Inside tells whether this process is one in which networks can be made.
func Inside() bool { return os.Getenv(roleKey) == inside }

var errOutside = errors.New("networks are made only in a process that is in namespaces of its own")
