// Package proxies builds the boxes that stand between a client and a gateway:
// forward and intercepting proxies on goproxy, proxies that only make tunnels
// or open the TLS in them, SOCKS servers, captive portals, a plain TCP relay,
// and places where one of them follows the other. `ls` is the catalogue: one
// file per box, one per quirk; kinds.go and quirks.go are the registries.
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
