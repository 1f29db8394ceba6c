// Package simnet is a network in memory: hosts with addresses and names,
// listeners, and connections that buffer, keep deadlines, half-close, finish
// and reset as TCP on Linux does. It is made for testing/synctest bubbles,
// where time passes only while everybody waits, and is correct outside of them
// too. A Net and all that is used with it must be made in one bubble.
//
// Everything sent takes Options.Latency to arrive: data, FIN and RST alike.
// Latency is never zero; without it a storm of exchanges would go round for
// ever within one instant and stop the bubble's clock.
//
// # Theory of operation
//
// Nothing moves bytes. A write appends to the peer's queue and notes the
// instant at which the bytes arrive; whoever reads compares that instant with
// the clock. FIN and RST are instants as well. Only somebody who waits needs
// waking: each end has one waiter for reading and one for writing, each asleep
// on one timer and one channel. A write moves the timer of the reader that
// waits for it; what takes effect at once (Close, a deadline) uses the channel.
// So the package starts no goroutine at all, an idle connection has no timer
// running, and one that is abandoned costs memory only. No mutex is held
// by anybody who waits.
//
// The package knows nothing of HTTP. What its methods return is owned by the
// caller; Net.Close ends whatever was left open.
package simnet
