package external

// Products are those that this package knows how to run, by name.
func Products() map[string]Product {
	table := map[string]Product{}
	for _, p := range []Product{
		Squid(), HAProxy(), HAProxyRetrying(), Nginx(), NginxKeepalive(), NginxNonIdempotent(),
		Tinyproxy(), Privoxy(), Varnish(), Mitmproxy(),
	} {
		table[p.Name] = p
	}
	return table
}
