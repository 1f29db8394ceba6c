package profile

import (
	"bytes"
	"fmt"
	"strconv"

	"gauntlet/proxies/fingerprint"
)

// fingerprintKey begins the part of a profile's file that is written by us; it
// is the last.
const fingerprintKey = "\nfingerprint:"

// WithFingerprint is the file of a profile with another fingerprint stored in
// it; all that stands before is left as it is.
func WithFingerprint(source []byte, f fingerprint.Fingerprint) []byte {
	at := bytes.Index(source, []byte(fingerprintKey))
	if at < 0 {
		at = len(bytes.TrimRight(source, "\n"))
	}
	var out bytes.Buffer
	out.Write(source[:at])
	out.WriteString(fingerprintKey + "\n")
	for _, t := range f {
		fmt.Fprintf(&out, "  %s: %s\n", strconv.Quote(t.Name), strconv.Quote(t.Value))
	}
	return out.Bytes()
}
