package messenger

import (
	"bytes"

	"gauntlet/harness/msn/msnp"
)

// UUX n, and XML: what the user says of itself besides the presence. Data goes
// to the watchers as it is; what clients of MSNP16 and later say of the place
// where they are is the servers' affair.
func (n *notification) personal(c msnp.Command) {
	n.send(msnp.New("UUX", c.Arg(0)).WithPayload(nil))
	if text := bytes.TrimSpace(c.Payload); len(text) > 0 && !bytes.HasPrefix(text, []byte("<Data")) {
		return
	}
	n.account.personal = c.Payload
	if n.account.visible() {
		n.m.tellWatchers(n.account, n.account.message)
	}
}

// message is a's personal message in a version's words; none before MSNP11.
func (a *account) message(version int) []msnp.Command {
	switch {
	case version < personal || len(a.personal) == 0:
		return nil
	case version >= networks:
		return []msnp.Command{msnp.New("UBX", a.email, live).WithPayload(a.personal)}
	}
	return []msnp.Command{msnp.New("UBX", a.email).WithPayload(a.personal)}
}

func (n *notification) sendPersonal(other *account) {
	for _, c := range other.message(n.protocol) {
		n.send(c)
	}
}

// shields is a client's configuration that forbids nothing.
const shields = `<?xml version="1.0" encoding="utf-8" ?><config><shield><cli maj="7" min="0" minbld="0" maxbld="9999" deny=" " /></shield><block></block></config>`

// GCF n file: the one file that there is.
func (n *notification) configuration(c msnp.Command) {
	n.send(msnp.New("GCF", c.Args...).WithPayload([]byte(shields)))
}
