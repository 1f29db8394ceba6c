package rig

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
	"time"

	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/virtual"
)

// longestWall is the real time after which a case in virtual time has hung,
// unless its budget says that it may work for longer.
const longestWall = time.Minute

// InBubble performs and judges a case in virtual time in this process, in a
// bubble that t is lent for; it may not be called from two goroutines at once.
// Unlike in a worker, a client that panics in a goroutine of its own, or goes
// on for ever after Close, ends the process: a bubble cannot be given up.
func InBubble(t *testing.T, c catalogue.Case, o Options) Outcome {
	out := Outcome{Case: c, Result: newResult(Run{Case: c, Options: o}, 0)}
	began := time.Now()
	watch := time.AfterFunc(longestWall+budgetOf(c).work, func() {
		panic(fmt.Sprintf("case %s: the client keeps a processor busy, or goes on after Close, without end", c.ID))
	})
	defer watch.Stop()
	left := virtual.Try(t, func() { out = One(context.Background(), c, o) })
	out.Result.Wall = time.Since(began).Milliseconds()
	if left != "" {
		left = ofLastBubble(left)
		culprit := cmp.Or(where(left), foreign(left, mainModule()))
		out.leak(culprit, left)
	}
	return out
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
