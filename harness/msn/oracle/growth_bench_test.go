//go:build unix

package oracle

import (
	"syscall"
	"testing"
	"time"

	"gauntlet/harness/msn/reading"
)

// BenchmarkALongHistory reports how much longer it takes to judge a history that is eight
// times as long: about eight times, and 64 times where each event is compared with all.
func BenchmarkALongHistory(b *testing.B) {
	const few = 400
	for name, shape := range shapes {
		b.Run(name, func(b *testing.B) {
			var short, long time.Duration
			for b.Loop() {
				short, long = short+timeOf(shape, few), long+timeOf(shape, few*times)
			}
			b.ReportMetric(long.Seconds()/short.Seconds(), "times-as-long")
		})
	}
}

// timeOf is how long the processor takes to judge a history of a shape.
func timeOf(shape func(*tale, int), n int) time.Duration {
	h := shaped(shape, n)
	began := processor()
	judge(h, reading.MSN{})
	return processor() - began
}

func processor() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u) // of ourselves it never fails
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
