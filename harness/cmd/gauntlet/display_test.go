package main

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/rig"
)

// shownIn returns what is shown in each part: a self-check, a run of two cases until the
// first of them fails, and the rest of the run; each part takes the time that lasts says.
func shownIn(t *testing.T, lasts time.Duration, f certifyFlags, on func(*display)) (texts []string) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		d := newDisplay(&out, &f)
		on(d)
		end := d.pulse.beat()
		step := func() {
			time.Sleep(lasts)
			synctest.Wait()
			d.pulse.mu.Lock()
			defer d.pulse.mu.Unlock()
			texts = append(texts, out.String())
			out.Reset()
		}
		d.checking("mine")
		step()
		d.checked("mine", rig.Check{Failed: "it ended by itself"})
		d.began(2, 22*time.Second)
		step()
		d.judged(rig.Outcome{Case: catalogue.Case{ID: "one"}, Result: rig.Result{Status: oracle.Fail, Reason: "it gives up"}})
		step()
		end()
		texts = append(texts, out.String())
	})
	return texts
}

func aLog(*display) {}

func aTerminal(d *display) {
	d.report.Lines = false
	d.pulse.lines, d.pulse.bars = nil, d.out
}

func TestWhatGoesOnIsShownFromItsFirstSecond(t *testing.T) {
	texts := shownIn(t, 1500*time.Millisecond, certifyFlags{}, aTerminal)
	for i, wants := range [][]string{
		{"self-check: mine signs in once  [0s]", "self-check: mine signs in once  [1s]"},
		{"self-check: mine reaches the gateway, but fails there: it ended by itself\n", "in real time: a case takes up to 22s and a little more\n", "0 failed, controls 0, cases", "(0/2) [1s:0s]"},
		{"Fail", "it gives up", "1 failed, controls 0, cases", "(1/2)", "[2s:"},
	} {
		for _, want := range wants {
			if !strings.Contains(texts[i], want) {
				t.Errorf("part %d lacks %q: %q", i, want, texts[i])
			}
		}
	}
	if last := texts[len(texts)-1]; strings.Trim(last, " \r") != "" {
		t.Errorf("in the end the line is not free: %q", last)
	}
}

func TestALogHearsOfWhatGoesOnNowAndThen(t *testing.T) {
	texts := shownIn(t, 31*time.Second, certifyFlags{}, aLog)
	for i, want := range []string{
		"… self-check: mine signs in once, 15s so far\n… self-check: mine signs in once, 30s so far\n",
		"self-check: mine reaches the gateway, but fails there: it ended by itself\nin real time: a case takes up to 22s and a little more\n" +
			"… 0 failed, controls 0, cases 0 of 2, 15s so far\n… 0 failed, controls 0, cases 0 of 2, 30s so far\n",
		"Fail          one                                          it gives up\n" +
			"… 1 failed, controls 0, cases 1 of 2, 46s so far\n… 1 failed, controls 0, cases 1 of 2, 1m1s so far\n",
		"",
	} {
		if texts[i] != want {
			t.Errorf("part %d: %q, want %q", i, texts[i], want)
		}
	}
}

func TestNothingIsShownToAMachine(t *testing.T) {
	texts := shownIn(t, 31*time.Second, certifyFlags{json: true}, aLog)
	if all := strings.Join(texts, ""); all != "" {
		t.Errorf("%q", all)
	}
}

// Who painted a word is nobody's to say but ours.
func TestAColourOfAnothersIsShownAndPaintsNothing(t *testing.T) {
	var out bytes.Buffer
	on := &screen{to: &out}
	_, _ = on.Write([]byte("client \x1b[32mPass\x1b[0m\n"))
	_, _ = painted{on}.Write([]byte("\x1b[31mFail\x1b[0m\x1b[2J\n"))
	if want := "client \\x1b[32mPass\\x1b[0m\n\x1b[31mFail\x1b[0m\\x1b[2J\n"; out.String() != want {
		t.Errorf("shown is %q, want %q", out.String(), want)
	}
}
