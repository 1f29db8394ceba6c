package har

import (
	"strings"
	"testing"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/run/rig"
)

// A log says what its entries do not show: what came that is not HTTP, or was not
// HTTP/1.1 on the wire.
func TestCommentSaysWhatNoEntryShows(t *testing.T) {
	for want, c := range map[string]history.Connection{
		"; 1 of 1 connections are each a stream of HTTP/2, told as HTTP/1.1": {Number: 2, Sort: "stream of HTTP/2"},
		"; connection 3 carried what is not HTTP, beginning with 05 01 00":   {Number: 3, Opaque: []byte{5, 1, 0}},
		"hop 1, counted from the client":                                     {Number: 4},
	} {
		if got := comment(rig.Outcome{}, 1, []*history.Connection{&c}); !strings.HasSuffix(got, want) {
			t.Errorf("%q does not end with %q", got, want)
		}
	}
}
