package fault

import (
	"net"
	"slices"
	"strconv"
	"strings"
)

// arguments reads what the effect takes, in canonical text.
func (p *parser) arguments(e *Effect, wanted []Argument) error {
	for i, a := range wanted {
		last := i == len(wanted)-1
		for given := p.gives(a, last); given; given = a.Repeats && p.gives(a, last) {
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
	}
	return nil
}

// gives reports whether the argument comes next, or has to: what stands behind the
// others can only be the last.
func (p *parser) gives(a Argument, last bool) bool {
	switch next := p.peek().word; {
	case !a.Optional:
		return true
	case next == "" || next == ",":
		return false
	case last:
		return true
	case a.Before != "":
		return next == a.Before
	case a.Form == Choice:
		return slices.Contains(a.Words, next)
	}
	return true
}

func (p *parser) argument(a Argument) (string, error) {
	switch a.Form {
	case Number:
		return p.within(a)
	case Duration:
		d, err := p.duration()
		return durationText(d), err
	case Signed:
		return p.signed()
	case Name:
		return p.word(a, isFieldName)
	case Text, URL:
		return p.word(a, func(string) bool { return true })
	case FieldLine:
		return p.word(a, isFieldLine)
	case Address:
		return p.word(a, func(text string) bool { return net.ParseIP(text) != nil })
	}
	t := p.take()
	if !slices.Contains(a.Words, t.word) {
		return "", p.fail(t, "not a "+a.Name+" ("+strings.Join(a.Words, ", ")+")", a.Words...)
	}
	return t.word, nil
}

// within reads a number that has bounds.
func (p *parser) within(a Argument) (string, error) {
	at := p.peek()
	if a.High == 0 {
		n, err := p.number(a.Low)
		return strconv.Itoa(n), err
	}
	n, err := p.number(0)
	if err != nil || n < a.Low || n > a.High {
		return "", p.fail(at, "not a "+a.Name, "a number from "+strconv.Itoa(a.Low)+" to "+strconv.Itoa(a.High))
	}
	return strconv.Itoa(n), nil
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

// word reads a word, or what stands in quotes, that allowed accepts, and gives it
// as it is written shortest. Commas and colons are never a word.
func (p *parser) word(a Argument, allowed func(string) bool) (string, error) {
	t := p.take()
	if t.word == "" || t.word == "," || t.word == ":" || !allowed(unquoted(t.word)) {
		return "", p.fail(t, "not a "+a.Name, "a "+a.Name)
	}
	return quoted(unquoted(t.word)), nil
}

// unquoted is what stands in quotes, or the word itself.
func unquoted(word string) string {
	if text, err := strconv.Unquote(word); err == nil {
		return text
	}
	return word
}

// quoted puts text into quotes unless it is one word without them.
func quoted(text string) string {
	if text != "" && wordLength(text) == len(text) && unquoted(text) == text {
		return text
	}
	return strconv.Quote(text)
}

// isFieldName reports whether w can name a header field.
func isFieldName(w string) bool {
	return w != "" && strings.Trim(w, "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// isFieldLine reports whether text is a header field without its line end.
func isFieldLine(text string) bool {
	name, _, found := strings.Cut(text, ":")
	return found && isFieldName(name) && !strings.ContainsAny(text, "\r\n")
}

// oftenForms lists how often is written; the last may also follow another.
func oftenForms() []string {
	return []string{"once", "N times", "every Nth", "with p=X", "from D", "until D"}
}

func (p *parser) often(f *Fault) error {
	if p.peek().word == "" {
		return nil
	}
	if err := p.expect(","); err != nil {
		return err
	}
	if next := p.peek().word; next == "until" || next == "from" {
		f.Often.Rule = Always
	} else if err := p.rule(&f.Often); err != nil {
		return err
	} else if p.peek().word == "" {
		return nil
	} else if err := p.expect(","); err != nil {
		return err
	}
	return p.window(&f.Often)
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

// window reads "from D until D", either of which may be left out.
func (p *parser) window(o *Often) (err error) {
	if p.takeWords("from") {
		if o.From, err = p.duration(); err != nil {
			return err
		}
	}
	if at := p.peek(); o.From == 0 || at.word != "" {
		if err = p.expect("until"); err != nil {
			return err
		}
		end := p.peek()
		if o.Until, err = p.duration(); err != nil {
			return err
		}
		if o.Until <= o.From {
			return p.fail(end, "the window ends before it begins", "a duration above "+durationText(o.From))
		}
	}
	if end := p.peek(); end.word != "" {
		return p.fail(end, "the line goes on after its end", "nothing")
	}
	return nil
}

func isDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
