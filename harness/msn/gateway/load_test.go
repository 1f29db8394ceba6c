//go:build unix

package gateway

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"gauntlet/proxies/network/networktest"
)

// The load comes from another process: this test binary, which finds in its
// environment where to send it.
const loadEnv = "GAUNTLET_TEST_LOAD"

// load is what the other process is told, and loaded what it answers.
type load struct {
	Address  string
	Sessions int
	For      time.Duration
	Attacked bool // others attack meanwhile, and the sessions come from many addresses
}

type loaded struct {
	Polls  int
	Errors int
	First  string // of the errors
	P50    time.Duration
	P99    time.Duration
	Late   time.Duration // by how much 99 of 100 polls were sent in time: what the other process itself lacks
}

func TestMain(m *testing.M) {
	if text := os.Getenv(loadEnv); text != "" {
		var l load
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			panic(err)
		}
		_ = json.NewEncoder(os.Stdout).Encode(l.run())
		return
	}
	os.Exit(m.Run())
}

// pollEvery is the official client's pace (S13).
const pollEvery = 2 * time.Second

// run polls with all sessions, spread over the pace.
func (l load) run() (sum loaded) {
	var mu sync.Mutex
	var took, late []time.Duration
	var wg sync.WaitGroup
	if l.Attacked {
		l.attack(&wg)
	}
	began := time.Now()
	for i := range l.Sessions {
		wg.Go(func() {
			due := began.Add(pollEvery * time.Duration(i) / time.Duration(l.Sessions)) // the load begins gently
			time.Sleep(time.Until(due))
			from := ""
			if l.Attacked {
				from = fmt.Sprintf("127.0.1.%d", 1+i%100)
			}
			times, err := l.session(from, due)
			mu.Lock()
			defer mu.Unlock()
			took, late = append(took, times.took...), append(late, times.late...)
			if err != nil {
				if sum.Errors++; sum.First == "" {
					sum.First = err.Error()
				}
			}
		})
	}
	wg.Wait()
	slices.Sort(took)
	slices.Sort(late)
	if n := len(took); n > 0 {
		sum.Polls, sum.P50, sum.P99, sum.Late = n, took[n/2], took[n*99/100], late[n*99/100]
	}
	return sum
}

// times are those of a session's polls.
type times struct {
	took []time.Duration // from the first byte sent
	late []time.Duration // after they were due
}

// session is one client: it opens and polls on one connection. A poll is due when
// the pace says so, however long what was before it took.
func (l load) session(from string, due time.Time) (all times, err error) {
	c, err := l.dial(from)
	if err != nil {
		return all, err
	}
	defer c.Close()
	x := newExchanger(c)
	id, err := x.exchange(openRequest)
	for end := due.Add(l.For); err == nil && due.Before(end); {
		due = due.Add(pollEvery)
		time.Sleep(time.Until(due))
		began := time.Now()
		id, err = x.exchange(pollRequest(id))
		all.took, all.late = append(all.took, time.Since(began)), append(all.late, began.Sub(due))
	}
	return all, err
}

// dial connects from an address of this machine's.
func (l load) dial(from string) (net.Conn, error) {
	var d net.Dialer
	if from != "" {
		d.LocalAddr = &net.TCPAddr{IP: net.ParseIP(from)}
	}
	return d.Dial("tcp", l.Address)
}

// attack has others do what they can meanwhile: begin heads and never end them,
// send garbage, and open sessions, each from an address of its own.
func (l load) attack(wg *sync.WaitGroup) {
	end := time.Now().Add(l.For)
	again := func(n int, from string, do func(net.Conn)) {
		for range n {
			wg.Go(func() {
				for time.Now().Before(end) {
					if c, err := l.dial(from); err == nil {
						_ = c.SetDeadline(end)
						do(c)
						_ = c.Close()
					}
					time.Sleep(20 * time.Millisecond) // a place to rest for who is refused
				}
			})
		}
	}
	again(2000, "127.0.0.2", func(c net.Conn) {
		_, _ = io.WriteString(c, openRequest[:20])
		_, _ = io.Copy(io.Discard, c)
	})
	again(20, "127.0.0.3", func(c net.Conn) {
		_, _ = io.WriteString(c, "POST \x00\xff /garbage\r\n\r\n")
		_, _ = io.Copy(io.Discard, c)
	})
	again(20, "127.0.0.4", func(c net.Conn) {
		x := newExchanger(c)
		for _, err := x.exchange(openRequest); err == nil; _, err = x.exchange(openRequest) {
			continue // as many as it gets
		}
	})
}

