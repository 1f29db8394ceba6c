//go:build unix

package external

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// script is a program that stands for a product.
func script(t *testing.T, text string) command {
	t.Helper()
	file := filepath.Join(t.TempDir(), "product")
	if err := os.WriteFile(file, []byte("#!/bin/sh\n"+text+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return command{
		Product: Product{Name: "product", Command: []string{file}, Logs: []string{"error.log"}, Patience: 5 * time.Second},
		dir:     t.TempDir(), ready: func(context.Context, string) error { return errors.New("not yet") },
	}
}

func TestDeathAtStartSaysWhy(t *testing.T) {
	c := script(t, "echo starting; echo 'FATAL: bungled line 7' >&2; echo 'cannot open cache' > error.log; exit 3")
	_, err := run(context.Background(), c)
	oneLine(t, err, "product ended: exit status 3: FATAL: bungled line 7 | cannot open cache")
	if !errors.Is(err, errDied) {
		t.Error("not marked as a death")
	}
}

func TestNeverReady(t *testing.T) {
	c := script(t, "echo hello; exec sleep 60")
	c.Patience = 200 * time.Millisecond
	_, err := run(context.Background(), c)
	oneLine(t, err, "product: not ready: context deadline exceeded: last try: not yet; it said: hello")
}

// A program that ignores the signal, with a child, ends all the same.
func TestStopEndsTheWholeGroup(t *testing.T) {
	c := script(t, "trap '' INT TERM; sleep 60 & echo $! > child; wait; sleep 60")
	c.Grace = 200 * time.Millisecond
	c.ready = func(context.Context, string) error { _, err := os.Stat(filepath.Join(c.dir, "child")); return err }
	p, err := run(context.Background(), c)
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
	groupEnds(t, p)
}

// held is the environment variable by which this test program is told to start
// a product and to wait for its own death.
const held = "GAUNTLET_TEST_HOLDS_PRODUCT"

func TestHolder(t *testing.T) {
	if os.Getenv(held) == "" {
		t.Skip("for TestNothingOutlivesUs")
	}
	c := script(t, "trap '' INT TERM; sleep 60 & echo $! > child; wait; sleep 60")
	c.dir, c.temporary = os.Getenv(held), true
	c.ready = func(context.Context, string) error { _, err := os.Stat(filepath.Join(c.dir, "child")); return err }
	p, err := run(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println("group", p.group.id())
	<-p.Done()
}

// Killed in the middle, by a signal that nobody can catch, we leave neither
// the product nor its child nor its folder.
func TestNothingOutlivesUs(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "folder")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	us := exec.Command(os.Args[0], "-test.run=^TestHolder$")
	us.Env = append(os.Environ(), held+"="+dir)
	said, err := us.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := us.Start(); err != nil {
		t.Fatal(err)
	}
	var group int
	if _, err := fmt.Fscanf(said, "group %d\n", &group); err != nil || group == 0 {
		t.Fatalf("no product: %v", err)
	}
	if err := errors.Join(us.Process.Kill(), syscall.Kill(-group, 0)); err != nil {
		t.Fatal(err)
	}
	_ = us.Wait() // killed
	for range 200 {
		_, folder := os.Stat(dir)
		if !alive(group) && os.IsNotExist(folder) {
			return
		}
		<-time.After(10 * time.Millisecond)
	}
	t.Error("the product or its folder outlived us")
}

// alive reports whether any process of a group is more than a zombie.
func alive(group int) bool {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, file := range stats {
		text, _ := os.ReadFile(file) // one that ended meanwhile is not alive
		_, rest, _ := strings.Cut(string(text), ") ")
		words := strings.Fields(rest)
		if len(words) > 2 && words[2] == fmt.Sprint(group) && words[0] != "Z" {
			return true
		}
	}
	return len(stats) == 0 && syscall.Kill(-group, 0) == nil // without /proc
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
	probe := probe("http://gauntlet.invalid/", func(r *http.Response) bool { return r.Header.Get("X-Squid-Error") != "" })
	if err := probe(t.Context(), l.Addr().String()); err == nil {
		t.Error("Squid's own page counts as the origin's")
	}
	if err := probe(t.Context(), l.Addr().String()); err != nil {
		t.Error(err)
	}
}
