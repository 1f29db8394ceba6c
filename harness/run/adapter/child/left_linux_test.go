package child

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"gauntlet/harness/run/adapter"
)

// TestWhatIsLeftBehindIsNamedAndEnded has a client start what leaves its parents, its
// session and its group, three times over, and heeds no signal.
func TestWhatIsLeftBehindIsNamedAndEnded(t *testing.T) {
	mark, noted := newMark(), t.TempDir()+"/pid"
	const script = `(setsid sh -c "(setsid sh -c 'trap \"\" TERM HUP INT; echo \$\$ > $NOTED; while :; do sleep 300; done' &) &" &) >/dev/null 2>&1
		until [ -s $NOTED ]; do sleep 0.01; done`
	cmd := exec.Command("sh", "-c", script)
	cmd.Env = append(os.Environ(), markVariable+"="+mark, "NOTED="+noted)
	p, err := start(adapter.Setup{Start: func(cmd *exec.Cmd) error { return cmd.Start() }}, cmd, mark, &log{}, &census{})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.finish(); err == nil || !strings.Contains(err.Error(), "it left behind sh and sleep") && !strings.Contains(err.Error(), "it left behind sleep and sh") {
		t.Errorf("said: %v", err)
	}
	text, err := os.ReadFile(noted)
	if err != nil {
		t.Fatal(err)
	}
	pid, _ := strconv.Atoi(strings.TrimSpace(string(text))) // 0 finds us
	if state, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat"); err == nil && !strings.Contains(string(state), ") Z ") {
		_ = syscall.Kill(pid, syscall.SIGKILL)
		t.Errorf("it lives: %s", state)
	}
}
