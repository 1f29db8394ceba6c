package proxies

import "gauntlet/proxies/network"

// newDown builds the box that is not there. On a path that changes, its
// listener is closed meanwhile where that is possible; see Options.Listen.
func newDown(s Spec, o Options) (Box, error) {
	return newTCPBox(s, o, func(_ *tcpBox, client *conn) error { return network.Reset(client) })
}
