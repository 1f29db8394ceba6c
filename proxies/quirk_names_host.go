package proxies

// A faithful box sends the Host that the client sent.
//
// Quirk `names-host NAME` (Quirks.NamesHost): upstream it is always NAME, as
// nginx names the group of servers to which it forwards. See sign.
