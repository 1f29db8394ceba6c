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

	groupVariable = "GAUNTLET_GROUP" // the control group that it joins; removed before the program runs
)

func newMark() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

// handedOn are the variables of ours that each client gets: what programs need to
// find each other, their user's folder and language, and what systems ask for.
// Whatever else it needs stands in its file; tokens and proxies of this machine
// are not its business.
var handedOn = []string{
	"PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TERM", "TMPDIR",
	"SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "TEMP", "TMP", "USERPROFILE", "APPDATA", "LOCALAPPDATA",
	"PROGRAMFILES", "PROGRAMDATA", "NUMBER_OF_PROCESSORS", "PROCESSOR_ARCHITECTURE",
}

// environment is what of env is handed on.
func environment(env []string) []string {
	return slices.DeleteFunc(slices.Clone(env), func(pair string) bool {
		name, _, _ := strings.Cut(strings.ToUpper(pair), "=")
		return !slices.Contains(handedOn, name) && !strings.HasPrefix(name, "LC_")
	})
}
