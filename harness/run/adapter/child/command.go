package child

import (
	"crypto/rand"
	"encoding/hex"
	"slices"
	"strings"
)

// The environment of each client.
const (
	caseVariable = "GAUNTLET_CASE" // the id of the case
	markVariable = "GAUNTLET_MARK" // by which what it leaves behind is found
)

func newMark() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

// withoutProxies drops the variables by which a client's library would take a
// proxy of this machine's.
func withoutProxies(env []string) []string {
	return slices.DeleteFunc(slices.Clone(env), func(pair string) bool {
		name, _, _ := strings.Cut(pair, "=")
		return strings.HasSuffix(strings.ToLower(name), "_proxy")
	})
}
