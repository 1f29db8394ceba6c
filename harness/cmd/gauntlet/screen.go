package main

import (
	"io"
	"os"
	"sync"
	"unicode/utf8"

	"golang.org/x/term"

	"gauntlet/harness/report/inert"
)

// screen is what the command prints on. Whatever words a client, a file or a run
// directory brought along, nothing in them acts on the terminal. It is safe for
// concurrent use.
type screen struct {
	to io.Writer // where it is printed

	mu   sync.Mutex
	half []byte // the beginning of a character whose rest is still to come
	err  error  // the first
}

// Write tells of all of the text that it was written, or why not.
func (s *screen) Write(text []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	whole := append(s.half, text...)
	end := wholeRunes(whole)
	s.half = append([]byte(nil), whole[end:]...)
	if _, err := io.WriteString(s.to, inert.Screen(string(whole[:end]))); err != nil {
		if s.err == nil {
			s.err = err
		}
		return 0, err
	}
	return len(text), nil
}

// wholeRunes is the length of a text without the character at its end of which
// bytes are missing.
func wholeRunes(text []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(text); n++ {
		if last := text[len(text)-n:]; utf8.RuneStart(last[0]) {
			if !utf8.FullRune(last) {
				return len(text) - n
			}
			break
		}
	}
	return len(text)
}

// lost is why something could not be written; nil if all was.
func (s *screen) lost() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// width is that of lines where nobody's terminal says another.
const width = 100

// wide is how many letters there is room for on a line.
func (s *screen) wide() int {
	if file, is := s.to.(*os.File); is {
		if columns, _, err := term.GetSize(int(file.Fd())); err == nil && columns > 0 {
			return columns
		}
	}
	return width
}

// widthOf is the same of anything that is written to.
func widthOf(out io.Writer) int {
	if s, ours := out.(*screen); ours {
		return s.wide()
	}
	return width
}

// person reports whether somebody reads it.
func (s *screen) person() bool {
	file, is := s.to.(*os.File)
	return is && term.IsTerminal(int(file.Fd()))
}
