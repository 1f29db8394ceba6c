//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// call is what one call of the command took.
type call struct {
	cpu, wall      time.Duration
	parent, worker int64 // the most memory it and any of its children had resident, in bytes
}

// call runs the command and watches it and its children.
func (b *bench) call(args ...string) (c call, err error) {
	cmd := exec.CommandContext(b.ctx, b.gauntlet, args...)
	var said strings.Builder
	cmd.Stderr = &said
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return c, err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for tick := time.NewTicker(20 * time.Millisecond); ; {
		select {
		case err := <-ended:
			tick.Stop()
			c.wall = time.Since(began)
			c.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime() // with its children's
			if err != nil {
				return c, fmt.Errorf("%s: %w: %s", strings.Join(args[:min(3, len(args))], " "), err, said.String())
			}
			return c, nil
		case <-tick.C:
			c.look(cmd.Process.Pid)
		}
	}
}

// look sees how much memory they have had resident at the most up to now.
func (c *call) look(pid int) {
	c.parent = max(c.parent, peakOf(strconv.Itoa(pid)))
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid)) // none once it has ended
	for _, file := range tasks {
		children, _ := os.ReadFile(file)
		for _, child := range strings.Fields(string(children)) {
			c.worker = max(c.worker, peakOf(child))
		}
	}
}

// peakOf is a process's peak of resident memory; 0 for one that has ended.
func peakOf(pid string) int64 {
	status, _ := os.ReadFile("/proc/" + pid + "/status")
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	words := strings.Fields(rest)
	if len(words) == 0 {
		return 0
	}
	kib, _ := strconv.ParseInt(words[0], 10, 64)
	return kib << 10
}

// record adds a call's figures.
func (c call) record(t *table, name string) {
	const mib = 1 << 20
	t.add(name, "cpu-s", c.cpu.Seconds())
	t.add(name, "wall-s", c.wall.Seconds())
	t.add(name, "parent-MiB", float64(c.parent)/mib)
	if c.worker > 0 {
		t.add(name, "worker-MiB", float64(c.worker)/mib)
	}
}

// certify measures whole runs of the catalogue, from a part of it to all, and
// the report of the last.
func (b *bench) certify() error {
	ids, err := b.catalogue()
	if err != nil {
		return err
	}
	const whole = "Command/of=certify"
	var sizes []int
	run := ""
	for _, every := range []int{8, 4, 2, 1} {
		if b.quick {
			every *= 64
		}
		some := eachOf(ids, every)
		run = filepath.Join(b.scratch, fmt.Sprintf("run-%d", every))
		c, err := b.call("certify", "--case", strings.Join(some, ","), "--out", run)
		if err != nil {
			return err
		}
		sizes = append(sizes, len(some))
		b.grown("cases", len(some), "cpu-ms", c.cpu.Seconds()*1000)
		b.grown("cases", len(some), "parent-MiB", float64(c.parent)/(1<<20))
		if len(sizes) == 4 {
			c.record(&b.table, whole)
		}
	}
	b.power("cases", sizes, "cpu-ms")
	b.certifyAims(whole)
	return b.report(run)
}

func (b *bench) certifyAims(whole string) {
	b.table.aim(whole, "cpu-s", 10, atMost)
	b.table.aim(whole, "wall-s", 8, atMost)
	b.table.aim(whole, "parent-MiB", 100, atMost)
	b.table.aim(whole, "worker-MiB", 100, atMost)
}

// catalogue is the ids of all cases, in their order.
func (b *bench) catalogue() (ids []string, err error) {
	out, err := exec.CommandContext(b.ctx, b.gauntlet, "list", "--json").Output()
	if err != nil {
		return nil, err
	}
	var all []struct{ ID string }
	if err := json.Unmarshal(out, &all); err != nil {
		return nil, err
	}
	for _, c := range all {
		ids = append(ids, c.ID)
	}
	return ids, nil
}

// eachOf is every so-manieth of a list, so that a part is like the whole.
func eachOf(list []string, every int) (some []string) {
	for i := every - 1; i < len(list); i += every {
		some = append(some, list[i])
	}
	return some
}

// report measures the page of a run.
func (b *bench) report(run string) error {
	const name = "Command/of=report"
	file := filepath.Join(b.scratch, "report.html")
	for range b.turns(3) {
		c, err := b.call("report", run, "--html="+file)
		if err != nil {
			return err
		}
		c.record(&b.table, name)
		info, err := os.Stat(file)
		if err != nil {
			return err
		}
		b.table.add(name, "page-MiB", float64(info.Size())/(1<<20))
	}
	b.table.aim(name, "wall-s", 1, atMost)
	b.table.aim(name, "page-MiB", 2, atMost)
	return nil
}

// dayCase is a session that lasts.
const dayCase = `id: a-long-day
title: a session that lasts
why: memory has to stay in bounds however long a session is
proves: [poll.keeps-going]
chain: ["forward port 8080"]
workload: ["sign in", "stay %dh", "sign out"]
`

// day measures a session of a whole day in virtual time.
func (b *bench) day() error {
	const name = "Command/of=day"
	hours := 24
	if b.quick {
		hours = 1
	}
	file := filepath.Join(b.scratch, "day.yaml")
	if err := os.WriteFile(file, fmt.Appendf(nil, dayCase, hours), 0o644); err != nil {
		return err
	}
	c, err := b.call("certify", "--file", file, "--out", filepath.Join(b.scratch, "day"))
	if err != nil {
		return err
	}
	c.record(&b.table, name)
	b.table.aim(name, "parent-MiB", 200, atMost)
	b.table.aim(name, "worker-MiB", 200, atMost)
	return nil
}
