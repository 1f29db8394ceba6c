// Package child is the client under test as a process of its own, in any
// language. A YAML file describes it; Load reads one and File.Factory makes the
// adapter of it. The package knows how to start, ask, read and end a process;
// it knows nothing of networks, faults or verdicts. The rig and the command
// import it. Its goroutines belong to one client each and end with Close.
//
// # Black-box clients
//
// Such a client only connects and stays; the server side does the rest. What it
// needs to know stands in its command and its environment, by placeholders.
// {{.Proxy}} and what begins so is the proxy to use; {{.ProxyOff}}, with its
// URL, Host and Port, is one that the user has set down and switched off. A file
// without a place for that one leaves out the cases about it. {{.PAC}} is the
// URL of a proxy auto-configuration: it sends the gateway's names and addresses
// the way that the case wants, and all else to a proxy where nobody is. In a case
// about such a file nothing else tells of the proxy. SIGTERM is its
// user's wish to sign out. One whose file has supports and not invited in it is
// not called, and cases that need a chat are not applicable.
//
// # Driven clients
//
// Such a client reads what its user wants on stdin and says what its user sees
// on stdout: JSON Lines, an object a line, UTF-8, at most 64 KiB a line. Fields
// that it does not know are to be ignored, on both sides. stderr is its log.
// A whole conversation (→ to the client, ← from it):
//
//	← {"type":"hello","name":"mine","version":"1.2","protocol":1,"abilities":["chat","invited","reopen"]}
//	→ {"type":"connect","id":1,"user":"alice@example.com","password":"secret",
//	   "gateway":{"name":"gateway.messenger.hotmail.com","address":"10.9.0.80:80"},
//	   "proxy":{"kind":"http","address":"10.1.1.1:8080","user":"","password":"","enabled":true}}
//	← {"type":"done","id":1}                                    signed in, and visible to the contacts
//	→ {"type":"call","id":2,"contact":"bob@example.com"}
//	← {"type":"done","id":2}                                    the contact has come
//	→ {"type":"send","id":3,"text":"message 1 from alice"}
//	← {"type":"done","id":3}                                    taken on; it need not have arrived
//	← {"type":"received","from":"bob@example.com","text":"message 1 from bob"}
//	→ {"type":"send","id":4,"text":"message 2 from alice"}
//	← {"type":"done","id":4}
//	← {"type":"uncertain","text":"message 2 from alice"}        nobody knows whether it arrived
//	→ {"type":"leave","id":5}
//	← {"type":"done","id":5}
//	→ {"type":"await","id":6}                                   wait to be called into a chat
//	← {"type":"error","id":6,"text":"nobody called"}            one done or error for each id
//	← {"type":"reopened","text":"the gateway had forgotten us"} it had to open a new session
//	← {"type":"error","text":"the proxy answers 502"}           trouble outside of a step
//	→ {"type":"sign out","id":7}                                OUT, and close
//	← {"type":"done","id":7}
//	← {"type":"closed","text":"signed out"}                     the session is over
//	→ {"type":"quit"}                                           end, with status 0
//
// What was received says from whom, as the user sees it: an address, or a name that
// the contact goes by. A client that leaves from out is not judged by it; an empty
// one says that the user sees no sender. hello has to come at once: after 30 s it is
// given up. There is one step at a time: the next id comes when the last is done, or
// when its user has given it up; then its done or error may come later, or never.
// connect may come again after sign out. A proxy that is absent means the direct route; one that
// is not enabled is not to be used. Its kinds are http, connect (a tunnel
// through an HTTP proxy), socks4, socks4a, socks5. To a client with pac it may have
// "pac":"http://10.1.98.1/proxy.pac" in its place: the URL of the file that says
// which proxy there is, if any.
// The abilities are those of adapter.Ability but for sign-out. Of a client that
// has not chat, or not invited, no case is asked that needs it. One with
// call-by-text has no call of its own: it notes the contact and says done at
// once, and calls when it is to send the first message. What the client's file
// says under supports counts instead, sign-out too: without it nothing is to be
// signed out, and quit follows. Only of what stands in the file cases are made
// to suit: they leave out what the client cannot, where they are not about that.
// gateway.address is where the gateway's name leads. To a client with tls it may have
// a gateway.ca, too: then the gateway is reached by https, and that, PEM, is whom to
// trust. Exit status 89 says that the client cannot do what the case asks; the case's
// id is in GAUNTLET_CASE.
package child
