package queue

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// serverFor starts a server of the test's own, on a port of the system's choice.
func serverFor(t *testing.T, change func(*server.Options)) (at string) {
	t.Helper()
	s := served(t, change)
	return s.ClientURL()
}

func served(t *testing.T, change func(*server.Options)) *server.Server {
	t.Helper()
	o := &server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoLog: true, NoSigs: true, JetStream: true, StoreDir: t.TempDir()}
	if change != nil {
		change(o)
	}
	s, err := server.NewServer(o)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(answerTime) {
		t.Fatal("the server does not start")
	}
	return s
}

func opened(t *testing.T, o Options) *Queue {
	t.Helper()
	q, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(q.Close)
	return q
}

func begun(t *testing.T, q *Queue, id string) *Run {
	t.Helper()
	r, err := Begin(t.Context(), q, id)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.End)
	return r
}

func tasksOf(n int) (list [][]byte) {
	for i := range n {
		list = append(list, fmt.Appendf(nil, "task %d", i))
	}
	return list
}

// counted counts how often each task was performed.
type counted struct {
	mu    sync.Mutex
	times map[string]int
}

// work performs tasks until the test ends.
func (c *counted) work(t *testing.T, q *Queue, result func(string) []byte) {
	ctx, cancel := context.WithCancel(t.Context())
	var working sync.WaitGroup
	t.Cleanup(func() { cancel(); working.Wait() })
	working.Go(func() {
		for {
			task, err := q.Take(ctx, Computing)
			if err != nil {
				return
			}
			c.mu.Lock()
			if c.times == nil {
				c.times = map[string]int{}
			}
			c.times[string(task.Body)]++
			c.mu.Unlock()
			if err := task.Done(ctx, result(string(task.Body))); err != nil && !errors.Is(err, errClosed) {
				t.Errorf("done: %v", err)
			}
		}
	})
}

func echo(text string) []byte { return []byte("result of " + text) }

