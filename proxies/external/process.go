package external

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Process is a product that runs.
type Process struct {
	Addr   string // host:port where it serves
	Exited error  // how it ended by itself; to be read after Done, nil if Stop ended it

	command command
	cmd     *exec.Cmd
	group   *group
	done    chan struct{}
	undo    func() bool // of the context's watch

	mu      sync.Mutex
	asked   bool // Stop was called
	stopped error
	once    sync.Once
	log     []byte // the access log, once the folder is gone
}

// run starts c and returns when it is ready.
func run(ctx context.Context, c command) (*Process, error) {
	p := &Process{Addr: c.addr, command: c, done: make(chan struct{})}
	if err := p.begin(); err != nil {
		return nil, err
	}
	go p.wait()
	if err := p.ready(ctx); err != nil {
		return nil, errors.Join(err, p.Stop())
	}
	p.undo = context.AfterFunc(ctx, func() { _ = p.Stop() }) // Stop keeps its error for whoever calls it
	return p, nil
}

// begin starts the guardian and the program. What it inherits is its own then.
func (p *Process) begin() (err error) {
	if p.command.socket != nil {
		defer func() { _ = p.command.socket.Close() }() // the program has its own by then
	}
	if p.cmd, err = p.command.exec(); err != nil {
		return err
	}
	if p.group, err = p.command.newGroup(p.cmd); err != nil {
		return err
	}
	if err := p.cmd.Start(); err != nil {
		p.group.kill()
		return fmt.Errorf("%s: start: %w", p.command.Name, err)
	}
	return nil
}

// Done is closed when the process has ended, for whatever reason.
func (p *Process) Done() <-chan struct{} { return p.done }

// AccessLog is what the product's access log holds by now. A line may come a
// moment after the answer that it speaks of; after Stop the log is complete,
// and stays readable. Each call gives a copy of its own.
func (p *Process) AccessLog() ([]byte, error) {
	if p.command.AccessLog == "" {
		return nil, fmt.Errorf("%s: keeps no access log: %w", p.command.Name, errors.ErrUnsupported)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.log != nil {
		return append([]byte(nil), p.log...), nil
	}
	b, err := os.ReadFile(filepath.Join(p.command.dir, p.command.AccessLog))
	if err != nil {
		return nil, fmt.Errorf("%s: access log: %w", p.command.Name, err)
	}
	return b, nil
}

// Stop ends the whole process group and removes a temporary folder. It waits;
// later calls return what the first did. A process that had ended by itself
// before is no error here: see Exited.
func (p *Process) Stop() error {
	p.once.Do(func() {
		if p.undo != nil {
			p.undo()
		}
		p.end()
		p.stopped = p.clean()
	})
	return p.stopped
}

// end asks first and then insists, for children too.
func (p *Process) end() {
	p.mu.Lock()
	p.asked = true
	p.mu.Unlock()
	grace := p.command.Grace
	if grace == 0 {
		grace = 2 * time.Second
	}
	p.group.signal(p.command.Stop)
	select {
	case <-p.done:
	case <-time.After(grace):
	}
	p.group.kill()
	<-p.done
}

// clean removes what is left, but keeps the access log.
func (p *Process) clean() error {
	for _, pattern := range p.command.Leftovers {
		files, _ := filepath.Glob(pattern) // our own patterns are well formed
		for _, f := range files {
			_ = os.Remove(f) // a few kilobytes of memory at worst
		}
	}
	return p.cleanFolder()
}

func (p *Process) cleanFolder() error {
	if !p.command.temporary {
		return nil
	}
	log, err := p.AccessLog()
	if err == nil {
		p.mu.Lock()
		p.log = append([]byte{}, log...)
		p.mu.Unlock()
	}
	if err := os.RemoveAll(p.command.dir); err != nil {
		return fmt.Errorf("%s: its folder: %w", p.command.Name, err)
	}
	return nil
}

// wait reaps the process.
func (p *Process) wait() {
	_ = p.cmd.Wait() // ProcessState says the same
	if out, ok := p.cmd.Stdout.(*os.File); ok {
		_ = out.Close() // only the program wrote to it
	}
	p.mu.Lock()
	if !p.asked {
		p.Exited = fmt.Errorf("%s ended: %s: %s", p.command.Name, p.cmd.ProcessState, p.command.explain())
	}
	p.mu.Unlock()
	close(p.done)
}

// ready tries until the product serves, has died, or patience is over.
func (p *Process) ready(ctx context.Context) error {
	const between, answer, patience = 20 * time.Millisecond, 5 * time.Second, 15 * time.Second
	limit := p.command.Patience
	if limit == 0 {
		limit = patience
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for {
		try, end := context.WithTimeout(ctx, answer) // what took the connection too early may never answer it
		err := p.command.ready(try, p.Addr)
		end()
		if err == nil {
			return nil
		}
		if said := p.command.explain(); strings.Contains(strings.ToLower(said), "already in use") {
			return fmt.Errorf("%s: %w: %s", p.command.Name, errLives, said)
		}
		select {
		case <-p.done:
			return fmt.Errorf("%w: %w", errDied, p.Exited)
		case <-ctx.Done():
			return fmt.Errorf("%s: not ready: %w: last try: %w; it said: %s", p.command.Name, ctx.Err(), err, p.command.explain())
		case <-time.After(between):
		}
	}
}

// probe returns a Ready that POSTs to url through the proxy and wants an
// answer that own does not call the proxy's own.
func probe(target string, own func(*http.Response) bool) func(context.Context, string) error {
	return func(ctx context.Context, addr string) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, target, strings.NewReader(""))
		if err != nil {
			return fmt.Errorf("probe %s: %w", target, err)
		}
		proxy := http.ProxyURL(&url.URL{Scheme: "http", Host: addr})
		resp, err := (&http.Transport{Proxy: proxy, DisableKeepAlives: true}).RoundTrip(req)
		if err != nil {
			return fmt.Errorf("probe %s: %w", target, err)
		}
		defer resp.Body.Close()
		if own(resp) {
			return fmt.Errorf("probe %s: the origin was not reached: %s", target, resp.Status)
		}
		_, err = io.Copy(io.Discard, resp.Body)
		return err
	}
}

