package child

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/workload"
)

// TestWhoCrashesWhenToldToEnd has programs told to end in their own way. None of them
// has gone before that, so the rig hears of their crash as they are closed, or not at all.
func TestWhoCrashesWhenToldToEnd(t *testing.T) {
	const sleeps = `; echo ready; while :; do sleep 0.01; done`
	for _, c := range []struct{ name, quits, terminated, told string }{
		{name: "ends well", quits: `read quit`},
		{name: "cannot do the case", quits: `read quit; exit 89`},
		{name: "fails", quits: `read quit; echo no chat to leave >&2; exit 1`, told: "it ended with status 1; its last words: no chat to leave"},
		{name: "crashes", quits: `read quit; kill -SEGV $$`, told: "crashed: signal: segmentation fault, when it was told to end; it said nothing on stderr"},
		{name: "is killed", quits: `read quit; kill -KILL $$`, told: "told to end, it ended with signal: killed; it said nothing on stderr"},
		{name: "ends by SIGTERM", terminated: `true` + sleeps},
		{name: "ends after SIGTERM with a status", terminated: `trap "exit 143" TERM` + sleeps},
		{name: "crashes over SIGTERM", terminated: `trap "kill -ABRT $$" TERM` + sleeps, told: "crashed: signal: aborted, when it was told to end; it said nothing on stderr"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var gone, left error
			setup := adapter.Setup{
				Start: func(cmd *exec.Cmd) error { return cmd.Start() },
				Gone:  func(err error) { gone = err },
				Left:  func(err error) { left = err },
			}
			cmd := exec.Command("sh", "-c", "ulimit -c 0; "+c.quits+c.terminated)
			if c.quits != "" {
				quits(t, setup, cmd)
			} else {
				isTerminated(t, setup, cmd)
			}
			if left == nil {
				left = errors.New("")
			}
			told := strings.Replace(left.Error(), " (core dumped)", "", 1) // as the machine has it
			if told != c.told || gone != nil {
				t.Errorf("gone: %v; told: %v", gone, left)
			}
		})
	}
}

// quits is a driven program that is told to quit, and does in its time.
func quits(t *testing.T, s adapter.Setup, cmd *exec.Cmd) {
	t.Helper()
	d := newDriven(&File{}, s).(*driven)
	var err error
	if d.stdin, err = cmd.StdinPipe(); err == nil {
		err = d.launch(cmd, newMark())
	}
	if err == nil {
		err = d.leave(func() error { return d.put(request{Type: "quit"}) })
	}
	if err != nil {
		t.Fatal(err)
	}
	<-d.process.done
	d.end()
}

// isTerminated is one that runs alone and, once it says that it is ready, gets SIGTERM.
func isTerminated(t *testing.T, s adapter.Setup, cmd *exec.Cmd) {
	t.Helper()
	b := newBlackBox(&File{}, s).(*blackBox)
	ready, err := cmd.StdoutPipe()
	if err == nil {
		err = b.launch(cmd, newMark())
	}
	if err == nil {
		_, err = ready.Read(make([]byte, 1))
	}
	if err != nil {
		t.Fatal(err)
	}
	b.leaving()
	b.process.askToEnd()
	<-b.process.done
	b.end()
}

// TestWhoSignsInAgain has a driven program sign in, out and in again: it is one program.
func TestWhoSignsInAgain(t *testing.T) {
	const answers = `echo '{"type":"hello","protocol":1,"abilities":["chat"]}'
while read -r line; do
	case $line in *'"quit"'*) exit 0 ;; esac
	id=${line#*'"id":'}
	echo "{\"type\":\"done\",\"id\":${id%%[!0-9]*}}"
done
`
	dir := t.TempDir()
	file := filepath.Join(dir, "mine.yaml")
	if err := errors.Join(os.WriteFile(filepath.Join(dir, "mine.sh"), []byte(answers), 0o600), os.WriteFile(file, []byte("name: mine\nmode: driven\ncommand: [sh, mine.sh]\n"), 0o600)); err != nil {
		t.Fatal(err)
	}
	f, err := Load(file)
	if err != nil {
		t.Fatal(err)
	}
	var wrong, connected []string
	d := newDriven(f, adapter.Setup{
		Start:  func(cmd *exec.Cmd) error { return cmd.Start() },
		Report: func(e history.Event) { connected = append(connected, string(e.Kind)) },
		Gone:   func(err error) { wrong = append(wrong, err.Error()) },
		Left:   func(err error) { wrong = append(wrong, err.Error()) },
	})
	for _, verb := range []workload.Verb{workload.SignIn, workload.SignOut, workload.SignIn} {
		if err := d.Do(t.Context(), adapter.Task{Step: workload.Step{Verb: verb}}); err != nil {
			t.Fatalf("%s: %v", verb, err)
		}
	}
	d.Close()
	if len(wrong) > 0 || len(connected) != 2 {
		t.Errorf("wrong: %q; connected: %q", wrong, connected)
	}
}
