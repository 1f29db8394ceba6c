// Package queue hands tasks out to whoever works, on one machine or on many, and
// gathers what they come to. The engine is NATS JetStream: a server, or a cluster,
// that others may use too. Nothing is embedded: on one machine alone a pool of
// processes does the same for a tenth less of its time and half of the memory.
//
// A task is a message of a work-queue stream. Its subject holds its key, which is
// the digest of its text: one that is there already is not taken in twice. Who
// takes a task says again and again that it is at work, and takes it off when its
// result is stored; a task of which nobody speaks any more is given to another.
// Results are messages of a second stream, under the same keys, of which the first
// counts. What a run came to is a fold over it, and a run that was killed goes on
// with what is in both.
//
// The package knows no cases and no clients: tasks and results are bytes. It is
// used by harness/run/certify alone. A Queue owns the goroutines of its connection,
// which end with Close; a Task owns one until it is done or given back.
package queue

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"slices"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Names of what there is on the server. Those who share a server share them.
const (
	tasksStream   = "GAUNTLET_TASKS"
	resultsStream = "GAUNTLET_RESULTS"
	bucket        = "GAUNTLET_FILES"
	taskPrefix    = "gauntlet.task."
	resultPrefix  = "gauntlet.result."
)

const (
	answerTime = 10 * time.Second    // that the server has for an answer, and to be reached
	lostTime   = 30 * time.Second    // after which a connection that is lost is given up
	pulse      = lostTime / 6        // between questions whether the server lives; two without an answer are a lost connection
	abandoned  = 14 * 24 * time.Hour // after which what nobody has asked for is thrown away
	patience   = 6 * time.Second     // without a word, after which a task is given to another
)

// Lane is a kind of tasks. Who has a processor free takes those that compute; who has
// patience takes those that mostly wait.
type Lane string

// The lanes of the tasks.
const (
	Computing Lane = "computing"
	Waiting   Lane = "waiting"
)

// Options say where the queue is.
type Options struct {
	URL         string // of a server with JetStream, or of several with commas between
	Credentials string // file with which that server lets us in; empty: none
}

// Queue is a connection to the engine. It is safe for concurrent use.
type Queue struct {
	at      string // as it is called in messages
	conn    *nats.Conn
	js      jetstream.JetStream
	tasks   map[Lane]jetstream.Consumer
	results jetstream.Stream
	files   jetstream.ObjectStore
	lost    context.Context // ends with the connection; its cause says how
	end     context.CancelCauseFunc
}

// Open connects to the queue, and makes it where it is not there yet. Its error is
// one line that says what to do.
func Open(ctx context.Context, o Options) (q *Queue, err error) {
	q = &Queue{at: "the queue at " + shown(o.URL)}
	var how []nats.Option
	if o.Credentials != "" {
		how = append(how, nats.UserCredentials(o.Credentials))
	}
	err = q.connect(o.URL, how)
	if err == nil {
		err = q.again(ctx, func() error { return q.prepare(ctx) })
	}
	if err != nil {
		err = q.explain(err)
		q.Close()
		return nil, err
	}
	return q, nil
}

func (q *Queue) connect(at string, how []nats.Option) (err error) {
	q.lost, q.end = context.WithCancelCause(context.Background())
	var late *time.Timer // tries are not counted: one may take as long as ten
	how = append(how,
		nats.Name("gauntlet"), nats.Timeout(answerTime), nats.ReconnectWait(time.Second), nats.MaxReconnects(-1),
		nats.PingInterval(pulse), nats.MaxPingsOutstanding(2),
		nats.DisconnectErrHandler(func(*nats.Conn, error) { late = time.AfterFunc(lostTime, func() { q.end(errLost) }) }),
		nats.ReconnectHandler(func(*nats.Conn) { late.Stop() }),           // what is told is told in order
		nats.ClosedHandler(func(*nats.Conn) { q.end(errLost) }),           // a second cause counts for nothing
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}), // each call tells its own
	)
	if q.conn, err = nats.Connect(at, how...); err != nil {
		return err
	}
	q.js, err = jetstream.New(q.conn, jetstream.WithDefaultTimeout(answerTime), jetstream.WithPublishAsyncMaxPending(512))
	return err
}

