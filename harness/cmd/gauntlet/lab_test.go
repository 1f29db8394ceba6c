package main

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"testing"
	"time"

	"gauntlet/harness/report"
)

// An interrupt ends the lab even if it comes before there is anything to end: who has
// started it by mistake does not wait for twelve hours.
func TestInterruptBeforeTheLabBegins(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	interrupt()
	f := &labFlags{boxes: []string{"forward port 8080"}, listen: "127.0.0.1", page: "127.0.0.1:0", anyPort: true, out: filepath.Join(t.TempDir(), "run")}
	ended := make(chan error, 1)
	go func() { ended <- f.run(ctx, io.Discard, io.Discard) }()
	select {
	case err := <-ended:
		if !errors.Is(err, exit(report.Unproved)) {
			t.Errorf("%v", err)
		}
	case <-time.After(30 * time.Second):
		t.Error("it goes on")
	}
}
