package html

import (
	"cmp"
	"slices"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/trace"
	"gauntlet/harness/msn/reading"
)

// link finds for each exchange the one of the hop before that it carries on.
func link(exchanges []exchange, raw []*history.Exchange) {
	hops := map[int][]int{} // places, in order of time
	for i, x := range raw {
		hops[x.Hop] = append(hops[x.Hop], i)
	}
	for _, places := range hops {
		slices.SortStableFunc(places, func(i, j int) int { return cmp.Compare(raw[i].Began, raw[j].Began) })
	}
	for hop, here := range hops {
		before := hops[hop-1]
		for i, parent := range trace.CarriedOn(reading.MSN{}, at(raw, before), at(raw, here)) {
			if parent >= 0 {
				exchanges[here[i]].Parent = before[parent]
			}
		}
	}
}

// at lists the exchanges at these places.
func at(raw []*history.Exchange, places []int) []*history.Exchange {
	list := make([]*history.Exchange, len(places))
	for i, place := range places {
		list[i] = raw[place]
	}
	return list
}
