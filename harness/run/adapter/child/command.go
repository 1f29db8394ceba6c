package child

import (
	"crypto/rand"
	"encoding/hex"
	"os"
	"os/exec"
	"slices"
	"strings"

	"gauntlet/harness/run/adapter"
)

// The environment of each client.
const (
	caseVariable = "GAUNTLET_CASE" // the id of the case
	markVariable = "GAUNTLET_MARK" // by which what it leaves behind is found
)

// command is the client's process, not started, and the mark that it and its
// children carry.
func (f *File) command(s adapter.Setup) (cmd *exec.Cmd, mark string, err error) {
	program, err := f.program()
	if err != nil {
		return nil, "", err
	}
	var args []string
	for _, word := range f.Command[1:] {
		args = append(args, fill(word, s))
	}
	cmd = exec.Command(program, args...)
	cmd.Dir = f.folder()
	mark = newMark()
	cmd.Env = append(withoutProxies(os.Environ()), caseVariable+"="+s.Case, markVariable+"="+mark)
	for _, key := range sortedKeys(f.Environment) {
		cmd.Env = append(cmd.Env, key+"="+fill(f.Environment[key], s))
	}
	return cmd, mark, nil
}

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
