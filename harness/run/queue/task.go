package queue

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Task is the side of who works: one task that was taken, and has to be Done or
// GivenBack.
type Task struct {
	Body  []byte
	Tries int // how often it was given to somebody, this one counted

	queue *Queue
	msg   jetstream.Msg
	stop  func() // the marks that somebody is at work
}

// asking is how long the server keeps a question for a task before it has to be
// asked again.
const asking = 30 * time.Second

// Take waits for a task. Its error is the context's, or what is wrong with the
// queue.
func (q *Queue) Take(ctx context.Context, lane Lane) (*Task, error) {
	for {
		var t *Task
		m, err := q.next(ctx, lane)
		if err == nil {
			t, err = q.taken(ctx, m)
		} else {
			err = q.stands(ctx, lane)
		}
		switch {
		case t != nil:
			return t, nil
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case q.lost.Err() != nil:
			return nil, q.explain(context.Cause(q.lost))
		case err != nil:
			return nil, q.explain(err)
		}
	}
}

func (q *Queue) next(ctx context.Context, lane Lane) (jetstream.Msg, error) {
	limited, cancel := context.WithTimeout(ctx, asking)
	defer cancel()
	return q.tasks[lane].Next(jetstream.FetchContext(limited), jetstream.FetchHeartbeat(answerTime/5))
}

// stands asks whether there still is a queue: that nothing came is no answer.
func (q *Queue) stands(ctx context.Context, lane Lane) error {
	return q.again(ctx, func() error {
		_, err := q.tasks[lane].Info(ctx)
		return err
	})
}

// taken is a task whose result is not there yet; nil if it is: who had it before
// died between the two, or the run has handed it out once more.
func (q *Queue) taken(ctx context.Context, m jetstream.Msg) (*Task, error) {
	meta, err := m.Metadata()
	if err != nil {
		return nil, err
	}
	err = q.again(ctx, func() error {
		_, err := q.results.GetLastMsgForSubject(ctx, resultOf(m.Subject()))
		return err
	})
	switch {
	case err == nil:
		return nil, q.unlessAway(m.Ack())
	case !errors.Is(err, jetstream.ErrMsgNotFound):
		return nil, errors.Join(err, m.Nak())
	}
	t := &Task{Body: m.Data(), Tries: int(meta.NumDelivered), queue: q, msg: m}
	t.stop = t.mark()
	return t, nil
}

// resultOf is the subject of a task's result.
func resultOf(subject string) string {
	_, rest, _ := strings.Cut(strings.TrimPrefix(subject, taskPrefix), ".")
	return resultPrefix + rest
}

// mark says again and again that somebody is at work, until stop.
func (t *Task) mark() (stop func()) {
	done := make(chan struct{})
	var marking sync.WaitGroup
	marking.Go(func() {
		ticker := time.NewTicker(patience / 4)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				_ = t.msg.InProgress() // a connection that is lost tells so elsewhere
			case <-done:
				return
			}
		}
	})
	return func() {
		close(done)
		marking.Wait()
	}
}

// Run is the id of the run that the task belongs to.
func (t *Task) Run() string {
	run, _, _ := strings.Cut(strings.TrimPrefix(resultOf(t.msg.Subject()), resultPrefix), ".")
	return run
}

// Done stores the result and takes the task off. Where somebody else was faster,
// his result counts. What cannot be stored is given back. When the context ends, it
// has as much time left as the server for an answer: what was done would be done
// twice.
func (t *Task) Done(ctx context.Context, result []byte) error {
	defer t.stop()
	storing, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(answerTime, cancel) })()
	m := &nats.Msg{Subject: resultOf(t.msg.Subject()), Data: result}
	err := t.queue.again(storing, func() error {
		if err := t.queue.pack(storing, m); err != nil {
			return err
		}
		soon, cancel := context.WithTimeout(storing, answerTime/4) // an answer that is lost with a server does not come later
		defer cancel()
		_, err := t.queue.js.PublishMsg(soon, m, jetstream.WithExpectLastSequencePerSubject(0))
		return err
	})
	if err != nil && !isThere(err) {
		_ = t.msg.Nak() // it comes back by itself as well
		return t.queue.explain(fmt.Errorf("store a result: %w", err))
	}
	return t.queue.explain(t.queue.unlessAway(t.msg.Ack()))
}

// Leave is GiveBack by one who cannot perform the task: it comes back only after a while.
func (t *Task) Leave() error {
	t.stop()
	return t.queue.explain(t.queue.unlessAway(t.msg.NakWithDelay(patience)))
}

// GiveBack lets another have the task.
func (t *Task) GiveBack() error {
	t.stop()
	return t.queue.explain(t.queue.unlessAway(t.msg.Nak()))
}
