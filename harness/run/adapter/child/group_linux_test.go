package child

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"gauntlet/harness/run/adapter"
)

// TestWhoTakesTooMuchWithAllItStartsIsEnded has a client go on though it can start
// nothing more.
func TestWhoTakesTooMuchWithAllItStartsIsEnded(t *testing.T) {
	const script = `
		[ "$GAUNTLET_GROUP" ] || exit 0
		for f in $(echo $GAUNTLET_GROUP | tr : ' '); do
			echo 0 > $f/cgroup.procs; echo 40 2>/dev/null > $f/pids.max
		done
		(for i in $(seq 500); do sleep 300 & done)
		exec sleep 300`
	l := &log{}
	direct := adapter.Setup{Start: func(cmd *exec.Cmd) error { return cmd.Start() }}
	p, err := start(direct, exec.Command("sh", "-c", script), newMark(), l, &census{})
	if err != nil {
		t.Fatal(err)
	}
	if !p.ended(3 * time.Minute) {
		t.Error("it is not ended")
	}
	if p.group == nil {
		t.Skip("no control group can be had: ", l.lastWords())
	}
	if want := "signal: killed; it started more than"; !strings.HasPrefix(p.status(), want) {
		t.Errorf("said: %s", p.status())
	}
	if err := p.finish(); err != nil {
		t.Error(err)
	}
}

// TestItsGroupGoesWithTheProgram has some left in the group whom no mark tells, more
// than the kernel buries at once.
func TestItsGroupGoesWithTheProgram(t *testing.T) {
	const script = `
		for f in $(echo $GAUNTLET_GROUP | tr : ' '); do echo 0 > $f/cgroup.procs; done
		for i in $(seq 50); do env -i setsid sleep 300 >/dev/null 2>&1 & done`
	l := &log{}
	direct := adapter.Setup{Start: func(cmd *exec.Cmd) error { return cmd.Start() }}
	p, err := start(direct, exec.Command("sh", "-c", script), newMark(), l, &census{})
	if err != nil {
		t.Fatal(err)
	}
	if p.group == nil {
		t.Skip("no control group can be had: ", l.lastWords())
	}
	_ = p.finish() // that some were left behind is another matter
	for _, folder := range strings.Split(p.group.Folders(), ":") {
		if _, err := os.Stat(folder); err == nil {
			t.Errorf("%s is still there", folder)
		}
	}
}
