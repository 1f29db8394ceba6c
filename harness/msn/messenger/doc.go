// Package messenger is the reference notification server and switchboard,
// speaking MSNP8 over any net.Listener. The reference gateway stands in front
// of it and carries its byte streams over HTTP; over HTTP "the protocol works
// as normal" (S21), so what is here would serve plain TCP just as well. The
// two differences that the source names are the gateway's to refuse (PNG, S20)
// and the profile's to show (ClientPort is 0, S19).
//
// It deliberately knows nothing of HTTP, of session ids, of faults and of the
// client under test. The gateway's owner, the rig and the specs import it.
//
// # Parts
//
// A Messenger is a directory of accounts, two servers, and contacts that scripts
// play. notificationCommands and switchboardCommands say which commands there
// are, what they take, in which versions, and when they may be said. What they
// do is in the parts of the notification server's dialogue (signIn,
// synchronisation, listEditing, presence, trial) and in switchboard, whose
// members share a chat.
//
// # Theory of operation
//
// One mutex guards all state; it is held while one command is worked on and
// never while anything blocks. Whatever a command causes to happen outside of
// that state (an event for the observer, bytes for a connection, a message for
// a scripted contact) is put on a queue of effects under the mutex and carried
// out, in that order, after it is released, by one goroutine at a time. So the
// observer sees a single order that agrees with every connection's own: an
// answer is observed before its first byte can be read by anybody.
//
// Each connection has a goroutine that reads, one that writes from a bounded
// queue, and, on the notification server, one that challenges. Messenger owns
// them all, and Close waits for them.
package messenger
