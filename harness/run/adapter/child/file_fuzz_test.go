package child

import (
	"os"
	"path/filepath"
	"testing"
)

// A client file is a program with a mode, or each of its mistakes is told. It is
// never run for that.
func FuzzLoad(f *testing.F) {
	f.Add("name: mine\nmode: black-box\ncommand: [sh, -c, \"exit 0\", \"{{.Gateway}}\"]\n")
	f.Add("name: mine\nmode: driven\ncommand: [sh]\nenvironment: {A: \"{{.Proxy}}\"}\nsupports: [chat]\npace: 2s\n")
	f.Add("name: mine\nmode: driven\ncommand: [sh, \"{{range}}\"]\nknown:\n  - {case: a, requirement: b, reason: c}\n")
	path := filepath.Join(f.TempDir(), "client.yaml")
	f.Fuzz(func(t *testing.T, text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		file, err := Load(path)
		if err == nil && (file.Name == "" || len(file.Command) == 0 || file.Mode == "") {
			t.Errorf("took %+v for a client", file)
		}
		if err != nil && err.Error() == "" {
			t.Error("a mistake without a word")
		}
	})
}
