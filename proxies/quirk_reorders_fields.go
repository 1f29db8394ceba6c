package proxies

import (
	"bytes"
	"slices"
	"strings"
)

// A faithful box writes header fields in the order in which they came.
//
// Quirk `reorders-fields` (Quirks.ReordersFields): those of requests have an
// order of its own; here it is that of the alphabet, with Host in front.

func (q *Quirks) reorder(head []byte) []byte {
	if !q.ReordersFields {
		return head
	}
	lines := bytes.SplitAfter(bytes.TrimSuffix(head, []byte("\r\n")), []byte("\r\n"))
	fields := lines[1 : len(lines)-1] // before them the request line, behind them nothing
	slices.SortStableFunc(fields, func(a, b []byte) int { return strings.Compare(rank(a), rank(b)) })
	return append(bytes.Join(lines, nil), "\r\n"...)
}

// rank is what a field is sorted by.
func rank(line []byte) string {
	name, _, _ := strings.Cut(strings.ToLower(string(line)), ":")
	if name == "host" {
		return ""
	}
	return name
}
