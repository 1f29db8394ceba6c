package child

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gauntlet/harness/run/adapter"
	"gauntlet/proxies"
)

// self is a program that is there on each machine: this one.
func self(t *testing.T) string {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func write(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "mine.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func sound(t *testing.T) string {
	return `name: mine
command: ["` + self(t) + `", "--proxy={{.Proxy}}", "{{.User}}"]
environment: {CASE: "{{.Case}}"}
mode: driven
supports: [chat, invited]
pace: 2s
known:
  - {case: "cut-*", reason: it is young}
`
}

func TestAFileIsRead(t *testing.T) {
	f, err := Load(write(t, sound(t)))
	if err != nil {
		t.Fatal(err)
	}
	if f.Name != "mine" || f.Mode != Driven || f.Pace != 2*time.Second || f.Known[0].Reason != "it is young" {
		t.Errorf("%+v", f)
	}
	if can := f.abilities(adapter.Abilities{adapter.Reopen}); can.Has(adapter.Reopen) || can.Has(adapter.SignOut) || !can.Has(adapter.Chat) {
		t.Error("what it supports stands in the file")
	}
}

func TestAProgramBesideItsFile(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	if err := os.Symlink(self(t), "mine"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("mine.yaml", []byte("name: mine\nmode: black-box\ncommand: [./mine]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := Load("mine.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if found, err := f.program(); err != nil || !filepath.IsAbs(found) || filepath.Base(found) != "mine" {
		t.Errorf("%s: %v", found, err)
	}
}

func TestPlaceholdersAreFilled(t *testing.T) {
	f, err := Load(write(t, sound(t)))
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("http_proxy", "somewhere:1")
	t.Setenv("SOME_TOKEN", "somewhere secret")
	t.Setenv("LC_TIME", "C")
	s := adapter.Setup{Email: "alice@example.com", Case: "odd-port", Route: proxies.Route{Kind: proxies.HTTPProxy, Proxy: "127.0.0.1:81"}}
	cmd, mark, err := f.command(s)
	if err != nil {
		t.Fatal(err)
	}
	env := "\n" + strings.Join(cmd.Env, "\n") + "\n"
	for _, want := range []string{"\nCASE=odd-port\n", "\nGAUNTLET_CASE=odd-port\n", "\nGAUNTLET_MARK=" + mark + "\n", "\nLC_TIME=C\n", "\nPATH="} {
		if !strings.Contains(env, want) {
			t.Errorf("no %q in the environment", want)
		}
	}
	if strings.Contains(env, "somewhere") {
		t.Error("a proxy or a token of this machine's is in the environment")
	}
	if got := strings.Join(cmd.Args[1:], " "); got != "--proxy=127.0.0.1:81 alice@example.com" {
		t.Error(got)
	}
	if got := fill("{{.ProxyURL}} {{.Socks}}|", s); got != "http://127.0.0.1:81 |" {
		t.Error(got)
	}
	s.Route.User, s.Route.Password, s.ProxyOff = "al", "se cret", "10.1.99.1:3128"
	if got := fill("{{.ProxyHost}} {{.ProxyPort}} {{.ProxyUser}} {{.ProxyPassword}}", s); got != "127.0.0.1 81 al se cret" {
		t.Error(got)
	}
	if got := fill("{{.ProxyOff}} {{.ProxyOffURL}} {{.ProxyOffHost}} {{.ProxyOffPort}}", s); got != "10.1.99.1:3128 http://10.1.99.1:3128 10.1.99.1 3128" {
		t.Error(got)
	}
	if got := fill("{{.ProxyHost}}{{.ProxyPort}}{{.ProxyOff}}{{.ProxyOffURL}}{{.ProxyOffHost}}{{.ProxyOffPort}}|", adapter.Setup{}); got != "|" {
		t.Error(got)
	}
	if got := fill("{{.ProxyURL}}|", adapter.Setup{}); got != "|" {
		t.Error(got)
	}
}

func TestAFileThatHearsOfAProxyThatIsOff(t *testing.T) {
	for place, want := range map[string]bool{"nowhere": false, "{{.Proxy}}": true, "{{.Case}}": true} { // in the command, in the environment
		f, err := Load(write(t, strings.Replace(sound(t), place, "{{.ProxyOffPort}}", 1)))
		if err != nil || f.HearsOff() != want {
			t.Error(place, err)
		}
	}
}

func TestMistakesHavePlacesAndRemedies(t *testing.T) {
	text := sound(t)
	change := func(from, to string) string { return strings.Replace(text, from, to, 1) }
	for _, mistake := range []struct{ text, want string }{
		{change("mode:", "mood:"), `mine.yaml:4:1: unknown key "mood"; allowed: name, command, `},
		{change("reason:", "because:"), `unknown key "because"; allowed: case, reason, flaky`},
		{change("mode: driven", "mode: steered"), `mine.yaml:4:7: mode "steered"; allowed: black-box, driven`},
		{change("mode: driven\n", ""), `mine.yaml:1:`},
		{change("{{.Proxy}}", "{{.Porxy}}"), `unknown placeholder {{.Porxy}}; allowed: {{.Gateway}}, `},
		{change("{{.Case}}", "{{.Case"), `mine.yaml:3:22: unknown placeholder`},
		{change("[chat, invited]", "[chat, singing]"), `mine.yaml:5:18: unknown ability "singing"; allowed: chat, call-by-text, invited, reopen, sign-out, tls`},
		{change("pace: 2s", "pace: slow"), `mine.yaml:6:7: "slow" is not a duration, such as 2s`},
		{change("reason: it is young", `reason: ""`), `a known failure needs a case, which may be a glob, and a reason`},
		{change("name: mine", "name: ''"), `a client needs a name`},
		{change(self(t), "no-such-program-anywhere"), `mine.yaml:2:12: no program "no-such-program-anywhere": executable file not found in $PATH; install it, or name it by its path`},
		{change(self(t), "./missing"), `no program "./missing"`},
		{"name: mine\nmode: driven\n", `a client needs a command: a list, the program first`},
		{text + "---\nname: more\n", `one document to a file`},
		{"name: [", `mine.yaml:1:`},
	} {
		_, err := Load(write(t, mistake.text))
		if err == nil || !strings.Contains(err.Error(), mistake.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s\ngives %v, want %s", mistake.text, err, mistake.want)
		}
	}
	_, err := Load(write(t, strings.NewReplacer("name:", "nmae:", "mode: driven", "mode: drivn", "[chat, invited]", "[chatt]", "pace: 2s", "pace: 2").Replace(text)))
	for i, want := range []string{`unknown key "nmae"`, `"2" is not a duration`, `mode "drivn"`, `unknown ability "chatt"`} {
		if lines := strings.Split(fmt.Sprint(err), "\n"); len(lines) != 4 || !strings.Contains(lines[i], want) {
			t.Errorf("all mistakes at once: %s in\n%v", want, err)
		}
	}
	if _, err := Load(filepath.Join(t.TempDir(), "none.yaml")); err == nil || !strings.Contains(err.Error(), "none.yaml") {
		t.Error(err)
	}
}
