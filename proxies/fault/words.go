package fault

import (
	"strconv"
	"strings"
	"time"

	"gauntlet/proxies/syntax"
)

// words are the tokens of a fault that are still to be read, with one of
// foresight.
type words struct {
	text   string
	tokens []token
}

func (p *words) peek() token { return p.tokens[0] }

// take takes the next token; the end is never used up.
func (p *words) take() token {
	t := p.tokens[0]
	if t.word != "" {
		p.tokens = p.tokens[1:]
	}
	return t
}

func (p *words) fail(at token, problem string, allowed ...string) error {
	return &syntax.Error{In: "fault", Text: p.text, Offset: at.at, Word: at.word, Problem: problem, Allowed: allowed}
}

func (p *words) expect(word string) error {
	if t := p.take(); t.word != word {
		return p.fail(t, strconv.Quote(word)+" is wanted", word)
	}
	return nil
}

// number reads a whole number of at least low, in decimal digits.
func (p *words) number(low int) (int, error) {
	t := p.take()
	n, err := strconv.Atoi(t.word)
	if err != nil || n < low || !isDigits(t.word) {
		return 0, p.fail(t, "a number is wanted", "a number from "+strconv.Itoa(low))
	}
	return n, nil
}

func (p *words) duration() (time.Duration, error) {
	t := p.take()
	d, _ := time.ParseDuration(t.word) // 0 for what is none
	if d <= 0 {
		return 0, p.fail(t, "a duration above zero is wanted", "a duration such as 500ms, 30s or 2m")
	}
	return d, nil
}

// takeWords takes the words of phrase if all of them come next.
func (p *words) takeWords(phrase string) bool {
	if !p.nextWords(phrase) {
		return false
	}
	p.tokens = p.tokens[len(strings.Fields(phrase)):]
	return true
}

// nextWords reports whether the words of phrase come next.
func (p *words) nextWords(phrase string) bool {
	for i, w := range strings.Fields(phrase) {
		if i >= len(p.tokens) || p.tokens[i].word != w {
			return false
		}
	}
	return true
}
