package wire

import (
	"slices"
	"strconv"
	"time"
)

// number is the argument at i; the fault's grammar has seen to it that it is one.
func (s *Strike) number(i int) int {
	n, _ := strconv.Atoi(s.Args()[i])
	return n
}

// duration is the argument at i.
func (s *Strike) duration(i int) time.Duration {
	d, _ := time.ParseDuration(s.Args()[i])
	return d
}

// after is the argument that stands after a word, "" if it was left out.
func (s *Strike) after(word string) string {
	if i := slices.Index(s.Args(), word); i >= 0 {
		return s.Args()[i+1]
	}
	return ""
}

// durationAfter is that as a duration, 0 if it was left out.
func (s *Strike) durationAfter(word string) time.Duration {
	d, _ := time.ParseDuration(s.after(word))
	return d
}
