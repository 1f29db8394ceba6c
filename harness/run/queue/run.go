package queue

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// digest tells tasks apart.
type digest [16]byte

// Run is the side of who hands out: tasks that belong together, and their results.
// It is safe for concurrent use.
type Run struct {
	queue *Queue
	id    string
	reads jetstream.ConsumeContext
	ended chan struct{} // closed with the run

	mu      sync.Mutex
	asked   map[digest]int            // how often, in this process
	waiting map[string]chan<- arrived // by key
	early   map[string]bool           // keys of results that nobody has asked for yet
}

// arrived is a result on its way to who asked for it.
type arrived struct {
	key string
	msg jetstream.Msg
}

// Begin begins a run, or goes on with the one of that id, which is a word of letters,
// digits and hyphens. Results that are stored already are known when it returns.
func Begin(ctx context.Context, q *Queue, id string) (*Run, error) {
	r := &Run{
		queue: q, id: id, ended: make(chan struct{}),
		asked: map[digest]int{}, waiting: map[string]chan<- arrived{}, early: map[string]bool{},
	}
	if err := q.again(ctx, func() error { return r.read(ctx) }); err != nil {
		return nil, q.explain(err)
	}
	return r, nil
}

// read hears of all results, the stored ones first.
func (r *Run) read(ctx context.Context) error {
	results, err := r.queue.js.OrderedConsumer(ctx, resultsStream, jetstream.OrderedConsumerConfig{
		FilterSubjects: []string{resultPrefix + r.id + ".>"},
	})
	if err != nil {
		return err
	}
	// As it was made: Info would wait without end for an answer that is lost with the server.
	stored := results.CachedInfo().NumPending
	came := make(chan struct{}, stored)
	r.reads, err = results.Consume(func(m jetstream.Msg) {
		r.take(m)
		select {
		case came <- struct{}{}:
		default: // it is none of those
		}
	})
	if err != nil {
		return err
	}
	if err := r.caughtUp(ctx, stored, came); err != nil {
		r.reads.Stop()
		return err
	}
	return nil
}

// caughtUp waits until so many results have come. Those that are purged meanwhile never do:
// then it is to be asked anew how many there are.
func (r *Run) caughtUp(ctx context.Context, stored uint64, came <-chan struct{}) error {
	quiet := time.NewTimer(answerTime)
	defer quiet.Stop()
	for ; stored > 0; stored-- {
		select {
		case <-came:
			quiet.Reset(answerTime)
		case <-quiet.C:
			return nats.ErrTimeout
		case <-ctx.Done():
			return ctx.Err()
		case <-r.queue.lost.Done():
			return context.Cause(r.queue.lost)
		}
	}
	return nil
}

// take notes a result, or hands it to who waits for it.
func (r *Run) take(m jetstream.Msg) {
	key := m.Subject()[strings.LastIndexByte(m.Subject(), '.')+1:]
	r.mu.Lock()
	to := r.waiting[key]
	delete(r.waiting, key)
	if to == nil {
		r.early[key] = true
	}
	r.mu.Unlock()
	if to == nil {
		return
	}
	select {
	case to <- arrived{key, m}:
	case <-r.ended:
	}
}

// Do has the tasks done by whoever works, in any order, and calls done with the
// result of each, one at a time. A task whose text was done before in this run and
// was asked for in another process is not done again. It returns early, with an
// error, when the context ends or the queue fails.
func (r *Run) Do(ctx context.Context, lane Lane, tasks [][]byte, done func(i int, result []byte)) error {
	results := make(chan arrived, 64)
	places := map[string]int{}
	keys := make([]string, len(tasks))
	for i, body := range tasks {
		keys[i] = r.key(body)
		places[keys[i]] = i
	}
	stored := r.await(keys, results)
	defer r.forget(keys)
	for _, key := range stored {
		var body []byte
		err := r.queue.again(ctx, func() (err error) {
			body, err = r.stored(ctx, key)
			return err
		})
		if err != nil {
			return r.queue.explain(err)
		}
		done(places[key], body)
	}
	there := map[string]bool{}
	for _, key := range stored {
		there[key] = true
	}
	handing, stop := context.WithCancel(ctx)
	handed := make(chan error, 1)
	go func() { handed <- r.hand(handing, lane, tasks, keys, there) }()
	err := r.gather(ctx, len(tasks)-len(stored), results, handed, func(a arrived) error {
		var body []byte
		err := r.queue.again(ctx, func() (err error) {
			body, err = r.queue.whole(ctx, a.msg)
			return err
		})
		if err == nil {
			done(places[a.key], body)
		}
		return err
	})
	stop()
	return r.queue.explain(err)
}

