package sweep

import (
	"fmt"
	"hash/fnv"
	"iter"
	"math"
	"math/rand/v2"
	"slices"
)

// Breadth is how much of a space is wanted: one of each class always, and what else.
type Breadth struct {
	// Coarse makes classes of what a client's socket cannot tell apart, for runs that
	// take their time; the seed says which of a class stands for it.
	Coarse  bool
	Every   bool // all that is alike, too
	Pairs   bool // two faults, one of each class
	Triples int  // so many of three faults, as chance draws them
	Seed    uint64
}

// Count is how many points there are of each kind, before any is run.
type Count struct {
	Classes int `json:"classes"` // the first of each
	Rest    int `json:"rest"`    // alike; 0 unless every one is wanted
	Pairs   int `json:"pairs"`
	Triples int `json:"triples"`
}

// Sum is all of them.
func (c Count) Sum() int { return c.Classes + c.Rest + c.Pairs + c.Triples }

// Count counts without a run.
func (b Breadth) Count(spaces []Space) (c Count) {
	for _, s := range spaces {
		n := len(b.classes(s))
		c.Classes += n
		if b.Every {
			c.Rest -= n
			for range s.strikes() {
				c.Rest++
			}
		}
		if b.Pairs {
			c.Pairs += n * (n - 1) / 2
		}
	}
	if len(spaces) > 0 {
		c.Triples = b.Triples
	}
	return c
}

// Points are those of the spaces, one after the other and never all at once: one of
// each class first, world by world, then the rest, pairs and triples.
func (b Breadth) Points(spaces []Space) iter.Seq[Point] {
	return func(yield func(Point) bool) {
		for _, part := range []func(Space, func(Point) bool) bool{b.first, b.rest, b.pairs} {
			for _, s := range spaces {
				if !part(s, yield) {
					return
				}
			}
		}
		b.triples(spaces, yield)
	}
}

// first are single faults, one of each class.
func (b Breadth) first(s Space, yield func(Point) bool) bool {
	for _, k := range b.classes(s) {
		if !yield(s.point(k.strike)) {
			return false
		}
	}
	return true
}

// rest are the single faults for which another of their class stands.
func (b Breadth) rest(s Space, yield func(Point) bool) bool {
	if !b.Every {
		return true
	}
	taken := map[int]bool{}
	for _, k := range b.classes(s) {
		taken[k.at] = true
	}
	at := 0
	for k := range s.strikes() {
		if !taken[at] && !yield(s.point(k)) {
			return false
		}
		at++
	}
	return true
}

// placed is a strike, and which one of its space it is.
type placed struct {
	strike
	at int
}

// classes are the strikes that stand for their classes, in the order in which these
// come.
func (b Breadth) classes(s Space) []placed {
	index := map[string]int{}
	var list []placed
	at := 0
	for k := range s.strikes() {
		if b.Coarse {
			k.class = k.coarse
		}
		i, seen := index[k.class]
		switch {
		case !seen:
			index[k.class] = len(list)
			list = append(list, placed{k, at})
		case b.Coarse && b.lot(k) < b.lot(list[i].strike):
			list[i] = placed{k, at}
		}
		at++
	}
	return list
}

// lot is what a strike draws: of a class the lowest stands for it.
func (b Breadth) lot(k strike) uint64 {
	h := fnv.New64a()
	fmt.Fprintf(h, "%d %s", b.Seed, k.fault)
	return h.Sum64()
}

// pairs are two strikes each, every pair once, in an order that is the seed's: who
// has no time for all sees some of everything.
func (b Breadth) pairs(s Space, yield func(Point) bool) bool {
	if !b.Pairs {
		return true
	}
	list := b.classes(s)
	for i := range shuffled(len(list)*(len(list)-1)/2, b.Seed) {
		first, second := pair(i)
		if !yield(s.point(list[first].strike, list[second].strike)) {
			return false
		}
	}
	return true
}

// pair is the ith of all pairs of numbers from 0, the smaller number first.
func pair(i int) (first, second int) {
	second = int((1 + math.Sqrt(float64(1+8*i))) / 2)
	for second*(second-1)/2 > i { // where the root was rounded
		second--
	}
	return i - second*(second-1)/2, second
}

// shuffled are the numbers below n, each once, without a list of them: steps of a
// length that shares no divisor with n come to all.
func shuffled(n int, seed uint64) iter.Seq[int] {
	return func(yield func(int) bool) {
		if n == 0 {
			return
		}
		draw := rand.New(rand.NewPCG(seed, uint64(n)))
		at, stride := draw.IntN(n), 1
		if n > 2 {
			for stride = 1 + draw.IntN(n-1); common(stride, n) != 1; stride = 1 + draw.IntN(n-1) {
			}
		}
		for range n {
			if !yield(at) {
				return
			}
			at = (at + stride) % n
		}
	}
}

func common(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// triples are drawn from all strikes of a world that is drawn as well: the ith is
// the same whatever else is asked for.
func (b Breadth) triples(spaces []Space, yield func(Point) bool) {
	if b.Triples == 0 || len(spaces) == 0 {
		return
	}
	all := make([][]strike, len(spaces))
	for i, s := range spaces {
		all[i] = slices.Collect(s.strikes())
	}
	for i := range b.Triples {
		draw := rand.New(rand.NewPCG(b.Seed, uint64(i)))
		world := draw.IntN(len(spaces))
		list := all[world]
		if len(list) == 0 {
			continue
		}
		places := []int{draw.IntN(len(list)), draw.IntN(len(list)), draw.IntN(len(list))}
		slices.Sort(places)
		places = slices.Compact(places)
		strikes := make([]strike, len(places))
		for n, at := range places {
			strikes[n] = list[at]
		}
		if !yield(spaces[world].point(strikes...)) {
			return
		}
	}
}
