package proxies

// A faithful box keeps the client's connection when the next hop fails.
//
// Quirk `closes-on-failure` (Quirks.ClosesOnFailure): it ends it after its page,
// and says so; see failed.
