package oracle

import (
	"testing"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/trace"
)

// Whoever says more is not judged with ever more memory for each word.
func TestALongTaleCostsNoMoreForEachPart(t *testing.T) {
	long := &trace.Trace{}
	for range 500 {
		long.Requests = append(long.Requests, &trace.Request{Exchange: &history.Exchange{Conn: 1, Body: []byte("MSG 1 N 5\r\nhello")}})
	}
	if n := testing.AllocsPerRun(3, func() { finalAnswer(long) }); n > 10 {
		t.Errorf("that 500 requests had no interim answer costs %.0f allocations", n)
	}
}
