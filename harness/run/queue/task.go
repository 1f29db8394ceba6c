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
		m, err := q.next(ctx, lane)
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case q.lost.Err() != nil:
			return nil, q.explain(context.Cause(q.lost))
		case err != nil:
			if err := q.stands(ctx, lane); err != nil {
				return nil, err
			}
			continue
		}
		t, err := q.taken(ctx, m)
		if t != nil || err != nil {
			return t, q.explain(err)
		}
	}
}

func (q *Queue) next(ctx context.Context, lane Lane) (jetstream.Msg, error) {
	limited, cancel := context.WithTimeout(ctx, asking)
	defer cancel()
	return q.tasks[lane].Next(jetstream.FetchContext(limited), jetstream.FetchHeartbeat(answerTime/2))
}

// stands asks whether there still is a queue, where there is a connection: that
// nothing came is no answer.
func (q *Queue) stands(ctx context.Context, lane Lane) error {
	if !q.conn.IsConnected() {
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
		case <-q.lost.Done():
		}
		return nil // it may come back; if not, it is lost
	}
	_, err := q.tasks[lane].Info(ctx)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return q.explain(err)
}

// taken is a task whose result is not there yet; nil if it is: who had it before
// died between the two.
func (q *Queue) taken(ctx context.Context, m jetstream.Msg) (*Task, error) {
	meta, err := m.Metadata()
	if err != nil {
		return nil, err
	}
	if meta.NumDelivered > 1 {
		results, err := q.js.Stream(ctx, resultsStream)
		if err != nil {
			return nil, err
		}
		_, err = results.GetLastMsgForSubject(ctx, resultOf(m.Subject()))
		if err == nil {
			return nil, m.Ack()
		}
		if !errors.Is(err, jetstream.ErrMsgNotFound) {
			return nil, err
		}
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
// his result counts. What cannot be stored is given back.
func (t *Task) Done(ctx context.Context, result []byte) error {
	t.stop()
	m := &nats.Msg{Subject: resultOf(t.msg.Subject()), Data: result}
	err := t.queue.pack(ctx, m)
	if err == nil {
		_, err = t.queue.js.PublishMsg(ctx, m, jetstream.WithExpectLastSequencePerSubject(0))
	}
	if err != nil && !isThere(err) {
		_ = t.msg.Nak() // it comes back by itself as well
		return t.queue.explain(fmt.Errorf("store a result: %w", err))
	}
	return t.queue.explain(t.msg.Ack())
}

// GiveBack lets another have the task.
func (t *Task) GiveBack() error {
	t.stop()
	return t.queue.explain(t.msg.Nak())
}
