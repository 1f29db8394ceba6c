//go:build unix

package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"gauntlet/harness/msn/gateway"
	"gauntlet/harness/msn/msnhttp"
	"gauntlet/proxies/network/networktest"
)

// The servers that polls go to: a handler that does nothing, and the gateway.
const (
	bareRole    = "bare"
	gatewayRole = "gateway"
)

// usage is what a server says of itself: once when it listens, and then whenever
// it is asked.
type usage struct {
	Address string
	CPU     time.Duration
	Memory  int64 // bytes of heap and stacks in use
}

// serveCounted serves, and answers each line of the standard input with its
// usage, until that ends.
func serveCounted(role string) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	bare := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header()[msnhttp.HeaderName] = []string{"SessionID=1.2; GW-IP=127.0.0.1"}
		w.Header()["Content-Length"] = []string{"0"}
	})}
	serve := bare.Serve
	if role == gatewayRole {
		serve = gateway.New(gateway.Options{Dial: networktest.DialSilent, Limits: gateway.Limits{Sessions: 1 << 20}}).Serve
	}
	go func() { _ = serve(l) }() // until we end
	asked, out := bufio.NewScanner(os.Stdin), json.NewEncoder(os.Stdout)
	for {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		if err := out.Encode(usage{l.Addr().String(), ownCPU(), int64(m.HeapInuse + m.StackInuse)}); err != nil || !asked.Scan() {
			return err
		}
	}
}

// server is such a process.
type server struct {
	cmd  *exec.Cmd
	asks io.WriteCloser
	says *json.Decoder
	now  usage
}

func (b *bench) serve(role string) (*server, error) {
	s := &server{cmd: exec.CommandContext(b.ctx, b.self, role)}
	s.cmd.Stderr = os.Stderr
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if s.asks, err = s.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	s.says = json.NewDecoder(out)
	return s, s.says.Decode(&s.now)
}

// ask is what it has used by now.
func (s *server) ask() error {
	if _, err := io.WriteString(s.asks, "\n"); err != nil {
		return err
	}
	return s.says.Decode(&s.now)
}

func (s *server) stop() {
	_ = s.asks.Close()
	_ = s.cmd.Wait() // it has nothing more to say
}

// crowd is clients that poll at the official one's pace (S13), each on a
// connection of its own.
type crowd struct {
	address string
	clients int
	length  time.Duration
	pace    time.Duration
	polls   atomic.Int64
}

// run opens all sessions, spread over the pace, and polls.
func (c *crowd) run() error {
	var all sync.WaitGroup
	failed := make([]error, c.clients)
	end := time.Now().Add(c.length)
	for i := range c.clients {
		all.Go(func() {
			time.Sleep(c.pace * time.Duration(i) / time.Duration(c.clients))
			failed[i] = c.session(end)
		})
	}
	all.Wait()
	return errors.Join(failed...)
}

func (c *crowd) session(end time.Time) error {
	conn, err := net.Dial("tcp", c.address)
	if err != nil {
		return err
	}
	defer conn.Close()
	in := bufio.NewReaderSize(conn, 1024)
	id, err := exchange(conn, in, "Action=open&Server=NS&IP=messenger.hotmail.com", "VER 1 MSNP8 CVR0\r\n")
	for err == nil && time.Now().Before(end) {
		time.Sleep(c.pace)
		id, err = exchange(conn, in, "Action=poll&SessionID="+msnhttp.EscapeID(id), "")
		c.polls.Add(1)
	}
	return err
}

// exchange is one request, and the SessionID of its answer.
func exchange(c net.Conn, in *bufio.Reader, query, body string) (id string, err error) {
	if _, err = fmt.Fprintf(c, "POST /gateway/gateway.dll?%s HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n%s", query, len(body), body); err != nil {
		return "", err
	}
	err = readMessage(in, func(line []byte) {
		if value, is := bytes.CutPrefix(line, []byte(msnhttp.HeaderName+": ")); is {
			h, _ := msnhttp.ParseSessionHeader(string(bytes.TrimSpace(value)))
			id = h.SessionID
		}
	})
	if err == nil && id == "" {
		err = errors.New("an answer without a SessionID")
	}
	return id, err
}

// gateway compares what a poll costs a server, and what a session keeps.
func (b *bench) gateway() error {
	const ratio = "Cost/of=gateway-poll/by=bare-handler"
	clients, pace, length, cpu := 5000, 2*time.Second, 9*time.Second, map[string][]float64{}
	if b.quick {
		clients, pace, length = 100, 200*time.Millisecond, 500*time.Millisecond
	}
	for range b.turns(3) {
		for _, role := range []string{bareRole, gatewayRole} {
			c := &crowd{clients: clients, length: length, pace: pace}
			poll, kept, err := b.pollAt(role, c)
			if err != nil {
				return fmt.Errorf("%s: %w", role, err)
			}
			cpu[role] = append(cpu[role], poll)
			b.table.add("Poll/by="+role, "cpu-µs/poll", poll)
			b.table.add("Poll/by="+role, "KiB/session", kept)
		}
	}
	b.table.compare(ratio, "cost-ratio", cpu[gatewayRole], cpu[bareRole])
	b.table.aim(ratio, "cost-ratio", .8, atMost)
	b.table.aim("Poll/by="+gatewayRole, "KiB/session", 15, atMost)
	return nil
}

// pollAt is what a crowd costs a server once all are there: the processor time of
// a poll, opens and ends left out, and what a session keeps.
func (b *bench) pollAt(role string, c *crowd) (poll, kept float64, err error) {
	s, err := b.serve(role)
	if err != nil {
		return 0, 0, err
	}
	defer s.stop()
	empty := s.now
	c.address = empty.Address
	ran := make(chan error, 1)
	go func() { ran <- c.run() }()
	opened := time.After(c.pace + c.pace/4)
	over := time.After(c.length)
	<-opened
	if err := s.ask(); err != nil {
		return 0, 0, errors.Join(err, <-ran)
	}
	begin, before := s.now, c.polls.Load()
	<-over
	err = s.ask()
	polls := float64(c.polls.Load() - before)
	poll = (s.now.CPU - begin.CPU).Seconds() * 1e6 / polls
	kept = float64(s.now.Memory-empty.Memory) / 1024 / float64(c.clients)
	return poll, kept, errors.Join(err, <-ran)
}
