//go:build unix

// Command bench measures the project against what others have, and prints one
// table in the format of Go's benchmarks, which benchstat reads. The machine's
// mood changes from minute to minute, so what is compared takes turns within one
// run, and what counts are ratios of turns that were neighbours. It writes
// bench.txt, with a line for each turn, and bench.html, a page with plots.
//
// It belongs to the specs and imports what they import; nothing imports it. The
// boxes are processes of their own: products, or this program in a role.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"time"
)

// bench is one run.
type bench struct {
	ctx      context.Context
	quick    bool
	gauntlet string // the command
	self     string // this program
	scratch  string // a folder that is removed at the end
	table    table
}

// section is a part of the table.
type section struct {
	name string
	run  func(*bench) error
}

func sections() []section {
	return []section{
		{"boxes", (*bench).boxes},
		{"sessions", (*bench).sessions},
		{"gateway", (*bench).gateway},
		{"growth", (*bench).growth},
		{"certify", (*bench).certify},
		{"day", (*bench).day},
	}
}

func main() {
	if done, err := playRole(os.Args[1:]); done {
		exitWith(err)
	}
	out := flag.String("out", "out", "folder for bench.txt and bench.html")
	gauntlet := flag.String("gauntlet", "", "the command to measure; without it, it is built")
	quick := flag.Bool("quick", os.Getenv("BENCH_QUICK") != "", "so few turns that the figures say little")
	only := flag.String("only", "", "regular expression of the sections to run")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	b := &bench{ctx: ctx, quick: *quick, gauntlet: *gauntlet}
	exitWith(b.run(*only, *out))
}

func exitWith(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

func (b *bench) run(only, out string) (err error) {
	wanted, err := regexp.Compile(only)
	if err != nil {
		return err
	}
	if b.scratch, err = os.MkdirTemp("", "gauntlet-bench-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(b.scratch)) }()
	if b.self, err = os.Executable(); err != nil {
		return err
	}
	if err := b.build(); err != nil {
		return err
	}
	for _, s := range sections() {
		if !wanted.MatchString(s.name) {
			continue
		}
		began := time.Now()
		fmt.Fprintf(os.Stderr, "%s …\n", s.name)
		if err := s.run(b); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		fmt.Fprintf(os.Stderr, "%s: %v\n", s.name, time.Since(began).Round(time.Second))
	}
	return b.table.publish(os.Stdout, out)
}

// build makes the command, unless one was given.
func (b *bench) build() error {
	if b.gauntlet != "" {
		path, err := filepath.Abs(b.gauntlet)
		b.gauntlet = path
		return err
	}
	b.gauntlet = filepath.Join(b.scratch, "gauntlet")
	said, err := exec.CommandContext(b.ctx, "go", "build", "-o", b.gauntlet, "gauntlet/harness/cmd/gauntlet").CombinedOutput()
	if err != nil {
		return fmt.Errorf("build the command: %w: %s", err, said)
	}
	return nil
}

// turns is how often each of those that are compared has its turn: odd, so that
// one of them is the median.
func (b *bench) turns(full int) int {
	if b.quick {
		return 1
	}
	return full
}
