package certify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"time"

	"gauntlet/harness/run/queue"
	"gauntlet/harness/run/rig"
	"gauntlet/harness/run/virtual"
)

// Helper has a machine work for runs that are shared: it takes tasks of a queue and
// has them performed by worker processes, until its context ends.
type Helper struct {
	Library *Library
	Queue   *queue.Queue
	Worker  []string      // the arguments with which this program serves as a worker
	Silence time.Duration // after which a worker without a word is ended; 30 s if 0
	// Own is the run whose tasks it must be able to perform; those of others that it cannot
	// it leaves to others. Without one it must be able to perform all.
	Own string
	// How many tasks at a time that compute, one a core if 0, and that mostly wait,
	// eight a core if 0.
	Computing, Waiting int

	mu     sync.Mutex
	places map[errand]*place
}

// errand is a task: one job, and what a worker has to be to perform it.
type errand struct {
	Version string   `json:"version"` // of the harness and of what it brings along
	Mode    rig.Mode `json:"mode"`
	Box     string   `json:"box,omitempty"`
	// The folders of the program and of a box that a file describes, as they were sent;
	// Box is then the name in its folder, and File that of the file which describes the
	// program.
	Folder    string `json:"folder,omitempty"`
	File      string `json:"file,omitempty"`
	BoxFolder string `json:"box_folder,omitempty"`

	Silence time.Duration `json:"silence,omitempty"`
}

// sent is an errand with its job, as it travels.
type sent struct {
	errand
	Job  json.RawMessage `json:"job"`
	Work time.Duration   `json:"work,omitempty"` // how much longer than others it may work without a word
}

// place is where errands of one kind are performed on this machine.
type place struct {
	ready func() (args []string, err error) // once
	dirs  []string                          // folders that were sent; in the program's a worker's files lie as well
}

// errands of one machine that died so often were not ended by chance.
const mostDeaths = 3

// Work works until the context ends, which is no error, or something is wrong: with
// the queue, or with this machine. What it has not finished it gives back.
func (h *Helper) Work(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer h.clear()
	var hands sync.WaitGroup
	var mu sync.Mutex
	var errs []error
	for lane, n := range map[queue.Lane]int{queue.Computing: h.computing(), queue.Waiting: h.waiting()} {
		for range n {
			hands.Go(func() {
				if err := h.hand(ctx, lane); err != nil {
					mu.Lock()
					defer mu.Unlock()
					errs = append(errs, err)
					cancel()
				}
			})
		}
	}
	hands.Wait()
	if len(errs) == 0 {
		return nil
	}
	return errs[0] // the others fail for the same reason
}

func (h *Helper) computing() int {
	if h.Computing > 0 {
		return h.Computing
	}
	return runtime.GOMAXPROCS(0)
}

func (h *Helper) waiting() int {
	if h.Waiting > 0 {
		return h.Waiting
	}
	return 8 * runtime.GOMAXPROCS(0)
}

// hand performs one task after the other, in a process that is changed for another
// where the next task is of another kind.
func (h *Helper) hand(ctx context.Context, lane queue.Lane) error {
	s := seat{}
	defer s.leave()
	for {
		t, err := h.Queue.Take(ctx, lane)
		if err != nil {
			return unlessOver(ctx, err)
		}
		if err := h.perform(ctx, &s, t); err != nil {
			return unlessOver(ctx, err)
		}
	}
}

// unlessOver is no error where the context has ended: what follows from that.
func unlessOver(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// seat is a hand at its place.
type seat struct {
	at   *place
	hand *virtual.Crew // of one
}

func (s *seat) leave() {
	if s.hand != nil {
		s.hand.Close()
	}
	*s = seat{}
}

// perform performs a task. Its error is that this machine cannot, or the queue's.
func (h *Helper) perform(ctx context.Context, s *seat, t *queue.Task) error {
	var e sent
	err := json.Unmarshal(t.Body, &e)
	if err == nil {
		err = h.sit(ctx, s, e.errand)
	}
	if err != nil && h.Own != "" && t.Run() != h.Own {
		return t.Leave()
	}
	if err != nil {
		return errors.Join(fmt.Errorf("cannot work for run %s: %w", t.Run(), err), t.GiveBack())
	}
	var a *virtual.Answer
	err = s.hand.Run(ctx, []virtual.Job{{Text: e.Job, Work: e.Work}}, func(_ int, answer virtual.Answer) { a = &answer })
	switch {
	case a == nil: // it was cut short
		return errors.Join(err, t.GiveBack())
	case a.Ended && t.Tries < mostDeaths:
		return t.GiveBack()
	}
	result, err := sealed(*a)
	if err != nil {
		return errors.Join(err, t.GiveBack())
	}
	return t.Done(ctx, result)
}

// sit takes the hand to where such errands are performed.
func (h *Helper) sit(ctx context.Context, s *seat, e errand) error {
	at := h.place(e)
	args, err := at.ready()
	if err != nil || at == s.at {
		return err
	}
	s.leave()
	silence := h.Silence
	if e.Silence != 0 {
		silence = e.Silence
	}
	*s = seat{at, virtual.Pool{Args: args, Workers: 1, Silence: silence}.Keep(ctx)}
	return nil
}

// place makes a place ready when the first errand for it comes.
func (h *Helper) place(e errand) *place {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.places == nil {
		h.places = map[errand]*place{}
	}
	p := h.places[e]
	if p == nil {
		p = &place{}
		p.ready = sync.OnceValues(func() ([]string, error) { return p.prepare(h, e) })
		h.places[e] = p
	}
	return p
}

// prepare looks whether this machine can do what is asked of it, and gives the
// arguments of the processes that do it.
func (p *place) prepare(h *Helper, e errand) (args []string, err error) {
	version, err := h.Library.Version()
	switch {
	case err != nil:
		return nil, err
	case version != e.Version:
		return nil, fmt.Errorf("it wants %s, and this is %s; install the same gauntlet on both machines", e.Version, version)
	}
	if e.Mode == rig.Virtual && e.Folder == "" {
		return h.Worker, nil
	}
	ctx := context.Background() // what is begun here is for all who come
	if e.Mode == rig.Netns {
		if err := rig.CheckMode(ctx, e.Mode); err != nil {
			return nil, err
		}
	}
	box := e.Box
	if e.BoxFolder != "" {
		dir, err := p.fetch(ctx, h.Queue, e.BoxFolder)
		if err != nil {
			return nil, err
		}
		box = filepath.Join(dir, e.Box)
	}
	if _, err := h.Library.box(box); err != nil {
		return nil, err
	}
	args = slices.Concat(h.Worker, []string{"--mode", string(e.Mode), "--box", box})
	if e.Folder == "" {
		return args, nil
	}
	dir, err := p.fetch(ctx, h.Queue, e.Folder)
	if err != nil {
		return nil, err
	}
	file := filepath.Join(dir, e.File)
	if _, err := findClient(file, nil); err != nil {
		return nil, err
	}
	return append(args, "--client", file, "--scratch", dir), nil
}

// fetch unpacks a folder that was sent, into one that is removed in the end.
func (p *place) fetch(ctx context.Context, q *queue.Queue, name string) (dir string, err error) {
	if dir, err = os.MkdirTemp("", "gauntlet-sent-"); err != nil {
		return "", err
	}
	p.dirs = append(p.dirs, dir)
	return dir, q.Fetch(ctx, name, dir)
}

// clear takes away what was unpacked.
func (h *Helper) clear() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, p := range h.places {
		for _, dir := range p.dirs {
			_ = os.RemoveAll(dir) // the system's directory for what is temporary
		}
	}
}
