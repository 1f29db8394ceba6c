package yamlfile

import (
	"bytes"
	"fmt"
)

// What is parsed at all. The parser holds a thousand times as much as a file that
// is made for that: 50 kB of brackets took gigabytes. Nobody writes such a file.
const (
	mostBytes   = 1 << 20
	mostLines   = 20_000 // each mistake costs another decoding of all
	longestLine = 16 << 10
	deepest     = 64 // lists and mappings in one another, on a line or in brackets
)

// excess says where, from 1, and why a file is too much for the parser; the problem
// is empty if it is not. It looks at bytes alone, and takes brackets in texts for
// brackets.
func excess(source []byte) (line, column int, problem string) {
	if len(source) > mostBytes {
		return 1, 1, fmt.Sprintf("the file has more than %d bytes; no more are read", mostBytes)
	}
	open := 0
	for text := range bytes.Lines(source) {
		if line++; line > mostLines {
			return line, 1, fmt.Sprintf("a file has at most %d lines", mostLines)
		}
		if len(text) > longestLine {
			return line, longestLine, fmt.Sprintf("a line has at most %d bytes", longestLine)
		}
		if at := tooDeep(text, &open); at > 0 {
			return line, at, fmt.Sprintf("lists and mappings are nested more than %d deep here", deepest)
		}
	}
	return 0, 0, ""
}

// tooDeep is the column, from 1, at which a line goes too deep, with the brackets
// that were open before; 0 if it does not.
func tooDeep(line []byte, open *int) int {
	items, leading := 0, true
	for i, b := range line {
		switch b {
		case '[', '{':
			*open++
		case ']', '}':
			*open = max(0, *open-1)
		case '-', '?':
			if leading {
				items++
			}
		}
		leading = leading && (b == ' ' || b == '-' || b == '?')
		if *open > deepest || items > deepest && !rule(line) {
			return i + 1
		}
	}
	return 0
}

// rule reports whether a line has hyphens alone, without spaces, as people rule off
// comments.
func rule(line []byte) bool {
	return !bytes.Contains(line, []byte("- ")) && !bytes.Contains(line, []byte("? "))
}
