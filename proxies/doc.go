// Package proxies builds the boxes that stand between a client and a gateway:
// forward proxies and intercepting proxies on goproxy, and a plain TCP relay.
// `ls` is the catalogue: one file per box, one per quirk.
//
// The box that a zero Quirks describes is faithful: what it need not change it
// passes as it came, header spelling and order included, and a cut message
// stays cut. Everything a real or a careless proxy does differently is a quirk
// with a word of its own, so that a chain of boxes is one line of text.
//
// The package knows HTTP and TCP, nothing of MSN, and it does not disturb
// traffic: faults belong to proxies/wire, which wraps the listeners that a box
// serves. Whoever assembles a run imports it. A box owns the goroutines and
// connections that it starts; Close ends them.
package proxies
