// Package wire observes and disturbs connections on their accepting side. A
// Tap wraps the listener of a box or of a server; there is no extra socket, and
// the wrapper holds both faces of each connection: it can end the one and leave
// the other in ignorance.
//
// The wrapper relays the original bytes. It parses a copy of them, as far as
// needed to know the phase of the exchange: where a head ends, where a body
// ends, which answer belongs to which request. It knows HTTP's framing and
// nothing of what the messages mean; the words by which faults choose exchanges
// come from Options.Label.
//
// # Theory of operation
//
// A connection is its two directions (inbound, outbound), each with a stream
// that follows the messages, the link between its two faces, and what belongs to
// a purpose of its own: responses that are not passed on as they come, idle
// timers, the passage along a path that loses packets.
//
// All happens inside the box's own calls. Read takes bytes from the peer, moves
// the request's phase on, fires the faults that are due, and hands on what
// may pass; Write does so for answers, cutting what the box wrote at landmarks
// only. While a fault can still fire before forward, heads reach the box in
// one piece: whom a fault is for is known only when the head is complete. An effect
// never blocks: it changes the state of the connection, and the calls obey it;
// link.go has the states. Who must wait sleeps in conn.rest, which ends at the
// box's deadline, at any change of state and at Tap.Close; no mutex is held
// meanwhile.
//
// An answer that an effect changes or replaces is collected beside the stream
// to the peer (responses); what comes of it then takes the usual way, so that
// events and landmarks speak of what the peer gets. A request that an effect
// keeps from the box is withheld from its first byte on, and the answer of our
// own is handed on within the Read that has found the request complete. A
// repeated request is put behind the one at hand; the exchange that it makes
// with the box (a duplicate) is told to nobody. What must go slowly waits at a
// turnstile, one in each direction.
//
// The table of effects stands in package fault: what each takes, where it means
// something, and what it does by the primitives of fault.Injection, which
// injection.go implements.
//
// Goroutines are started in one place only: once an effect has taken the
// network's side of a connection from the box (a stall, a cut), a drainer reads
// there until the peer leaves. It ends at Tap.Close at the latest, which waits
// for it. Idle landmarks are timers, stopped when bytes arrive.
//
// Boxes and the rig import this package.
package wire
