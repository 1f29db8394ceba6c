package fault

import (
	"maps"
	"slices"
)

// Parse reads one fault. The error is always a *syntax.Error.
func Parse(text string, v Vocabulary) (Fault, error) {
	return parseWith(text, v, registry)
}

func parseWith(text string, v Vocabulary, effects map[string]Kind) (Fault, error) {
	p := &parser{words: words{text, scan(text)}, vocabulary: v, effects: effects}
	var f Fault
	for _, part := range []func(*Fault) error{p.hop, p.trigger, p.landmark, p.effect, p.often} {
		if err := part(&f); err != nil {
			return Fault{}, err
		}
	}
	return f, nil
}

// parser reads the parts of a fault one after the other.
type parser struct {
	words
	vocabulary Vocabulary
	effects    map[string]Kind
	streams    bool // requests are streams at the fault's hop
}

func (p *parser) hop(f *Fault) error {
	if err := p.expect("hop"); err != nil {
		return err
	}
	at := p.peek()
	n, err := p.number(0)
	if err != nil {
		return err
	}
	if p.vocabulary.Hops > 0 && n >= p.vocabulary.Hops {
		return p.fail(at, "there is no such hop", p.vocabulary.hopNumbers()...)
	}
	f.Hop, p.streams = n, slices.Contains(p.vocabulary.Streams, n)
	return p.expect(":")
}

func (p *parser) trigger(f *Fault) error {
	switch word := p.peek().word; {
	case word == "on":
		p.take()
		return p.on(&f.Trigger)
	case p.streams && (word == "after" || word == "at"):
		return p.fail(p.peek(), OverHTTP2, "on")
	case word == "after":
		p.take()
		return p.after(&f.Trigger)
	case word == "at":
		p.take()
		return p.moment(&f.Trigger)
	}
	return p.fail(p.peek(), "a trigger is wanted", "on", "after idle D", "after N bytes", "at D")
}

func (p *parser) after(t *Trigger) (err error) {
	t.Ordinal = 1
	if isDigits(p.peek().word) {
		t.On = Volume
		if t.Bytes, err = p.number(1); err != nil {
			return err
		}
		return p.expect("bytes")
	}
	if err := p.expect("idle"); err != nil {
		return err
	}
	t.On = Idle
	t.After, err = p.duration()
	return err
}

func (p *parser) moment(t *Trigger) (err error) {
	t.On, t.Ordinal = Moment, 1
	t.After, err = p.duration()
	return err
}

// counted is what "on" can count besides exchanges.
var counted = map[string]On{"connection": Connection, "lookup": Lookup}

func (p *parser) on(t *Trigger) (err error) {
	for !p.vocabulary.isWord(p.peek().word) {
		word := p.take()
		on, beside := counted[word.word]
		switch {
		case on == Connection && p.streams:
			return p.fail(word, OverHTTP2, p.vocabulary.afterOn(nil)...)
		case beside && t.Qualifiers == nil:
			t.On = on
			t.Ordinal, err = p.number(1)
			return err
		case !contains(p.vocabulary.Qualifiers, word.word) || contains(t.Qualifiers, word.word):
			return p.fail(word, "not a word for an exchange here", p.vocabulary.afterOn(t.Qualifiers)...)
		}
		t.Qualifiers = append(t.Qualifiers, word.word)
	}
	t.Word = p.take().word
	t.InBody = p.vocabulary.inBody(t.Word)
	if p.takeWords("saying") {
		t.InBody = true
		if t.Says, err = p.saying(); err != nil {
			return err
		}
	}
	t.Ordinal, err = p.number(1)
	return err
}

// saying reads what a request has to have in it.
func (p *parser) saying() (string, error) {
	said, err := p.word(Argument{Name: `text such as "MSG 5"`}, func(text string) bool { return text != "" })
	return unquoted(said), err
}

func (p *parser) effect(f *Fault) error {
	if err := p.expect(":"); err != nil {
		return err
	}
	at := p.peek()
	name := p.effectName()
	kind, known := p.effects[name]
	if !known {
		return p.fail(at, "not an effect", p.effectsAt(f.Landmark.At)...)
	}
	if !kind.MeansSomethingAt(f.Landmark.At) {
		return p.fail(at, name+" means nothing at "+f.Landmark.At.String(), p.effectsAt(f.Landmark.At)...)
	}
	if p.streams && !kind.Streams && !f.OnLookup() {
		return p.fail(at, OverHTTP2, p.effectsAt(f.Landmark.At)...)
	}
	f.Effect.Name = name
	return p.arguments(&f.Effect, kind.Arguments)
}

// effectName takes the longest name of an effect that comes next; "" if none does.
func (p *parser) effectName() (name string) {
	for known := range p.effects {
		if len(known) > len(name) && p.nextWords(known) {
			name = known
		}
	}
	p.takeWords(name)
	return name
}

// effectsAt lists the effects that mean something at the place, sorted.
func (p *parser) effectsAt(at Place) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(p.effects)), func(name string) bool {
		kind := p.effects[name]
		return !kind.MeansSomethingAt(at) || p.streams && !kind.Streams && at != AtLookup
	})
}

func (p *parser) landmark(f *Fault) error {
	switch f.Trigger.On {
	case Connection:
		f.Landmark.At = AtAccept
		return nil
	case Idle:
		f.Landmark = Landmark{At: AtIdle, After: f.Trigger.After}
		return nil
	case Moment, Volume:
		f.Landmark.At = AtMoment
		return nil
	case Lookup:
		f.Landmark.At = AtLookup
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
		if p.streams && !slices.Contains(ofStreams, at) {
			return p.fail(word, OverHTTP2, namesOf(ofStreams)...)
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
	case AtField:
		l.Field, err = p.word(Argument{Name: "header field's name"}, isFieldName)
	}
	return err
}
