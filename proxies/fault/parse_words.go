package fault

import (
	"strconv"
	"time"
)

func (p *parser) peek() token { return p.tokens[0] }

// take takes the next token; the end is never used up.
func (p *parser) take() token {
	t := p.tokens[0]
	if t.word != "" {
		p.tokens = p.tokens[1:]
	}
	return t
}

func (p *parser) fail(at token, problem string, allowed ...string) error {
	return &SyntaxError{Text: p.text, Offset: at.at, Word: at.word, Problem: problem, Allowed: allowed}
}

func (p *parser) expect(word string) error {
	if t := p.take(); t.word != word {
		return p.fail(t, strconv.Quote(word)+" is wanted", word)
	}
	return nil
}

// number reads a whole number of at least low, in decimal digits.
func (p *parser) number(low int) (int, error) {
	t := p.take()
	n, err := strconv.Atoi(t.word)
	if err != nil || n < low || !isDigits(t.word) {
		return 0, p.fail(t, "a number is wanted", "a number from "+strconv.Itoa(low))
	}
	return n, nil
}

func (p *parser) duration() (time.Duration, error) {
	t := p.take()
	d, err := time.ParseDuration(t.word)
	if err != nil || d <= 0 {
		return 0, p.fail(t, "a duration above zero is wanted", "a duration such as 500ms, 30s or 2m")
	}
	return d, nil
}
