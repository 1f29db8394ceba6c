package proxies

import "net/http"

// A faithful box shares the connections of its pool among all clients.
//
// Quirk `pool-bound` (Quirks.PoolBound): a connection upstream serves the
// requests of one client connection, and ends with it.

// way is the pool that an exchange takes its connection from.
func (b *httpBox) way(x *exchange) *http.Transport {
	if !b.spec.Quirks.PoolBound {
		return b.proxy.Tr
	}
	return x.client.bind(b)
}

// bind gives the connection its own pool at first.
func (d *downstream) bind(b *httpBox) *http.Transport {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.bound == nil {
		d.bound = b.transport()
		d.bound.DisableCompression = b.proxy.Tr.DisableCompression
	}
	return d.bound
}

// unbind ends it; a connection that is still busy ends when it is free.
func (d *downstream) unbind() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.bound != nil {
		d.bound.CloseIdleConnections()
	}
}
