package child

import (
	"context"
	"fmt"
	"time"

	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/workload"
)

// blackBox is a client that only connects. What a step asks of it is seen by
// the server side, or not; so there is little to do here.
type blackBox struct {
	file *File
	*runner
}

func newBlackBox(f *File, s adapter.Setup) adapter.Client {
	return &blackBox{file: f, runner: newRunner(s, &f.left)}
}

// Do starts the client to sign in, and has it end to sign out.
func (b *blackBox) Do(ctx context.Context, task adapter.Task) error {
	switch task.Step.Verb {
	case workload.SignIn:
		return b.begin()
	case workload.SignOut:
		return b.signOut(ctx)
	}
	return nil
}

func (b *blackBox) begin() error {
	cmd, mark, err := b.file.command(b.setup)
	if err != nil {
		return err
	}
	cmd.Stdout = b.log
	return b.launch(cmd, mark)
}

// signOut waits until the client has ended: it has to say OUT first. One that has not ended
// when its time is over has done what it will, and Close says what is wrong with it.
func (b *blackBox) signOut(ctx context.Context) error {
	b.leaving()
	b.process.askToEnd()
	late := time.NewTimer(b.process.left())
	defer late.Stop()
	select {
	case <-b.process.done:
	case <-late.C:
	case <-ctx.Done():
		return fmt.Errorf("the client does not end after SIGTERM: %w", context.Cause(ctx))
	}
	return nil
}

// Close ends the client.
func (b *blackBox) Close() {
	if b.process != nil {
		b.leaving()
		b.process.askToEnd()
	}
	b.end()
}