// prepare makes the streams, which are alike for all who use a server.
func (q *Queue) prepare(ctx context.Context) error {
	tasks, err := q.js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name: tasksStream, Subjects: []string{taskPrefix + ">"}, Retention: jetstream.WorkQueuePolicy, MaxAge: abandoned,
	})
	if err != nil {
		return err
	}
	if q.results, err = q.js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name: resultsStream, Subjects: []string{resultPrefix + ">"}, MaxAge: abandoned, AllowDirect: true,
	}); err != nil {
		return err
	}
	q.tasks = map[Lane]jetstream.Consumer{}
	for _, lane := range []Lane{Computing, Waiting} {
		if q.tasks[lane], err = tasks.CreateOrUpdateConsumer(ctx, jetstream.ConsumerConfig{
			Durable: string(lane), FilterSubject: taskPrefix + string(lane) + ".>",
			AckPolicy: jetstream.AckExplicitPolicy, AckWait: patience, MaxAckPending: -1,
		}); err != nil {
			return err
		}
	}
	q.files, err = q.js.CreateOrUpdateObjectStore(ctx, jetstream.ObjectStoreConfig{Bucket: bucket, TTL: abandoned})
	return err
}

// Close ends the connection, and with it all that still waits for the queue. What is
// stored stays.
func (q *Queue) Close() {
	if q.end != nil {
		q.end(errClosed)
	}
	if q.conn != nil {
		q.conn.Close()
	}
}

// again does what may be done twice until the server has an answer to it: one that
// is away for less than lostTime, or begins anew, costs nobody his work.
func (q *Queue) again(ctx context.Context, what func() error) error {
	for began := time.Now(); ; {
		err := what()
		if ctx.Err() != nil || !q.away(err) || time.Since(began) > lostTime {
			return err
		}
		select {
		case <-time.After(answerTime / 40):
		case <-ctx.Done():
			return ctx.Err()
		case <-q.lost.Done():
			return context.Cause(q.lost)
		}
	}
}

// away reports whether nobody has answered, or the connection broke while something was
// sent. A server that has no store at first will not get one; one that had one is starting
// again.
func (q *Queue) away(err error) bool {
	known := q.files != nil || q.conn.Stats().Reconnects > 0
	var broken *net.OpError
	return is(err, silent) || errors.As(err, &broken) || known && is(err, storeless)
}

// unlessAway is the error of a word about a task, but for one that is lost with the
// connection: the task is given out once more then, and may be found done.
func (q *Queue) unlessAway(err error) error {
	if q.away(err) {
		return nil
	}
	return err
}

// What a server is like that does not answer, and one that answers and has no store.
var (
	silent = []error{
		nats.ErrTimeout, os.ErrDeadlineExceeded, context.DeadlineExceeded, nats.ErrDisconnected,
		nats.ErrReconnectBufExceeded, jetstream.ErrNoHeartbeat,
	}
	storeless = []error{
		nats.ErrNoResponders, jetstream.ErrNoStreamResponse, jetstream.ErrJetStreamNotEnabled, jetstream.ErrConsumerNotFound,
	}
)

func is(err error, kinds []error) bool {
	return slices.ContainsFunc(kinds, func(kind error) bool { return errors.Is(err, kind) })
}

var (
	errLost   = fmt.Errorf("the connection was lost and did not come back for %s", lostTime)
	errClosed = errors.New("it was closed")
)

// explain makes one line of what went wrong, with what can be done about it.
func (q *Queue) explain(err error) error {
	var refused *jetstream.APIError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, nats.ErrAuthorization), errors.Is(err, nats.ErrPermissionViolation):
		return fmt.Errorf("%s does not let us in: %w; name a file with --nats-creds, or user and password in the URL", q.at, err)
	case errors.Is(err, nats.ErrNoServers):
		return fmt.Errorf("%s does not answer: %w", q.at, err)
	case errors.Is(err, jetstream.ErrJetStreamNotEnabled), errors.Is(err, jetstream.ErrJetStreamNotEnabledForAccount), errors.Is(err, nats.ErrNoResponders):
		return fmt.Errorf("%s stores nothing: it has no JetStream (nats-server -js), or its disk is full (%w)", q.at, err)
	case errors.As(err, &refused):
		return fmt.Errorf("%s does not store it: %w", q.at, err)
	case q.lost.Err() != nil:
		return fmt.Errorf("%s: %w", q.at, context.Cause(q.lost))
	case is(err, silent):
		return fmt.Errorf("%s does not answer: %w", q.at, err)
	}
	return fmt.Errorf("%s: %w", q.at, err)
}

// shown is a URL without its password.
func shown(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return "the address given"
	}
	return u.Redacted()
}
