//go:build unix

package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"sync"
	"time"
)

// load is one turn: requests over so many connections, each asking again when it
// has its answer, until the requests are made or the time is over.
type load struct {
	address     string
	target      string
	connections int
	requests    int
	most        time.Duration
}

// loaded is what came of it: what each request took, from the shortest, and all
// together.
type loaded struct {
	times []time.Duration
	took  time.Duration
}

func (l loaded) rate() float64 { return float64(len(l.times)) / l.took.Seconds() }

// percentile is in milliseconds.
func (l loaded) percentile(p int) float64 {
	return float64(l.times[len(l.times)*p/100].Nanoseconds()) / 1e6
}

// run connects, and then begins everywhere at once.
func (l load) run() (sum loaded, err error) {
	conns := make([]net.Conn, l.connections)
	for i := range conns {
		if conns[i], err = net.Dial("tcp", l.address); err != nil {
			return sum, err
		}
		defer conns[i].Close()
	}
	times, failed := make([][]time.Duration, len(conns)), make([]error, len(conns))
	var all sync.WaitGroup
	began := time.Now()
	for i, c := range conns {
		all.Go(func() { times[i], failed[i] = l.ask(c, began.Add(l.most)) })
	}
	all.Wait()
	sum.took = time.Since(began)
	sum.times = slices.Concat(times...)
	slices.Sort(sum.times)
	return sum, errors.Join(failed...)
}

// ask makes one connection's share of the requests, one at least. A box that ends
// the connection after so many has it made anew, which counts.
func (l load) ask(c net.Conn, end time.Time) (times []time.Duration, err error) {
	_ = c.SetDeadline(end.Add(10 * time.Second)) // a connection of the kernel's takes it
	raw := []byte("POST " + l.target + " HTTP/1.1\r\nHost: gw.example\r\nX-MSN-odd: 1\r\nUser-Agent: MSMSGS\r\nProxy-Connection: Keep-Alive\r\nContent-Length: 5\r\n\r\nhello")
	in, over := bufio.NewReader(c), false
	for n := max(1, l.requests/l.connections); n > 0; n-- {
		began := time.Now()
		if over {
			if c, err = net.Dial("tcp", l.address); err != nil {
				return times, err
			}
			defer c.Close()
			_ = c.SetDeadline(end.Add(10 * time.Second))
			in.Reset(c)
			over = false
		}
		if _, err := c.Write(raw); err != nil {
			return times, err
		}
		if err := readMessage(in, func(line []byte) { over = over || bytes.EqualFold(line, []byte("Connection: close\r\n")) }); err != nil {
			return times, err
		}
		now := time.Now()
		times = append(times, now.Sub(began))
		if now.After(end) {
			break
		}
	}
	return times, nil
}

// readMessage reads one message with a length, at as little cost as can be: the
// box is to be measured, and not who asks. An answer has to be a 200. Who wants
// to see the lines of its head gets them one by one.
func readMessage(in *bufio.Reader, see func(line []byte)) error {
	length := 0
	for first := true; ; first = false {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return err
		}
		if first && bytes.HasPrefix(line, []byte("HTTP/")) && !bytes.Contains(line, []byte(" 200 ")) {
			return fmt.Errorf("got %q", line)
		}
		if len(line) <= 2 {
			break
		}
		if see != nil {
			see(line)
		}
		const field = "content-length:"
		if len(line) > len(field) && bytes.EqualFold(line[:len(field)], []byte(field)) {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(line[len(field):]))); err != nil {
				return err
			}
		}
	}
	_, err := io.CopyN(io.Discard, in, int64(length))
	return err
}
