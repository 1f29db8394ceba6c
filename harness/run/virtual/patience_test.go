package virtual

import (
	"os"
	"testing"
	"time"
)

func TestPatience(t *testing.T) {
	const s, ms = time.Second, time.Millisecond
	for _, test := range []struct {
		name    string
		silence time.Duration
		gets    []time.Duration // of a processor in each pause; from the last on always as much
		queued  time.Duration   // for one, in each pause
		want    time.Duration   // until it is ended; 0: not in an hour
	}{
		{"it waits", 30 * s, []time.Duration{3 * s, 290 * ms, 0}, 0, 30 * s},
		{"it did a little first", 30 * s, []time.Duration{3 * s, 300 * ms, 0}, 0, 35 * s},
		{"it works, and waits then", 30 * s, []time.Duration{2 * s, 2 * s, 0}, 0, 35 * s},
		{"it computes without end", 30 * s, []time.Duration{5 * s}, 0, 10 * s},
		{"the same where many do", 30 * s, []time.Duration{s}, 4 * s, 50 * s},
		{"it computes, and nearly too much", 30 * s, []time.Duration{5 * s, 4990 * ms, 0}, 0, 35 * s},
		{"it is hardly ever let", 30 * s, []time.Duration{100 * ms}, 0, 5 * time.Minute},
		{"it is hardly ever let, and has long", 10 * time.Minute, []time.Duration{2 * s}, 0, 10 * time.Minute},
		{"it is never let", 30 * s, []time.Duration{0}, 5 * s, 5 * time.Minute},
		{"it is let at once", 30 * s, []time.Duration{0}, 59 * ms, 30 * s},
		{"it was not let at once", 30 * s, []time.Duration{0}, 60 * ms, 5 * time.Minute},
	} {
		var used usage
		looked := 0
		p := newPatience(test.silence, 0, func() (usage, bool) {
			looked++
			used.ran += test.gets[min(looked, len(test.gets))-1]
			used.queued += test.queued
			return used, true
		})
		for !p.ends(p.pause()) && p.waited < time.Hour {
		}
		if p.waited != test.want {
			t.Errorf("%s: ended after %s, want %s", test.name, p.waited, test.want)
		}
	}
	p := newPatience(30*s, 0, func() (usage, bool) { return usage{}, false })
	for !p.ends(p.pause()) {
	}
	if p.waited != 30*s {
		t.Errorf("nobody tells what it used: ended after %s", p.waited)
	}
}

// A look that comes late tells nothing of the worker, nor does one before it; and who is
// ready to run does not hang.
func TestPatienceOnAMachineThatStandsStill(t *testing.T) {
	const s, ms = time.Second, time.Millisecond
	for _, test := range []struct {
		name    string
		took    []time.Duration // each pause; from the last on always as long
		ready   int             // at so many looks
		unknown bool            // what it used
		want    time.Duration
	}{
		{"never", []time.Duration{5 * s}, 0, false, 30 * s},
		{"hardly", []time.Duration{5 * s, 5*s + s, 5 * s}, 0, false, 31 * s},
		{"once", []time.Duration{5 * s, 6*s + ms, 5 * s}, 0, false, 36*s + ms},
		{"for long", []time.Duration{5 * s, 5 * s, 5 * s, 5 * s, 5 * s, 87 * s, 5 * s}, 0, false, 137 * s},
		{"for long, and nobody tells", []time.Duration{5 * s, 5 * s, 5 * s, 5 * s, 5 * s, 87 * s, 5 * s}, 0, true, 137 * s},
		{"again and again", []time.Duration{7 * s}, 0, false, 602 * s},
		{"it is ready", []time.Duration{5 * s}, 8, false, 45 * s},
	} {
		looked := 0
		p := newPatience(30*s, 0, func() (usage, bool) {
			looked++
			return usage{ready: looked <= test.ready}, !test.unknown
		})
		for !p.ends(test.took[min(looked, len(test.took)-1)]) && p.waited < time.Hour {
		}
		if p.waited.Round(s) != test.want.Round(s) {
			t.Errorf("%s: ended after %s, want %s", test.name, p.waited, test.want)
		}
	}
}

func TestUsage(t *testing.T) {
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("only Linux tells")
	}
	before, known := usageOf(os.Getpid())
	for now := before; known && now.ran < before.ran+3*clockTick; now, known = usageOf(os.Getpid()) {
	}
	if !known {
		t.Error("it is not known of us")
	}
	if _, err := os.Stat("/proc/self/schedstat"); err == nil {
		if queued, ready := queuedOf(os.Getpid()); queued <= 0 || !ready {
			t.Errorf("we waited %s for a processor, and have one now: %v", queued, ready)
		}
	}
	if used, known := usageOf(1 << 30); known {
		t.Errorf("nobody has used %v", used)
	}
}
