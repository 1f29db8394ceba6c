package certify

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"

	"gauntlet/harness/report"
	"gauntlet/harness/run/queue"
	"gauntlet/harness/run/rig"
	"gauntlet/harness/run/virtual"
)

// share is a run whose cases are performed by whoever works for a queue: this
// process, and others that do.
type share struct {
	run    *queue.Run
	dir    string // of the run
	errand errand
	works  sync.WaitGroup // this process's own part
	stop   context.CancelCauseFunc
	over   context.Context // ends with the share; its cause is why it cannot go on

	mu sync.Mutex
	by map[string]int // how many results came from each process
}

// sharedIn is the file in a run directory with the id under which the run is shared.
const sharedIn = "shared.id"

// anID is what such an id is, as queue.Begin wants it.
var anID = regexp.MustCompile(`^[A-Za-z0-9-]+$`)

// Shared are the options with a queue on which all that their Runner is given is
// shared with others who work for it; finish ends that. With whole, nothing is left
// of the run there; else it can be gone on with, by its run directory.
func Shared(ctx context.Context, o Options, q *queue.Queue, dir string) (shared Options, finish func(whole bool) error, err error) {
	o = o.turn(o.client())
	s := &share{dir: dir, by: map[string]int{}}
	id, err := sharedID(dir)
	if err != nil {
		return o, nil, err
	}
	if s.errand, err = errandFor(ctx, o, q); err != nil {
		return o, nil, err
	}
	if s.run, err = queue.Begin(ctx, q, id); err != nil {
		return o, nil, err
	}
	s.over, s.stop = context.WithCancelCause(context.Background())
	bench := &Helper{Library: o.Library, Queue: q, Own: id, Worker: o.Worker, Silence: o.Silence, Computing: o.Parallel, Waiting: o.Parallel}
	s.works.Go(func() {
		if err := bench.Work(s.over); err != nil {
			s.stop(err)
		}
	})
	o.share = s
	return o, s.finish, nil
}

// errandFor is what a worker has to be to perform the client's cases.
func errandFor(ctx context.Context, o Options, q *queue.Queue) (e errand, err error) {
	e = errand{Mode: o.Mode, Box: o.Box, Silence: o.Silence}
	if e.Version, err = o.Library.Version(); err != nil {
		return e, err
	}
	if file := o.client().file; file != nil {
		e.File = filepath.Base(file.Path)
		e.Folder, err = q.Send(ctx, filepath.Dir(file.Path))
	}
	if err == nil && RunsFile(o.Box) {
		e.Box = filepath.Base(o.Box)
		e.BoxFolder, err = q.Send(ctx, filepath.Dir(o.Box))
	}
	return e, err
}

// tidying is how long it may take to tidy up the queue: a server that is away for less than
// half a minute costs nobody his work.
const tidying = 40 * time.Second

// finish ends this process's part.
func (s *share) finish(whole bool) error {
	s.stop(nil)
	s.works.Wait()
	defer s.run.End()
	ctx, cancel := context.WithTimeout(context.Background(), tidying)
	defer cancel()
	if !whole {
		return s.run.Withdraw(ctx)
	}
	return errors.Join(s.run.Remove(ctx), os.Remove(filepath.Join(s.dir, sharedIn)))
}

// lane is where tasks of a mode wait.
func lane(m rig.Mode) queue.Lane {
	if m == rig.Virtual {
		return queue.Computing
	}
	return queue.Waiting
}

// Run implements rig.Workers.
func (s *share) Run(ctx context.Context, jobs []virtual.Job, done func(int, virtual.Answer)) error {
	if len(jobs) == 0 {
		return ctx.Err()
	}
	tasks := make([][]byte, len(jobs))
	for i, j := range jobs {
		var err error
		if tasks[i], err = json.Marshal(sent{s.errand, j.Text, j.Work}); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(s.over, func() { cancel(context.Cause(s.over)) })()
	var unreadable error
	err := s.run.Do(ctx, lane(s.errand.Mode), tasks, func(i int, result []byte) {
		a, by, err := opened(result)
		if err != nil {
			unreadable = cmp.Or(unreadable, err)
			cancel(err)
			return
		}
		s.count(by)
		done(i, a)
	})
	switch {
	case unreadable != nil:
		return unreadable
	case errors.Is(err, context.Canceled):
		return context.Cause(ctx)
	}
	return err
}

func (s *share) count(by string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.by[by]++
}

// answer is a virtual.Answer on its way: a line, and then the blob.
type answer struct {
	virtual.Answer
	Text json.RawMessage `json:"text,omitempty"`
	By   string          `json:"by"`
}

func sealed(a virtual.Answer) ([]byte, error) {
	host, err := os.Hostname()
	if err != nil {
		host = "somewhere" // it is only told to people
	}
	line, err := json.Marshal(answer{a, a.Reply.Text, fmt.Sprintf("%s/%d", host, os.Getpid())})
	return append(append(line, '\n'), a.Reply.Blob...), err
}

func opened(text []byte) (a virtual.Answer, by string, err error) {
	line, blob, _ := bytes.Cut(text, []byte{'\n'})
	var read answer
	if err := json.Unmarshal(line, &read); err != nil {
		return a, "", fmt.Errorf("a result of %d bytes cannot be read: %w", len(text), err)
	}
	a = read.Answer
	a.Reply.Text = read.Text
	if len(blob) > 0 { // or there is no history, which an empty one is not
		a.Reply.Blob = blob
	}
	return a, read.By, nil
}

// sharedID is the id under which the run in the directory is shared: that of before, or
// a new one. Nothing was handed out yet where the file of a run that was killed is empty.
func sharedID(dir string) (string, error) {
	file := filepath.Join(dir, sharedIn)
	text, err := report.ReadRegular(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	id := strings.TrimSpace(string(text))
	switch {
	case anID.MatchString(id):
		return id, nil
	case id != "":
		return "", fmt.Errorf("%s holds %.40q, which is no id of a shared run: remove it, and the run is shared under a new one", file, id)
	}
	id = rand.Text()
	return id, report.WriteText(file, []byte(id))
}

// openQueue opens the queue that the options name; nil if they name none.
func openQueue(ctx context.Context, o Options) (*queue.Queue, error) {
	if o.Queue == (queue.Options{}) {
		return nil, nil
	}
	return queue.Open(ctx, o.Queue)
}

// shareOn lets others work along, if there is a queue. A run that is whole leaves
// nothing behind there.
func shareOn(ctx context.Context, r *run, q *queue.Queue) (end func(whole bool) error, err error) {
	if q == nil {
		return func(bool) error { return nil }, nil
	}
	shared, end, err := Shared(ctx, r.o, q, r.dir.Path)
	if err == nil {
		r.o = shared
	}
	return end, err
}

// performed says how many results came from each process that works along.
func (s *share) performed() map[string]int {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.by)
}