// gather takes so many results. That all tasks were handed out is no reason to end.
func (r *Run) gather(ctx context.Context, open int, results <-chan arrived, handed chan error, take func(arrived) error) error {
	for open > 0 {
		select {
		case a := <-results:
			if err := take(a); err != nil {
				return err
			}
			open--
		case err := <-handed:
			if handed = nil; err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		case <-r.queue.lost.Done():
			return context.Cause(r.queue.lost)
		}
	}
	return nil
}

// key names a task: by its text, and how often that was asked for.
func (r *Run) key(body []byte) string {
	sum := sha256.Sum256(body)
	d := digest(sum[:16])
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked[d]++
	return fmt.Sprintf("%s-%d", hex.EncodeToString(d[:]), r.asked[d])
}

// await has the results of those keys sent, and returns the keys of those that are
// stored already.
func (r *Run) await(keys []string, to chan<- arrived) (stored []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, key := range keys {
		if r.early[key] {
			delete(r.early, key)
			stored = append(stored, key)
		} else {
			r.waiting[key] = to
		}
	}
	return stored
}

// forget waits for none of them any more.
func (r *Run) forget(keys []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, key := range keys {
		delete(r.waiting, key)
	}
}

// hand hands out the tasks but for those that are done. One that is in the stream
// already is there from a process before.
func (r *Run) hand(ctx context.Context, lane Lane, tasks [][]byte, keys []string, done map[string]bool) error {
	var open []int
	for i, key := range keys {
		if !done[key] {
			open = append(open, i)
		}
	}
	for some := range slices.Chunk(open, 256) {
		if err := r.queue.again(ctx, func() error {
			var sent []jetstream.PubAckFuture
			for _, i := range some {
				m := &nats.Msg{Subject: taskPrefix + string(lane) + "." + r.id + "." + keys[i], Data: tasks[i]}
				f, err := r.queue.js.PublishMsgAsync(m, jetstream.WithExpectLastSequencePerSubject(0), jetstream.WithStallWait(answerTime))
				if err != nil {
					return err
				}
				sent = append(sent, f)
			}
			return settled(ctx, sent)
		}); err != nil {
			return err
		}
	}
	return nil
}

// settled waits until all are stored.
func settled(ctx context.Context, sent []jetstream.PubAckFuture) error {
	limit := time.NewTimer(answerTime)
	defer limit.Stop()
	for _, f := range sent {
		select {
		case <-f.Ok():
		case err := <-f.Err():
			if err != nil && !isThere(err) {
				return err
			}
		case <-limit.C:
			return nats.ErrTimeout
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// isThere tells that a message of that subject is stored already.
func isThere(err error) bool {
	var refused *jetstream.APIError
	return errors.As(err, &refused) &&
		(refused.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence || refused.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequenceConstant)
}

// stored reads a result that is there.
func (r *Run) stored(ctx context.Context, key string) ([]byte, error) {
	m, err := r.queue.results.GetLastMsgForSubject(ctx, resultPrefix+r.id+"."+key)
	if err != nil {
		return nil, err
	}
	return r.queue.unpacked(ctx, m.Data, m.Header)
}

// Withdraw takes back the tasks that nobody has begun. Results stay.
func (r *Run) Withdraw(ctx context.Context) error {
	return r.queue.explain(r.queue.again(ctx, func() error {
		stream, err := r.queue.js.Stream(ctx, tasksStream)
		if err == nil {
			err = stream.Purge(ctx, jetstream.WithPurgeSubject(taskPrefix+"*."+r.id+".>"))
		}
		return err
	}))
}

// Remove takes off all that there is of the run, tasks and results.
func (r *Run) Remove(ctx context.Context) error {
	if err := r.Withdraw(ctx); err != nil {
		return err
	}
	return r.queue.explain(r.queue.again(ctx, func() error {
		err := r.queue.results.Purge(ctx, jetstream.WithPurgeSubject(resultPrefix+r.id+".>"))
		if err == nil {
			err = r.queue.drop(ctx, resultPrefix+r.id+".")
		}
		return err
	}))
}

// End stops listening. What is stored stays.
func (r *Run) End() {
	close(r.ended)
	r.reads.Stop()
}
