package proxies

// A faithful box takes Proxy-Connection for what it is meant: a word to itself.
//
// Quirk `passes-proxy-connection` (Quirks.PassesProxyConnection): it goes
// upstream, as through everything that does not know that it is a proxy. See
// sign.
