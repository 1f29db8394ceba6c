package rig

import (
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"gauntlet/harness/judge/oracle"
)

// A goroutine that was told to end may take that long to be gone.
const (
	goneWithin = 2 * time.Second
	lookEvery  = 20 * time.Millisecond
)

// LeakedGoroutines waits until no goroutine of this process runs code of a client under
// test, and says where one still does after two seconds: the stacks, empty if
// there is none. No run may be under way.
func LeakedGoroutines() string {
	buffer := make([]byte, 1<<20)
	for began := time.Now(); ; {
		stacks := string(buffer[:runtime.Stack(buffer, true)])
		if where(stacks) == "" {
			return ""
		}
		if time.Since(began) > goneWithin {
			return stacks
		}
		<-time.After(lookEvery)
	}
}

// fail is the verdict on a run that ended the wrong way: the client's failure
// if its own code stands on the stacks, else ours. A failure that the history
// shows already says more, and stands.
func (o *Outcome) fail(what, detail, stacks string) {
	o.blame(oracle.Crash, where(stacks), what, detail, stacks)
}

// leak is the verdict on a run whose client did not end all that it had begun;
// culprit is its function on the stacks, empty if there is none.
func (o *Outcome) leak(culprit, stacks string) {
	o.blame(oracle.Leak, culprit, "something was left behind when the client was closed", culprit, stacks)
}

// blame puts a run's end down to the client, or to us if there is no culprit.
func (o *Outcome) blame(verdict func(reason string) oracle.Verdict, culprit, what, detail, stacks string) {
	reason := what + ": " + detail
	switch {
	case o.Result.Status == oracle.Broken:
		return
	case culprit == "":
		o.Result.Status, o.Result.Reason = oracle.Broken, what+": "+lastWord(stacks)
		return
	case o.Result.Status != oracle.Fail:
		o.Result.Status, o.Result.Reason = oracle.Fail, reason
	}
	found := verdict(reason)
	for i, v := range o.Result.Verdicts {
		if v.Requirement == found.Requirement {
			if v.Status == oracle.Fail {
				return
			}
			o.Result.Verdicts = slices.Delete(o.Result.Verdicts, i, i+1)
			break
		}
	}
	o.Result.Verdicts = append(o.Result.Verdicts, found)
}

// ofClients finds the functions of clients under test in a stack.
var ofClients = regexp.MustCompile(`(?m)^(?:created by )?(gauntlet/harness/(?:msn/client|msn/session|mutants)\.\S*?)(?:\([^()]*\))?(?: in goroutine \d+)?$`)

// running is how the stack of a goroutine begins that holds a processor, or
// waits for one only.
var running = regexp.MustCompile(`^goroutine \d+.*\[run(?:ning|nable)\b`)

// where is the first function of the client's on the stacks, of one that runs
// if there is any; empty if there is none. It has no addresses: the same seed
// gives the same reasons.
func where(stacks string) string {
	blocked := ""
	for stack := range strings.SplitSeq(fatal(stacks), "\n\n") {
		found := ofClients.FindStringSubmatch(stack)
		switch {
		case found == nil:
		case running.MatchString(strings.TrimSpace(stack)):
			return found[1]
		case blocked == "":
			blocked = found[1]
		}
	}
	return blocked
}

// firstWords finds how a dead Go program says why.
var firstWords = regexp.MustCompile(`(?m)^(?:panic|fatal error): .*$`)

// fatal is the stack of which a process died, which it prints first and the others behind
// it; all that it printed where none of them did it alone.
func fatal(words string) string {
	at := firstWords.FindStringIndex(words)
	if at == nil || strings.Contains(words[at[0]:at[1]], "deadlock") {
		return words
	}
	for stack := range strings.SplitSeq(words[at[1]:], "\n\n") {
		if strings.HasPrefix(strings.TrimSpace(stack), "goroutine ") {
			return stack
		}
	}
	return words
}

// lastWord is the part of a dead process's words that is worth a line: what it
// died of, and where in the client.
func lastWord(words string) string {
	line := firstWords.FindString(words)
	if line == "" {
		line, _, _ = strings.Cut(strings.TrimSpace(words), "\n")
	}
	if line == "" {
		return "it said nothing"
	}
	if at := where(words); at != "" {
		line += ", in " + at
	}
	return line
}

// bubbled finds the number of the bubble that a goroutine is in.
var bubbled = regexp.MustCompile(`^goroutine \d+.*synctest bubble (\d+)`)

// ofLastBubble are the stacks of the newest bubble's goroutines, after the line
// that says what came up. What older ones left behind stays for good.
func ofLastBubble(stacks string) string {
	said, stacks, _ := strings.Cut(stacks, "\n")
	newest, kept := 0, []string(nil)
	for stack := range strings.SplitSeq(stacks, "\n\n") {
		found := bubbled.FindStringSubmatch(stack)
		if found == nil {
			continue
		}
		n, _ := strconv.Atoi(found[1]) // digits
		if n > newest {
			newest, kept = n, nil
		}
		if n == newest {
			kept = append(kept, stack)
		}
	}
	return strings.Join(append([]string{said}, kept...), "\n\n")
}

// functions finds the functions on a stack, and the packages that they are of.
var functions = regexp.MustCompile(`(?m)^(?:created by )?(((?:[^\s/()]+/)*[^\s/.()]+)\.\S*?)(?:\([^()]*\))?(?: in goroutine \d+)?$`)

// ours are the packages that a case brings along.
var ours = regexp.MustCompile(`^(gauntlet/(harness|proxies)|github\.com/elazarl/goproxy)(/|$)`)

// foreign is the first function on the stacks that is neither Gauntlet's, nor
// Go's, nor of a library of ours: a client from outside of this module. Packages
// of Go's own have no dot in their first word; the main module may have none.
func foreign(stacks, main string) string {
	for _, found := range functions.FindAllStringSubmatch(stacks, -1) {
		function, path := found[1], found[2]
		first, _, _ := strings.Cut(path, "/")
		switch {
		case ours.MatchString(path):
		case main != "" && (path == main || strings.HasPrefix(path, main+"/") || path == main+"_test"), strings.Contains(first, "."):
			return function
		}
	}
	return ""
}

// mainModule is the path of the module whose tests run.
func mainModule() string {
	build, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	return build.Main.Path
}
