package report

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"gauntlet/harness/judge/history"
)

// TestALongHistoryIsCheckedFirst judges one of 32 MB that somebody has made longer.
func TestALongHistoryIsCheckedFirst(t *testing.T) {
	run := storedRun(t, filepath.Join(t.TempDir(), "run"))
	name := filepath.Join(run.Path, "cases", "one", "history.jsonl")
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := history.Unchanged(bytes.NewReader(text), int64(len(text))); err != nil {
		t.Errorf("as it was written: %v", err)
	}
	head, seal, _ := bytes.Cut(text, []byte("\n"))
	file, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	out := bufio.NewWriter(file)
	fmt.Fprintf(out, "%s\n", head)
	for n, size := 1, 0; size < 32<<20; n++ {
		wrote, _ := fmt.Fprintf(out, `{"seq":%d,"at":%d,"from":"hop","kind":"request began","conn":1}`+"\n", n, n) // Flush tells
		size += wrote
	}
	_, _ = out.Write(seal)
	if err := out.Flush(); err != nil || file.Close() != nil {
		t.Fatal(err)
	}
	stored, err := OpenRunDir(run.Path, "cases")
	if err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err = stored[0].Meta()
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; err == nil || !strings.Contains(err.Error(), "digest of the lines above is another") || took > 1<<20 {
		t.Errorf("%v, for %d bytes", err, took)
	}
}