// CPU is the processor time that the product and its children have used, as
// far as they run; to a hundredth of a second. It needs /proc, as on Linux.
func (p *Process) CPU() (time.Duration, error) {
	const tick = time.Second / 100 // the kernel's USER_HZ, for all programs the same
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	if len(stats) == 0 {
		return 0, fmt.Errorf("%s: processor time: no /proc: %w", p.command.Name, errors.ErrUnsupported)
	}
	var ticks int
	for _, file := range stats {
		if text, err := os.ReadFile(file); err == nil { // else it has ended
			ticks += ticksIn(string(text), p.group.id())
		}
	}
	return time.Duration(ticks) * tick, nil
}

// ticksIn is the user and system time in a process's stat, if it is of the
// group.
func ticksIn(stat string, group int) int {
	_, rest, _ := strings.Cut(stat, ") ") // the name may have spaces
	words := strings.Fields(rest)
	if len(words) < 13 || words[2] != strconv.Itoa(group) {
		return 0
	}
	user, _ := strconv.Atoi(words[11])
	system, _ := strconv.Atoi(words[12])
	return user + system
}

// tail is what the end of a log says about a failure: its lines that speak of
// one, else its last lines; three at most, each cut to a readable length.
func tail(file string) []string {
	const most, longest = 3, 200
	b, err := os.ReadFile(file)
	if err != nil {
		return nil // a log that was never begun says nothing
	}
	var lines, telling []string
	for line := range strings.Lines(string(b)) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		line = line[:min(len(line), longest)]
		lines = append(lines, line)
		if trouble().MatchString(line) {
			telling = append(telling, line)
		}
	}
	if len(telling) > 0 {
		lines = telling
	}
	return lines[max(0, len(lines)-most):]
}

func trouble() *regexp.Regexp {
	return regexp.MustCompile(`(?i)\b(fatal|error|emerg|alert|cannot|unable|failed|in use)\b`)
}
