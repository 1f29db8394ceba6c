//go:build unix

package external

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// script is a program that stands for a product.
func script(t *testing.T, text string) Command {
	t.Helper()
	file := filepath.Join(t.TempDir(), "product")
	if err := os.WriteFile(file, []byte("#!/bin/sh\n"+text+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return Command{
		Name: "product", Binary: file, Dir: t.TempDir(), Logs: []string{"error.log"}, Patience: 5 * time.Second,
		Ready: func(context.Context, string) error { return errors.New("not yet") },
	}
}

func TestDeathAtStartSaysWhy(t *testing.T) {
	c := script(t, "echo starting; echo 'FATAL: bungled line 7' >&2; echo 'cannot open cache' > error.log; exit 3")
	_, err := Start(context.Background(), c)
	oneLine(t, err, "product ended: exit status 3: FATAL: bungled line 7 | cannot open cache")
	if !errors.Is(err, errDied) {
		t.Error("not marked as a death")
	}
}

func TestNeverReady(t *testing.T) {
	c := script(t, "echo hello; exec sleep 60")
	c.Patience = 200 * time.Millisecond
	_, err := Start(context.Background(), c)
	oneLine(t, err, "product: not ready: context deadline exceeded: last try: not yet; it said: hello")
}

// A program that ignores the signal, with a child, ends all the same.
func TestStopEndsTheWholeGroup(t *testing.T) {
	c := script(t, "trap '' INT TERM; sleep 60 & echo $! > child; wait; sleep 60")
	c.Grace = 200 * time.Millisecond
	c.Ready = func(context.Context, string) error { _, err := os.Stat(filepath.Join(c.Dir, "child")); return err }
	p, err := Start(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if err := errors.Join(p.Stop(), p.Stop()); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("took %v", took)
	}
	for range 20 { // the child is reaped by whoever inherits it
		if err := syscall.Kill(-p.cmd.Process.Pid, 0); err == syscall.ESRCH {
			return
		}
		<-time.After(10 * time.Millisecond)
	}
	if state, err := os.ReadFile(fmt.Sprintf("/proc/%s/stat", childOf(c))); err == nil && !strings.Contains(string(state), ") Z ") {
		t.Errorf("the child lives: %s", state)
	}
}

func childOf(c Command) string {
	b, _ := os.ReadFile(filepath.Join(c.Dir, "child"))
	return strings.TrimSpace(string(b))
}

func TestProbeWantsTheOriginsAnswer(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	answers := make(chan string, 2)
	answers <- "HTTP/1.1 502 Bad Gateway\r\nX-Squid-Error: ERR 0\r\nContent-Length: 0\r\n\r\n"
	answers <- "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			c.Read(make([]byte, 4096))
			io.WriteString(c, <-answers)
			c.Close()
		}
	}()
	probe := Probe("http://gauntlet.invalid/", squidsOwn)
	if err := probe(t.Context(), l.Addr().String()); err == nil {
		t.Error("Squid's own page counts as the origin's")
	}
	if err := probe(t.Context(), l.Addr().String()); err != nil {
		t.Error(err)
	}
}
