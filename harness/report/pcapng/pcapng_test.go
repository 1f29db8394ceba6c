package pcapng

import (
	"bytes"
	"testing"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/run/rig"
)

// A capture says of a stream of HTTP/2 that it is one: its packets show HTTP/1.1.
func TestStreamsAreToldAsSuch(t *testing.T) {
	said := []byte("this connection is a stream of HTTP/2, told as HTTP/1.1")
	for _, how := range []string{"", "stream of HTTP/2"} {
		var out bytes.Buffer
		events := []history.Event{{From: history.AtHop, Kind: history.Accepted, Conn: 1, How: how}}
		if err := write(&out, rig.Outcome{}, events); err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(out.Bytes(), said) != (how != "") {
			t.Errorf("of %q it says: %q", how, out.Bytes())
		}
	}
}
