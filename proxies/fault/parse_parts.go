package fault

import (
	"slices"
	"strconv"
	"strings"
)

// arguments reads what the effect takes, in canonical text.
func (p *parser) arguments(e *Effect, wanted []Argument) error {
	for _, a := range wanted {
		if next := p.peek().word; a.Optional && (next == "" || next == ",") {
			return nil
		}
		if a.Before != "" {
			if err := p.expect(a.Before); err != nil {
				return err
			}
			e.Args = append(e.Args, a.Before)
		}
		text, err := p.argument(a)
		if err != nil {
			return err
		}
		e.Args = append(e.Args, text)
	}
	return nil
}

func (p *parser) argument(a Argument) (string, error) {
	switch a.Form {
	case Number:
		n, err := p.number(a.Low)
		return strconv.Itoa(n), err
	case Duration:
		d, err := p.duration()
		return durationText(d), err
	case Signed:
		return p.signed()
	case Name:
		return p.word(a, isFieldName)
	case Text:
		return p.word(a, func(string) bool { return true })
	}
	t := p.take()
	if t.word == "" || !slices.Contains(a.Words, t.word) {
		return "", p.fail(t, "not a "+a.Name+" ("+strings.Join(a.Words, ", ")+")", a.Words...)
	}
	return t.word, nil
}

// signed reads a number that is written with its sign.
func (p *parser) signed() (string, error) {
	t := p.take()
	n, err := strconv.Atoi(t.word)
	if err != nil || n == 0 || !strings.ContainsRune("+-", rune(t.word[0])) {
		return "", p.fail(t, "a number with its sign is wanted", "+N", "-N")
	}
	return t.word[:1] + strconv.Itoa(max(n, -n)), nil
}

// word reads a word that allowed accepts; commas and colons are never part of one.
func (p *parser) word(a Argument, allowed func(string) bool) (string, error) {
	t := p.take()
	if t.word == "" || t.word == "," || t.word == ":" || !allowed(t.word) {
		return "", p.fail(t, "not a "+a.Name, "a "+a.Name)
	}
	return t.word, nil
}

// isFieldName reports whether w can name a header field.
func isFieldName(w string) bool {
	return strings.Trim(w, "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// oftenForms lists how often is written; the last may also follow another.
func oftenForms() []string { return []string{"once", "N times", "every Nth", "with p=X", "until D"} }

func (p *parser) often(f *Fault) error {
	if p.peek().word == "" {
		return nil
	}
	if err := p.expect(","); err != nil {
		return err
	}
	if p.peek().word == "until" {
		f.Often.Rule = Always
	} else if err := p.rule(&f.Often); err != nil {
		return err
	} else if p.peek().word == "" {
		return nil
	} else if err := p.expect(","); err != nil {
		return err
	}
	return p.until(&f.Often)
}

func (p *parser) rule(o *Often) error {
	switch word := p.peek(); {
	case word.word == "once":
		p.take()
		return nil
	case word.word == "every":
		p.take()
		return p.every(o)
	case word.word == "with":
		p.take()
		return p.chance(o)
	case isDigits(word.word):
		return p.times(o)
	default:
		return p.fail(word, "not a way to say how often", oftenForms()...)
	}
}

func (p *parser) times(o *Often) (err error) {
	if o.N, err = p.number(1); err != nil {
		return err
	}
	o.Rule = Times
	return p.expect("times")
}

func (p *parser) every(o *Often) error {
	word := p.take()
	n, err := strconv.Atoi(strings.TrimRight(word.word, "stndrh"))
	if err != nil || n < 1 {
		return p.fail(word, "an ordinal number is wanted", "Nth")
	}
	if word.word != nth(n) {
		return p.fail(word, "not how the ordinal number is written", nth(n))
	}
	o.Rule, o.N = Every, n
	return nil
}

func (p *parser) chance(o *Often) error {
	word := p.take()
	x, err := strconv.ParseFloat(strings.TrimPrefix(word.word, "p="), 64)
	if err != nil || !strings.HasPrefix(word.word, "p=") || !(x > 0 && x <= 1) {
		return p.fail(word, "a probability is wanted, above 0 and at most 1", "p=X")
	}
	o.Rule, o.P = Chance, x
	return nil
}

func (p *parser) until(o *Often) (err error) {
	if err = p.expect("until"); err != nil {
		return err
	}
	if o.Until, err = p.duration(); err != nil {
		return err
	}
	if end := p.peek(); end.word != "" {
		return p.fail(end, "the line goes on after its end", "nothing")
	}
	return nil
}

func isDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
