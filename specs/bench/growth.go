//go:build unix

package main

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"gauntlet/harness/run/virtual"
)

// growing is something of which there can be more.
type growing struct {
	of    string
	sizes []int // each twice the one before
	job   func(n int) job
}

// growths are what a session can have more of. Twice as much is to cost twice as
// much, and no more.
func growths() []growing {
	const forward = "forward port 8080"
	return []growing{
		{"messages", []int{50, 100, 200, 400}, func(n int) job {
			return job{Steps: []string{"sign in", "open chat", fmt.Sprintf("send %d messages of 100 bytes", n), "leave chat", "sign out"}, Chain: forward}
		}},
		{"clients", []int{16, 32, 64, 128}, func(n int) job {
			return job{Steps: []string{"sign in", "stay 20s", "sign out"}, Chain: forward, Clients: n}
		}},
		{"boxes", []int{1, 2, 4, 8}, func(n int) job {
			return job{Steps: pollingSteps(), Chain: strings.Join(slices.Repeat([]string{"relay"}, n), " -> ")}
		}},
		{"hours", []int{1, 2, 4, 8}, func(n int) job {
			return job{Steps: []string{"sign in", fmt.Sprintf("stay %dh", n), "sign out"}, Chain: forward}
		}},
	}
}

// growth measures each at its sizes.
func (b *bench) growth() error {
	crew := b.crew()
	defer crew.Close()
	for _, g := range growths() {
		if b.quick {
			g.sizes = g.sizes[:2]
		}
		if err := b.grow(crew, g); err != nil {
			return fmt.Errorf("%s: %w", g.of, err)
		}
	}
	return nil
}

func (b *bench) grow(crew *virtual.Crew, g growing) error {
	for range b.turns(3) {
		for _, n := range g.sizes {
			c, err := b.costOf(crew, g.job(n), 1)
			if err != nil {
				return err
			}
			b.grown(g.of, n, "cpu-ms", c.CPU.Seconds()*1000)
			b.grown(g.of, n, "allocated-MiB", float64(c.Allocated)/(1<<20))
		}
	}
	b.power(g.of, g.sizes, "cpu-ms", "allocated-MiB")
	return nil
}

func growthRow(of string, n int) string { return fmt.Sprintf("Growth/of=%s/n=%d", of, n) }

func (b *bench) grown(of string, n int, unit string, figure float64) {
	b.table.add(growthRow(of, n), unit, figure)
}

// power is how the cost grows: 1 in step with the size, 2 with its square. It is
// taken from the upper sizes, where what happens once no longer counts for much.
func (b *bench) power(of string, sizes []int, units ...string) {
	high, low := sizes[len(sizes)-1], sizes[max(0, len(sizes)-3)]
	for _, unit := range units {
		least := func(n int) float64 { return slices.Min(b.table.row(growthRow(of, n)).turns[unit]) }
		name := fmt.Sprintf("Growth/of=%s/power", of)
		b.table.add(name, unit+"-power", math.Log(least(high)/least(low))/math.Log(float64(high)/float64(low)))
		b.table.aim(name, unit+"-power", 1.15, atMost)
	}
}