// done has the tasks done, and checks that each comes back once, with its result.
func done(t *testing.T, r *Run, tasks [][]byte, result func(string) []byte) {
	t.Helper()
	seen := map[int]int{}
	err := r.Do(t.Context(), Computing, tasks, func(i int, text []byte) {
		seen[i]++
		if want := result(string(tasks[i])); !bytes.Equal(text, want) {
			t.Errorf("task %d came to %d bytes, want %d", i, len(text), len(want))
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range tasks {
		if seen[i] != 1 {
			t.Errorf("task %d came back %d times", i, seen[i])
		}
	}
}

func TestEachTaskIsDoneOnce(t *testing.T) {
	q := opened(t, Options{URL: serverFor(t, nil)})
	var c counted
	for range 3 {
		c.work(t, q, echo)
	}
	r := begun(t, q, "one")
	done(t, r, tasksOf(300), echo)
	for text, n := range c.times {
		if n != 1 {
			t.Errorf("%s was done %d times", text, n)
		}
	}
	done(t, r, tasksOf(2), echo) // asked for again: done again
	if c.times["task 1"] != 2 {
		t.Errorf("asked for twice, done %d times", c.times["task 1"])
	}
	if err := r.Remove(t.Context()); err != nil {
		t.Fatal(err)
	}
	info, err := q.js.Stream(t.Context(), resultsStream)
	if err != nil || info.CachedInfo().State.Msgs != 0 {
		t.Errorf("after the run there are %+v, %v", info.CachedInfo().State, err)
	}
}

// Whoever goes on with a run that was killed has its results without work, and the
// tasks that were left, also from a server that begins anew on its files.
func TestGoesOnWithItsFiles(t *testing.T) {
	dir := t.TempDir()
	here := func(o *server.Options) { o.StoreDir = dir }
	all := tasksOf(20)
	s := served(t, here)
	q := opened(t, Options{URL: s.ClientURL()})
	r := begun(t, q, "killed")
	ctx, cancel := context.WithCancel(t.Context())
	got := 0
	var c counted
	c.work(t, q, echo)
	err := r.Do(ctx, Computing, all, func(int, []byte) {
		if got++; got == 7 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("cut short: %v", err)
	}
	q.Close()
	s.Shutdown()
	s.WaitForShutdown()

	again := opened(t, Options{URL: serverFor(t, here)})
	var second counted
	second.work(t, again, echo)
	done(t, begun(t, again, "killed"), all, echo)
	if n := len(second.times); n > 13 {
		t.Errorf("%d tasks were done again after 7 had come back", n)
	}
}

// A server that ends in the middle and is there again costs nobody his work.
func TestServerComesBack(t *testing.T) {
	dir, port := t.TempDir(), server.RANDOM_PORT
	here := func(o *server.Options) { o.StoreDir, o.Port = dir, port }
	s := served(t, here)
	port = s.Addr().(*net.TCPAddr).Port
	q := opened(t, Options{URL: s.ClientURL()})
	var c counted
	for range 3 {
		c.work(t, q, echo)
	}
	r, all, seen := begun(t, q, "back"), tasksOf(2000), map[int]int{}
	var restart sync.Once
	err := r.Do(t.Context(), Computing, all, func(i int, _ []byte) {
		seen[i]++
		if len(seen) == 100 {
			restart.Do(func() {
				s.Shutdown()
				s.WaitForShutdown()
				served(t, here)
			})
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range all {
		if seen[i] != 1 {
			t.Errorf("task %d came back %d times", i, seen[i])
		}
	}
}

// tampered is the way to a server on which each write is done so.
type tampered func(net.Conn, []byte) (int, error)

func (w tampered) Dial(network, address string) (net.Conn, error) {
	conn, err := net.Dial(network, address)
	return &tamperedConn{conn, w}, err
}

type tamperedConn struct {
	net.Conn
	write tampered
}

func (c *tamperedConn) Write(p []byte) (int, error) { return c.write(c.Conn, p) }

// openedBy is opened by way of w.
func openedBy(t *testing.T, w tampered, at string) *Queue {
	t.Helper()
	q := &Queue{at: "the queue"}
	err := q.connect(at, []nats.Option{nats.SetCustomDialer(w)})
	if err == nil {
		err = q.prepare(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(q.Close)
	return q
}

// A connection that breaks while a result is sent loses no work. A message longer than the
// connection's buffer is written at once, so that its sender sees the error.
func TestConnectionBreaks(t *testing.T) {
	var snaps, broke atomic.Bool // the next large write; a connection
	at := serverFor(t, nil)
	q := openedBy(t, func(c net.Conn, p []byte) (int, error) {
		if len(p) > 1<<15 && snaps.Swap(false) {
			broke.Store(true)
			_ = c.Close() // what is sent is lost in any case
			return 0, &net.OpError{Op: "write", Net: "tcp", Err: syscall.ECONNRESET}
		}
		return c.Write(p)
	}, at)
	r := begun(t, opened(t, Options{URL: at}), "breaks")
	large := func(text string) []byte { return bytes.Repeat([]byte(text), 10_000) }
	var once sync.Once
	var c counted
	c.work(t, q, func(text string) []byte {
		once.Do(func() { snaps.Store(true) })
		return large(text)
	})
	done(t, r, tasksOf(1), large)
	if !broke.Load() {
		t.Error("nothing broke")
	}
}

// A word about a task may be lost with the connection; any other error is told.
func TestLostWordsCostNothing(t *testing.T) {
	q := opened(t, Options{URL: serverFor(t, nil)})
	reset := &net.OpError{Op: "write", Net: "tcp", Err: syscall.ECONNRESET}
	for _, lost := range []error{nil, reset, fmt.Errorf("sent: %w", reset), nats.ErrTimeout, nats.ErrReconnectBufExceeded} {
		if err := q.unlessAway(lost); err != nil {
			t.Errorf("told: %v", err)
		}
	}
	for _, lasting := range []error{nats.ErrConnectionClosed, jetstream.ErrMsgAlreadyAckd, syscall.ENOSPC} {
		if err := q.unlessAway(lasting); !errors.Is(err, lasting) {
			t.Errorf("%v is told as %v", lasting, err)
		}
	}
}

func TestWhatIsGivenBackGoesToAnother(t *testing.T) {
	q := opened(t, Options{URL: serverFor(t, nil)})
	r := begun(t, q, "back")
	ctx, end := context.WithCancel(t.Context())
	worked := make(chan error, 1)
	go func() {
		worked <- func() error {
			task, err := q.Take(ctx, Computing)
			if err == nil {
				err = task.GiveBack()
			}
			if err == nil {
				task, err = q.Take(ctx, Computing)
			}
			if err != nil || task.Tries != 2 || task.Run() != "back" {
				return fmt.Errorf("taken %+v: %w", task, err)
			}
			end() // who is to end stores what is done
			return task.Done(ctx, echo("task 0"))
		}()
	}()
	done(t, r, tasksOf(1), echo)
	if err := <-worked; err != nil {
		t.Error(err)
	}
	for { // until the server has heard of it
		stream, err := q.js.Stream(t.Context(), tasksStream)
		if err != nil {
			t.Fatal(err)
		}
		if stream.CachedInfo().State.Msgs == 0 {
			return
		}
	}
}

// A server takes messages of 1 MB; histories may be longer.
func TestLargeResults(t *testing.T) {
	large := func(text string) []byte { return bytes.Repeat([]byte(text), 400_000) }
	q := opened(t, Options{URL: serverFor(t, nil)})
	var c counted
	c.work(t, q, large)
	r := begun(t, q, "large")
	done(t, r, tasksOf(2), large)
	if err := r.Remove(t.Context()); err != nil {
		t.Fatal(err)
	}
	if list, err := q.files.List(t.Context()); err == nil {
		t.Errorf("objects are left: %v", list)
	}
}

func TestFoldersTravel(t *testing.T) {
	folder, there := t.TempDir(), t.TempDir()
	write := func(name, text string, mode os.FileMode) {
		path := filepath.Join(folder, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), mode)); err != nil {
			t.Fatal(err)
		}
	}
	write("client.yaml", "name: mine", 0o644)
	write("bin/run", "#!/bin/sh", 0o755)
	write("empty", "", 0o644)
	write(".git/config", "not ours to send", 0o644)
	write("out/main.js", "a program that was compiled", 0o644)
	write("out/run/plan.json", "{}", 0o644)
	write("out/run/cases/control-direct/result.json", "{}", 0o644)
	write("out/swept/points.jsonl", "", 0o644)
	write("out/swept/cases/control-direct/result.json", "{}", 0o644)
	q := opened(t, Options{URL: serverFor(t, nil)})
	name, err := q.Send(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := q.Send(t.Context(), folder); err != nil || again != name {
		t.Errorf("sent again: %q, %v, want %q", again, err, name)
	}
	if err := q.Fetch(t.Context(), name, there); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(there, "bin", "run"))
	if info, _ := os.Stat(filepath.Join(there, "bin", "run")); err != nil || string(text) != "#!/bin/sh" || info.Mode()&0o100 == 0 {
		t.Errorf("the program came as %q, %v", text, err)
	}
	for name, travels := range map[string]bool{".git": false, "out/main.js": true, "out/run": false, "out/swept": false} {
		if _, err := os.Stat(filepath.Join(there, name)); (err == nil) != travels {
			t.Errorf("%s travels: %t", name, err == nil)
		}
	}
}

// A run begins by no question whose answer it would await without end: one may be lost
// with a server that is killed. Here the server never hears it.
func TestBeginAsksNothingThatMayBeLost(t *testing.T) {
	at := serverFor(t, func(o *server.Options) {
		o.Users = []*server.User{{Username: "us", Password: "secret", Permissions: &server.Permissions{
			Publish: &server.SubjectPermission{Allow: []string{">"}, Deny: []string{"$JS.API.CONSUMER.INFO.>"}},
		}}}
	})
	q := opened(t, Options{URL: strings.Replace(at, "://", "://us:secret@", 1)})
	ctx, cancel := context.WithTimeout(t.Context(), answerTime/2)
	defer cancel()
	r, err := Begin(ctx, q, "one")
	if err != nil {
		t.Fatal(err)
	}
	r.End()
}

// Results that somebody purges just before the first of them is asked for are not awaited.
func TestBeginAwaitsNothingThatIsPurged(t *testing.T) {
	t.Parallel()
	at := serverFor(t, nil)
	other := opened(t, Options{URL: at})
	var c counted
	c.work(t, other, echo)
	before := begun(t, other, "purged")
	done(t, before, tasksOf(3), echo)
	var once sync.Once
	purged := false
	q := openedBy(t, func(c net.Conn, p []byte) (int, error) {
		if bytes.Contains(p, []byte("$JS.API.CONSUMER.MSG.NEXT."+resultsStream)) {
			once.Do(func() { purged = before.Remove(t.Context()) == nil })
		}
		return c.Write(p)
	}, at)
	done(t, begun(t, q, "purged"), tasksOf(3), echo)
	if !purged {
		t.Error("nothing was purged")
	}
}

// What is wrong with a queue is one line that says what to do, at once.
func TestNoQueue(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	locked := func(o *server.Options) { o.Username, o.Password = "us", "secret" }
	for name, c := range map[string]struct {
		o    Options
		want string
	}{
		"unreachable":  {Options{URL: "nats://127.0.0.1:1"}, "does not answer"},
		"no password":  {Options{URL: serverFor(t, locked)}, "does not let us in"},
		"wrong one":    {Options{URL: strings.Replace(serverFor(t, locked), "://", "://us:wrong@", 1)}, "does not let us in"},
		"no JetStream": {Options{URL: serverFor(t, func(o *server.Options) { o.JetStream = false })}, "it has no JetStream"},
		"no URL":       {Options{URL: "nats://a%zz"}, "the queue at"},
		"no file":      {Options{URL: serverFor(t, nil), Credentials: file + "-gone"}, "no such file"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Open(t.Context(), c.o)
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), ":wrong@") {
				t.Errorf("got %v", err)
			}
		})
	}
}

// silentAfter is the way to a server that says who it is, answers the first so many
// questions whether it lives, and from then on takes all it is sent and says nothing.
type silentAfter struct {
	answers atomic.Int32
	gone    chan struct{}
}

func (w *silentAfter) Dial(string, string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	go func() { <-w.gone; theirs.Close() }()
	go func() {
		if w.answers.Load() > 0 {
			_, _ = io.WriteString(theirs, `INFO {"server_id":"S","version":"2.15.0","proto":1,"headers":true,"max_payload":1048576,"jetstream":true}`+"\r\n")
		}
		lines := bufio.NewScanner(theirs)
		for lines.Scan() {
			if lines.Text() == "PING" && w.answers.Add(-1) >= 0 {
				_, _ = io.WriteString(theirs, "PONG\r\n")
			}
		}
	}()
	return ours, nil
}

// A server that takes all and says nothing is given up within a minute, by each way to it.
func TestSilentServer(t *testing.T) {
	for answers, want := range map[int32]string{
		0: "the queue at nats://127.0.0.1:4222 does not answer: ",
		1: "the queue at nats://127.0.0.1:4222: the connection was lost and did not come back for 30s",
	} {
		t.Run(fmt.Sprint(answers, " answers"), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began, way := time.Now(), &silentAfter{gone: make(chan struct{})}
				way.answers.Store(answers)
				q := &Queue{at: "the queue at nats://127.0.0.1:4222"}
				err := q.connect("nats://127.0.0.1:4222", []nats.Option{nats.SetCustomDialer(way)})
				if err == nil {
					<-q.lost.Done()
					err = context.Cause(q.lost)
				}
				if took := time.Since(began); took > time.Minute {
					t.Errorf("given up after %s", took)
				}
				if said := q.explain(err).Error(); !strings.HasPrefix(said, want) {
					t.Errorf("said %q", said)
				}
				close(way.gone) // it keeps its connection locked while it reads
				q.Close()
			})
		})
	}
}

// A store that is full ends both sides.
func TestFullStore(t *testing.T) {
	q := opened(t, Options{URL: serverFor(t, func(o *server.Options) { o.JetStreamMaxStore = 200_000 })})
	r := begun(t, q, "full")
	over, end := context.WithCancelCause(t.Context())
	go func() {
		for {
			task, err := q.Take(over, Computing)
			if err == nil {
				err = task.Done(over, bytes.Repeat([]byte("x"), 50_000))
			}
			if err != nil {
				end(err)
				return
			}
		}
	}()
	err := r.Do(over, Computing, tasksOf(100), func(int, []byte) {})
	if err == nil {
		t.Fatal("all was stored")
	}
	if cause := context.Cause(over); cause == nil || !strings.Contains(cause.Error(), "does not store it") {
		t.Errorf("who works is told %v; who waits %v", cause, err)
	}
}
