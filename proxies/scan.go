package proxies

import "strings"

// word is one word of a spec and the place where it begins in the whole text.
type word struct {
	text   string
	offset int
}

// scanner walks over the words of text[from:to]; errors speak of all of text.
type scanner struct {
	text  string
	words []word
	end   int
	last  word // the word that next gave
}

func scan(text string, from, to int) *scanner {
	s := &scanner{text: text, end: to, last: word{offset: to}}
	for at := from; at < to; {
		rest := text[at:to]
		at += len(rest) - len(strings.TrimLeft(rest, " \t"))
		n := strings.IndexAny(text[at:to]+" ", " \t")
		if n > 0 {
			s.words = append(s.words, word{text[at : at+n], at})
		}
		at += n
	}
	return s
}

func (s *scanner) more() bool { return len(s.words) > 0 }

// next takes a word; at the end it is the empty word.
func (s *scanner) next() word {
	s.last = word{offset: s.end}
	if s.more() {
		s.last, s.words = s.words[0], s.words[1:]
	}
	return s.last
}

// take consumes the next word if it is the wanted one.
func (s *scanner) take(wanted string) bool {
	if s.more() && s.words[0].text == wanted {
		s.next()
		return true
	}
	return false
}

// wrong blames the word that next gave last.
func (s *scanner) wrong(problem string, allowed ...string) error {
	return &SpecError{Text: s.text, Offset: s.last.offset, Word: s.last.text, Problem: problem, Allowed: allowed}
}

// blame is wrong for the first of words that is the one.
func (s *scanner) blame(words []word, one, problem string) error {
	for _, w := range words {
		if w.text == one {
			s.last = w
			break
		}
	}
	return s.wrong(problem)
}