// exchanger says requests on a connection and finds in the answers what it needs,
// as cheaply as can be: it shares the processors with what is measured.
type exchanger struct {
	conn net.Conn
	room []byte
}

func newExchanger(c net.Conn) exchanger { return exchanger{conn: c, room: make([]byte, 2<<10)} }

func (x exchanger) exchange(request string) (id string, err error) {
	if _, err = io.WriteString(x.conn, request); err != nil {
		return "", err
	}
	answer, err := x.answer()
	if err != nil {
		return "", err
	}
	if !bytes.HasPrefix(answer, []byte("HTTP/1.1 200 ")) {
		line, _, _ := bytes.Cut(answer, []byte("\r\n"))
		return "", fmt.Errorf("got %q", line)
	}
	_, rest, _ := bytes.Cut(answer, []byte("SessionID=")) // a bare handler has none
	found, _, _ := bytes.Cut(rest, []byte(";"))
	return string(found), nil
}

// answer reads one, whose length its head tells.
func (x exchanger) answer() ([]byte, error) {
	for have := 0; have < len(x.room); {
		n, err := x.conn.Read(x.room[have:])
		have += n
		head, body, whole := bytes.Cut(x.room[:have], []byte("\r\n\r\n"))
		_, length, _ := bytes.Cut(head, []byte("\r\nContent-Length: "))
		length, _, _ = bytes.Cut(length, []byte("\r\n"))
		if want, _ := strconv.Atoi(string(length)); whole && len(body) >= want {
			return x.room[:have], nil
		}
		if err != nil {
			return nil, err
		}
	}
	return nil, bufio.ErrBufferFull
}

// BenchmarkUnderAttack has ten thousand clients, in another process, poll every
// two seconds for twelve, and attackers beside them: nothing is refused to the
// clients, and 99 of 100 of their polls are answered within 50 ms.
func BenchmarkUnderAttack(b *testing.B) {
	const sessions, length = 10_000, 12 * time.Second
	g := New(Options{Dial: networktest.DialSilent, Limits: Limits{Sessions: 2 * sessions, PerAddress: 1000, Opens: 50, AtOnce: 200, Connections: 2500}})
	got := measureLoad(b, load{Sessions: sessions, For: length, Attacked: true}, func(l net.Listener) { _ = g.Serve(l) }, func() { _ = g.Close() })
	if got.P99 > 50*time.Millisecond {
		b.Errorf("99 of 100 polls took up to %v, half of them %v; those who polled were themselves late by %v", got.P99, got.P50, got.Late)
	}
}

func measureLoad(b *testing.B, what load, serve func(net.Listener), end func()) loaded {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	go serve(l)
	defer end()
	what.Address = l.Addr().String()
	text, _ := json.Marshal(what) // plain values
	cmd := exec.Command(os.Args[0])
	cmd.Env, cmd.Stderr = append(os.Environ(), loadEnv+"="+string(text)), os.Stderr
	heap, cpu := inUse(), processCPU()
	half := time.AfterFunc(what.For/2, func() { heap = inUse() - heap })
	out, err := cmd.Output()
	cpu = processCPU() - cpu
	half.Stop()
	var got loaded
	if err == nil {
		err = json.Unmarshal(out, &got)
	}
	if err != nil {
		b.Fatal(err)
	}
	if got.Errors > 0 {
		b.Errorf("%d errors, the first: %s", got.Errors, got.First)
	}
	b.ReportMetric(float64(got.P50.Microseconds()), "p50-µs")
	b.ReportMetric(float64(got.P99.Microseconds()), "p99-µs")
	b.ReportMetric(float64(got.Late.Microseconds()), "late-µs")
	b.ReportMetric(float64(cpu.Microseconds())/float64(max(got.Polls, 1)), "cpu-µs/poll")
	b.ReportMetric(float64(heap)/float64(what.Sessions)/1024, "KiB/session")
	b.ReportMetric(0, "ns/op") // one run is the benchmark
	return got
}

func inUse() int64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse + m.StackInuse)
}

func processCPU() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u) // of ourselves it never fails
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
