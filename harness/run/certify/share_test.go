package certify

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"gauntlet/fixtures"
	"gauntlet/harness/msn/servers"
	"gauntlet/harness/run/queue"
	"gauntlet/harness/run/rig"
	"gauntlet/harness/run/virtual"
)

// What a worker elsewhere answers comes as it was; where it gives no history there is
// none, and not one that is empty.
func TestAnswersOnTheirWay(t *testing.T) {
	for name, want := range map[string]virtual.Answer{
		"with a history":    {Reply: virtual.Reply{Text: []byte(`{"a":1}`), Blob: []byte("one\ntwo\n")}},
		"without a history": {Reply: virtual.Reply{Text: []byte(`{"a":1}`)}},
		"of who has died":   {Died: "panic: bad"},
	} {
		text, err := sealed(want)
		if err != nil {
			t.Fatal(err)
		}
		got, by, err := opened(text)
		if err != nil || by == "" || string(got.Reply.Text) != string(want.Reply.Text) || string(got.Reply.Blob) != string(want.Reply.Blob) || got.Died != want.Died {
			t.Errorf("%s: %+v by %q, %v", name, got, by, err)
		}
		if (got.Reply.Blob == nil) != (want.Reply.Blob == nil) {
			t.Errorf("%s: history %q", name, got.Reply.Blob)
		}
	}
	if _, _, err := opened([]byte("nonsense")); err == nil {
		t.Error("nonsense is taken for an answer")
	}
}

// A run goes on under its id, even if it was killed before that was written.
func TestSharedID(t *testing.T) {
	dir := t.TempDir()
	of := func() string {
		t.Helper()
		id, err := sharedID(dir)
		stored, unread := os.ReadFile(filepath.Join(dir, sharedIn))
		if err != nil || unread != nil || id == "" || string(stored) != id {
			t.Fatalf("%q, in the file %q: %v, %v", id, stored, err, unread)
		}
		return id
	}
	first := of()
	if again := of(); again != first {
		t.Errorf("goes on as %q, not as %q", again, first)
	}
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, sharedIn), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("")
	if fresh := of(); fresh == first {
		t.Errorf("%q comes of an empty file", fresh)
	}
	for _, text := range []string{"a.b", "a b", "*", ">"} {
		write(text)
		if id, err := sharedID(dir); err == nil || !strings.Contains(err.Error(), "no id of a shared run: remove it") {
			t.Errorf("%q is read as %q, %v", text, id, err)
		}
	}
}

// Who works for a run of his own leaves tasks of others that he cannot perform; his own he
// has to be able to.
func TestTasksOfOthersAreLeft(t *testing.T) {
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoLog: true, NoSigs: true, JetStream: true, StoreDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("the server does not start")
	}
	q, err := queue.Open(t.Context(), queue.Options{URL: s.ClientURL()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(q.Close)
	client, err := nats.Connect(s.ClientURL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	handed := make(chan *nats.Msg, 2)
	if _, err := client.ChanSubscribe("gauntlet.task.>", handed); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	var runs sync.WaitGroup
	t.Cleanup(func() { stop(); runs.Wait() })
	for _, id := range []string{"theirs", "ours"} {
		r, err := queue.Begin(ctx, q, id)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(r.End)
		runs.Go(func() {
			_ = r.Do(ctx, lane(rig.Virtual), [][]byte{[]byte(`{"version":"another"}`)}, func(int, []byte) { t.Error("it was performed") })
		})
		<-handed
	}
	h := &Helper{Library: Open(fixtures.Files(), servers.MSN()), Queue: q, Own: "ours", Computing: 1, Waiting: 1}
	if err := h.Work(t.Context()); err == nil || !strings.HasPrefix(err.Error(), "cannot work for run ours: it wants another, and this is ") {
		t.Errorf("told %v", err)
	}
}
