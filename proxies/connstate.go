package proxies

import (
	"net"
	"net/http"
	"sync"
)

// follow gives the hook by which a box follows its clients' connections. It
// counts the server's goroutines, one for each, so that Close can wait for
// them, and does what is due between two exchanges and at the end.
func (b *httpBox) follow() func(net.Conn, http.ConnState) {
	var counted sync.Map
	return func(c net.Conn, s http.ConnState) {
		client, _ := c.(*downstream)
		switch s {
		case http.StateNew:
			if b.owned.begin() {
				counted.Store(c, true)
			}
		case http.StateIdle:
			client.screen.answered()
			b.closeSilently(client)
		case http.StateClosed, http.StateHijacked:
			client.unbind()
			if _, was := counted.LoadAndDelete(c); was {
				b.owned.work.Done()
			}
		}
	}
}
