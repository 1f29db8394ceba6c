package certify

import (
	"io"

	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/rig"
	"gauntlet/harness/run/virtual"
)

// Work serves as a worker of another process's certification until in ends; in
// virtual time it ends the process. It performs cases in the mode, through the
// box, with the clients that inProcess knows.
func Work(l *Library, mode rig.Mode, boxName string, inProcess func(name string) (adapter.Factory, error), in io.Reader, out io.Writer) error {
	words, err := l.Vocabulary()
	if err != nil {
		return err
	}
	real, err := l.box(boxName)
	if err != nil {
		return err
	}
	work := rig.Work(rig.Options{Speaks: l.speaks, Mode: mode, Product: real.product}, inProcess, words)
	if mode != rig.Virtual {
		return virtual.ServeReal(in, out, work, rig.LeakedGoroutines)
	}
	virtual.Serve(in, out, work)
	return nil
}
