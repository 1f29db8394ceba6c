package proxies

// A faithful box serves requests that come one behind the other (pipelining)
// in their order.
//
// Quirk `loses-pipelined` (Quirks.LosesPipelined): what comes after a request
// before that is answered is dropped, and its sender waits for ever. The
// screen does it; see newScreen.
