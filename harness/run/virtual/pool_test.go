package virtual

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"testing"
)

// asWorker is the argument with which this program is a worker.
const asWorker = "as-worker"

func TestMain(m *testing.M) {
	if slices.Equal(os.Args[1:], []string{asWorker}) {
		os.Args = os.Args[:1]
		Serve(os.Stdin, os.Stdout, func(text json.RawMessage, _ *Blob) json.RawMessage {
			var path string
			if json.Unmarshal(text, &path) == nil {
				_ = os.WriteFile(path, []byte("begun"), 0) // somebody waits for that
			}
			return text
		})
	}
	os.Exit(m.Run())
}

// A worker that has done its part is replaced, between two jobs and between two runs, and
// each job is answered once.
func TestWorkersAreReplaced(t *testing.T) {
	crew := Pool{Args: []string{asWorker}, Workers: 1, Jobs: 2}.Keep(t.Context())
	defer crew.Close()
	var workers []int
	for _, part := range [][]int{{1, 2, 3}, {4}, {5}} {
		answered := map[string]int{}
		var jobs []Job
		for _, n := range part {
			jobs = append(jobs, Job{Text: fmt.Append(nil, n), Ready: func(_ context.Context, pid int) error {
				workers = append(workers, pid)
				return nil
			}})
		}
		if err := crew.Run(t.Context(), jobs, func(i int, a Answer) {
			if a.Died == "" && string(a.Reply.Text) == fmt.Sprint(part[i]) {
				answered[string(a.Reply.Text)]++
			}
		}); err != nil || len(answered) != len(part) {
			t.Fatalf("%v: answered were %v of %v", err, answered, part)
		}
	}
	same := []bool{workers[0] == workers[1], workers[1] == workers[2], workers[2] == workers[3], workers[3] == workers[4]}
	if !slices.Equal(same, []bool{true, false, true, false}) {
		t.Errorf("workers of five jobs, two for each: %v", workers)
	}
}

// Who is waited for before a job knows all that came before it.
func TestReadyIsAskedWhenAllIsTakenOver(t *testing.T) {
	var order []string
	var jobs []Job
	for i := range 3 {
		jobs = append(jobs, Job{Text: fmt.Append(nil, i), Ready: func(context.Context, int) error {
			order = append(order, fmt.Sprint("ready ", i))
			return nil
		}})
	}
	err := Pool{Args: []string{asWorker}, Workers: 1}.Run(t.Context(), jobs, func(i int, _ Answer) {
		order = append(order, fmt.Sprint("done ", i))
	})
	if want := []string{"ready 0", "done 0", "ready 1", "done 1", "ready 2", "done 2"}; err != nil || !slices.Equal(order, want) {
		t.Errorf("%v: %q", err, order)
	}
}

// Where done panics the workers are not left behind: the crew has them again.
func TestADoneThatPanicsLeavesTheWorkers(t *testing.T) {
	crew := Pool{Args: []string{asWorker}, Workers: 2}.Keep(t.Context())
	defer crew.Close()
	func() {
		defer func() {
			if recover() == nil {
				t.Error("nothing is told of it")
			}
		}()
		_ = crew.Run(t.Context(), []Job{{Text: []byte("1")}, {Text: []byte("2")}, {Text: []byte("3")}, {Text: []byte("4")}}, func(int, Answer) { panic("over") })
	}()
	answered := 0
	if err := crew.Run(t.Context(), []Job{{Text: []byte("5")}}, func(int, Answer) { answered++ }); err != nil || answered != 1 {
		t.Errorf("after it: %d answered, %v", answered, err)
	}
}
