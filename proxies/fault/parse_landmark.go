package fault

import "strings"

func (p *parser) landmark(f *Fault) error {
	switch f.Trigger.On {
	case Connection:
		f.Landmark.At = AtAccept
		return nil
	case Idle:
		f.Landmark = Landmark{At: AtIdle, After: f.Trigger.After}
		return nil
	}
	if err := p.expect(","); err != nil {
		return err
	}
	return p.place(&f.Landmark, f.Trigger.InBody)
}

// place reads a landmark of an exchange. What only the body tells is known too
// late for the landmarks before the last byte of the request.
func (p *parser) place(l *Landmark, inBody bool) error {
	first := AtHead
	if inBody {
		first = AtForward
	}
	word := p.peek()
	for at := AtHead; at <= AtIdle; at++ {
		if !p.takeWords(at.String()) {
			continue
		}
		if at < first {
			return p.fail(word, "a word of the body is not yet known there", forms(first)...)
		}
		l.At = at
		return p.measure(l)
	}
	return p.fail(word, "not a landmark", forms(first)...)
}

// measure reads the number or the duration that belongs to l.At.
func (p *parser) measure(l *Landmark) (err error) {
	switch l.At {
	case AtRequestByte, AtResponseByte:
		l.Byte, err = p.number(1)
	case AtIdle:
		l.After, err = p.duration()
	}
	return err
}

// takeWords takes the words of phrase if all of them come next.
func (p *parser) takeWords(phrase string) bool {
	if !p.nextWords(phrase) {
		return false
	}
	p.tokens = p.tokens[len(strings.Fields(phrase)):]
	return true
}

// nextWords reports whether the words of phrase come next.
func (p *parser) nextWords(phrase string) bool {
	for i, w := range strings.Fields(phrase) {
		if i >= len(p.tokens) || p.tokens[i].word != w {
			return false
		}
	}
	return true
}
