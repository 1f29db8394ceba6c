package child

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/workload"
)

// greeting is how long a client may take to say hello: an interpreter that starts
// thirty-two times at once on a busy machine needs its time.
const greeting = 30 * time.Second

// driven is a client that is told what to do on stdin.
type driven struct {
	file  *File
	setup adapter.Setup
	*runner

	out   *lines
	stdin io.WriteCloser
	said  chan struct{} // closed with the hello

	mu     sync.Mutex
	hello  *message
	id     int        // of the newest step
	answer chan error // of the step under way; nil if there is none
	late   []int      // steps that its user has given up, without an answer as yet
}

func newDriven(f *File, s adapter.Setup) adapter.Client {
	d := &driven{file: f, setup: s, runner: newRunner(s, &f.left), said: make(chan struct{})}
	d.out = &lines{line: d.hear, over: d.broken}
	return d
}

// Do performs one step.
func (d *driven) Do(ctx context.Context, task adapter.Task) error {
	switch task.Step.Verb {
	case workload.SignIn:
		return d.signIn(ctx)
	case workload.OpenChat:
		return d.ask(ctx, request{Type: "call", Contact: d.setup.Contact})
	case workload.Invited:
		return d.ask(ctx, request{Type: "await"})
	case workload.Leave:
		return d.ask(ctx, request{Type: "leave"})
	case workload.SignOut:
		return d.ask(ctx, request{Type: "sign out"})
	}
	for _, text := range task.Texts {
		if err := d.ask(ctx, request{Type: "send", Text: &text}); err != nil {
			return err
		}
	}
	return nil
}

// signIn starts the client, once: one that has signed out is asked to connect again.
func (d *driven) signIn(ctx context.Context) error {
	if d.process == nil {
		if err := d.startUp(ctx); err != nil {
			return err
		}
	}
	if lack := d.can().Lack(d.setup.Script); lack != "" {
		return fmt.Errorf("%w: %s", adapter.ErrUnsupported, lack)
	}
	told, err := connect(d.setup)
	if err == nil {
		err = d.ask(ctx, told)
	}
	if err == nil {
		d.setup.Report(history.Event{Kind: history.Connected})
	}
	return err
}

// startUp starts the client and hears its hello. Of thirty that start at a time
// on two processors none would say it in time, so they take turns.
func (d *driven) startUp(ctx context.Context) error {
	select {
	case d.file.starts <- struct{}{}:
		defer func() { <-d.file.starts }()
	case <-ctx.Done():
		return fmt.Errorf("%w: too many others were starting: %w", adapter.ErrNotReady, context.Cause(ctx))
	}
	if err := d.begin(); err != nil {
		return err
	}
	return d.greet(ctx)
}

func (d *driven) begin() error {
	cmd, mark, err := d.file.command(d.setup)
	if err != nil {
		return err
	}
	if d.stdin, err = cmd.StdinPipe(); err != nil {
		return err
	}
	cmd.Stdout = d.out
	return d.launch(cmd, mark)
}

// greet waits for hello. Before it the client knows nothing of the case, so that
// its silence says nothing of how it does there. A client that is of no use any
// more ends the step too: then its reason counts, and not that the step is over.
func (d *driven) greet(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, greeting, fmt.Errorf("not within %s", greeting))
	defer cancel()
	select {
	case <-d.said:
		return nil
	case <-d.over:
		return d.why()
	case <-ctx.Done():
		if why := d.why(); why != nil {
			<-d.over
			return why
		}
		if half := d.hint(); half != "" {
			return fmt.Errorf("no hello on stdout: %w%s", context.Cause(ctx), half)
		}
		return fmt.Errorf("%w: no hello on stdout: %w", adapter.ErrNotReady, context.Cause(ctx))
	}
}

// hint speaks of a line that was begun and not ended.
func (d *driven) hint() string {
	if half := d.out.half(); half != "" {
		return fmt.Sprintf("; it has written half a line: %q", half)
	}
	return ""
}

// can are the client's abilities, once it has said hello.
func (d *driven) can() adapter.Abilities {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.hello == nil {
		return d.file.Supports
	}
	return d.file.abilities(d.hello.Abilities)
}

// CallsByText implements adapter.ByText.
func (d *driven) CallsByText() bool { return d.can().Has(adapter.CallByText) }

// ask sends a step and waits for its answer. A client that has left one
// unanswered is not asked for more, unless its user had given that one up.
func (d *driven) ask(ctx context.Context, r request) error {
	answer, err := d.send(r)
	if err != nil {
		return err
	}
	select {
	case err := <-answer:
		return err
	case <-d.over:
		select {
		case err := <-answer: // it had answered, and ended then
			return err
		default:
			return d.why()
		}
	case <-ctx.Done():
		if why := d.why(); why != nil {
			<-d.over
			return why
		}
		if errors.Is(context.Cause(ctx), adapter.ErrEnough) {
			d.giveUpStep()
		}
		return fmt.Errorf("no done for id %d (%s): %w%s", d.id, r.Type, context.Cause(ctx), d.hint())
	}
}

// giveUpStep waits for the answer to the step under way no more, which may come yet.
func (d *driven) giveUpStep() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.answer != nil {
		d.answer, d.late = nil, append(d.late, d.id)
	}
}

func (d *driven) send(r request) (<-chan error, error) {
	d.mu.Lock()
	if d.answer != nil {
		defer d.mu.Unlock()
		return nil, fmt.Errorf("id %d is still without an answer", d.id)
	}
	d.id++
	r.ID = d.id
	d.answer = make(chan error, 1)
	answer := d.answer
	d.mu.Unlock()
	return answer, d.write(r)
}

func (d *driven) write(r request) error {
	if err := d.put(r); err != nil {
		return d.deaf(err)
	}
	return nil
}

// put is write without a word on why it fails.
func (d *driven) put(r request) error {
	line, err := json.Marshal(r)
	if err == nil {
		_, err = d.stdin.Write(append(line, '\n'))
	}
	return err
}

// deaf says why a client could not be told: most often it has ended, of which
// there is more to say in a moment.
func (d *driven) deaf(err error) error {
	if d.process.ended(grace) {
		<-d.over
		return d.why()
	}
	return fmt.Errorf("the client does not read its stdin: %w", err)
}

// Close tells the client to quit, and sees to it that it does.
func (d *driven) Close() {
	if d.stdin != nil && d.process != nil {
		if err := d.leave(func() error { return d.put(request{Type: "quit"}) }); err != nil {
			_ = d.deaf(err) // the rig hears of one that has ended
		}
		_ = d.stdin.Close()
	}
	d.end()
}

// broken ends a client that has broken the protocol.
func (d *driven) broken(err error) { d.giveUp(fmt.Errorf("broke the protocol: %w", err)) }
