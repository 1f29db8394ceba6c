package main

import (
	"context"
	"errors"
	"io"
	"testing"

	"gauntlet/harness/report"
)

// An interrupt ends the lab even if it comes before there is anything to end: who has
// started it by mistake does not wait for twelve hours.
func TestInterruptBeforeTheLabBegins(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	interrupt()
	f := &labFlags{boxes: []string{"forward port 8080"}, listen: "127.0.0.1", page: "127.0.0.1:0", anyPort: true, out: t.TempDir() + "/run"}
	if err := f.run(ctx, io.Discard, io.Discard); !errors.Is(err, exit(report.Unproved)) {
		t.Errorf("%v", err)
	}
}
