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
