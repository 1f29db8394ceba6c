// Package near finds what somebody meant by a word that there is not. It knows
// nothing of what the words are for; what reads files and messages that people
// write imports it. It starts no goroutine.
package near

import (
	"cmp"
	"slices"
	"strings"
)

// Suggest says what may stand where word stands.
func Suggest[T ~string](word string, allowed []T) string {
	words := make([]string, len(allowed))
	for i, w := range allowed {
		words[i] = string(w)
	}
	all := "allowed: " + strings.Join(words, ", ")
	if near := slips(word, words, 1); word != "" && len(near) > 0 {
		all += " (did you mean " + near[0] + "?)"
	}
	return all
}

// Hint asks whether one of words was meant; where none is like it, it says
// otherwise.
func Hint[T ~string](word string, words []T, otherwise string) string {
	all := make([]string, len(words))
	for i, w := range words {
		all[i] = string(w)
	}
	near := slips(word, all, 3)
	switch last := len(near) - 1; {
	case word == "" || last < 0:
		return otherwise
	case last == 0:
		return "did you mean " + near[0] + "?"
	default:
		return "did you mean " + strings.Join(near[:last], ", ") + " or " + near[last] + "?"
	}
}

// slips returns up to n of the words that word could be a slip for: those
// with at most a third of its letters wrong, rounded up.
func slips(word string, words []string, n int) []string {
	type candidate struct {
		word string
		cost int
	}
	var near []candidate
	for _, w := range words {
		if c := distance(word, w); c <= (len(word)+2)/3 {
			near = append(near, candidate{w, c})
		}
	}
	slices.SortStableFunc(near, func(a, b candidate) int { return cmp.Compare(a.cost, b.cost) })
	var out []string
	for _, c := range near {
		if len(out) < n && !slices.Contains(out, c.word) { // several things may have one name
			out = append(out, c.word)
		}
	}
	return out
}

// distance is the number of letters to add, drop or change (Levenshtein) so
// that pattern matches word. `*` in pattern stands for anything and `?` for any
// letter, both without cost.
func distance(pattern, word string) int {
	row := make([]int, len(word)+1) // row[j]: from the pattern so far to word[:j]
	for j := range row {
		row[j] = j
	}
	for i := range len(pattern) {
		row = nextRow(row, pattern[i], word)
	}
	return row[len(word)]
}

func nextRow(row []int, letter byte, word string) []int {
	drop, add := 1, 1
	if letter == '*' {
		drop, add = 0, 0
	}
	next := make([]int, len(row))
	next[0] = row[0] + drop
	for j := range len(word) {
		change := 1
		if letter == word[j] || letter == '?' || letter == '*' {
			change = 0
		}
		next[j+1] = min(row[j]+change, row[j+1]+drop, next[j]+add)
	}
	return next
}
