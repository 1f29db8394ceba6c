package html

import (
	"fmt"

	"gauntlet/harness/msn/msnp"
	"gauntlet/harness/msn/reading"
	"gauntlet/harness/report/inert"
	"gauntlet/proxies/http1"
)

// How much is shown of what a peer may have made as long as it likes.
const (
	longestData = 64 << 10 // bytes
	longestLine = 120      // bytes
)

// table holds data once, made harmless. Heads and bodies repeat from hop to
// hop.
type table struct {
	list  []string
	place map[string]int // by the bytes
}

func newTable() *table { return &table{[]string{""}, map[string]int{"": 0}} }

// add is the place of data.
func (t *table) add(data []byte) int {
	place, known := t.place[string(data)]
	if !known {
		place = len(t.list)
		t.place[string(data)] = place
		t.list = append(t.list, shown(data))
	}
	return place
}

// shown is data as it can be looked at, line by line.
func shown(data []byte) string {
	if len(data) <= longestData {
		return inert.Block(string(data))
	}
	return inert.Block(string(data[:longestData])) + fmt.Sprintf("\n… %d bytes more; the history has them", len(data)-longestData)
}

// firstLine is the first line of data, if it is short.
func firstLine(data []byte) string {
	return inert.Short(string(http1.StartLine(data)), longestLine)
}

// commandsIn are the commands of a body in a few words; its first line if it has none.
func commandsIn(from msnp.Side, body []byte) string {
	if words := reading.InWords(from, body); words != "" {
		return inert.Short(words, longestLine)
	}
	return firstLine(body)
}
