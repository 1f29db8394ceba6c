package child

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// Who asks while others are counted waits for the next count, with all who do; nobody is
// told of one that began before the question.
func TestCensusCountsOnceForAllWhoAskAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c census
		var counts [][]string
		count := func(marks []string) map[string][]int {
			counts = append(counts, slices.Sorted(slices.Values(marks)))
			found := map[string][]int{}
			for i, mark := range counts[len(counts)-1] {
				found[mark] = []int{10*len(counts) + i}
			}
			time.Sleep(time.Minute)
			return found
		}
		said := make(chan int, 4)
		for i, mark := range []string{"a", "b", "c", "d"} {
			go func() {
				time.Sleep(time.Duration(i) * time.Second)
				if pids := c.of(mark, count); len(pids) == 1 {
					said <- pids[0]
				}
			}()
		}
		began := time.Now()
		got := []int{<-said, <-said, <-said, <-said}
		slices.Sort(got)
		if want := []int{10, 20, 21, 22}; !slices.Equal(got, want) || time.Since(began) != 2*time.Minute {
			t.Errorf("%v after %s, counted %v", got, time.Since(began), counts)
		}
	})
}
