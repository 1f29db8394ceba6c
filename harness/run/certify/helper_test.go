package certify

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"gauntlet/fixtures"
	"gauntlet/harness/msn/servers"
	"gauntlet/harness/run/queue"
)

// A worker of another version says why it does not work, and leaves the task.
func TestAnotherVersion(t *testing.T) {
	q, err := queue.Open(t.Context(), queue.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	r, err := q.Begin(t.Context(), "other")
	if err != nil {
		t.Fatal(err)
	}
	defer r.End()
	task, err := json.Marshal(sent{errand: errand{Version: "harness of tomorrow", Mode: "virtual"}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- r.Do(ctx, queue.Computing, [][]byte{task}, func(int, []byte) {}) }()
	h := &Helper{Library: Open(fixtures.Files(), servers.MSN()), Queue: q, Computing: 1, Waiting: 1}
	err = h.Work(t.Context())
	if err == nil || !strings.Contains(err.Error(), "cannot work for run other: it wants harness of tomorrow, and this is harness ") || strings.Contains(err.Error(), "\n") {
		t.Errorf("told %v", err)
	}
	left, err := q.Take(t.Context(), queue.Computing)
	if err != nil || string(left.Body) != string(task) {
		t.Errorf("left is %+v, %v", left, err)
	}
	cancel()
	<-ended
}
