package proxies

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
)

// effect is what a quirk does: it reads what follows the quirk's word and says
// what becomes of a box.
type effect struct {
	example string // what follows, for people; "" if nothing does
	read    func(*scanner) (printed string, change func(*behaviour), err error)
}

// of is the change for an argument as it is printed.
func (e effect) of(printed string) (func(*behaviour), error) {
	s := scan(printed, 0, len(printed))
	again, change, err := e.read(s)
	if err == nil && again != printed {
		err = errors.New("not as it is printed")
	}
	return change, err
}

// does is the effect of a bare word.
func does(change func(*behaviour)) effect {
	return effect{read: func(*scanner) (string, func(*behaviour), error) { return "", change, nil }}
}

// takes is the effect of a word with an argument.
func takes[T any](a argument[T], change func(*behaviour, T)) effect {
	return effect{a.example, func(s *scanner) (string, func(*behaviour), error) {
		value, err := a.read(s)
		if err != nil {
			return "", nil, err
		}
		return a.print(value), func(b *behaviour) { change(b, value) }, nil
	}}
}

// argument is what can follow a quirk's word. Errors of read blame the word that
// is wrong.
type argument[T any] struct {
	example string
	read    func(*scanner) (T, error)
	print   func(T) string
}

// number is a whole number from lowest to highest.
func number(lowest, highest int) argument[int] {
	allowed := strconv.Itoa(lowest) + " to " + strconv.Itoa(highest)
	return argument[int]{allowed, func(s *scanner) (int, error) {
		n, err := strconv.Atoi(s.next().text)
		if err != nil || n < lowest || n > highest {
			return 0, s.wrong("not a number in the range", allowed)
		}
		return n, nil
	}, strconv.Itoa}
}

const timeExample = "a number and a unit, such as 500ms, 30s, 2m"

// duration is a time such as 30s.
func duration() argument[time.Duration] {
	return argument[time.Duration]{"D", func(s *scanner) (time.Duration, error) {
		d, err := time.ParseDuration(s.next().text)
		if err != nil || d <= 0 {
			return 0, s.wrong("not a time", timeExample)
		}
		return d, nil
	}, time.Duration.String}
}

// window is a time that begins once and ends.
type window struct{ lasts, from time.Duration }

// span is a window such as for 1m from 20s.
func span() argument[window] {
	d := duration()
	read := func(s *scanner, word string) (time.Duration, error) {
		if s.next().text != word {
			return 0, s.wrong("not what belongs here", word+" D")
		}
		return d.read(s)
	}
	return argument[window]{"for D from D", func(s *scanner) (w window, err error) {
		if w.lasts, err = read(s, "for"); err == nil {
			w.from, err = read(s, "from")
		}
		return w, err
	}, func(w window) string { return "for " + d.print(w.lasts) + " from " + d.print(w.from) }}
}

// choice is one of a few words.
func choice(words ...string) argument[string] {
	a := text(func(w string) bool { return slices.Contains(words, w) }, words...)
	a.example = strings.Join(words, "|")
	return a
}

// text is one word, which valid must accept.
func text(valid func(string) bool, allowed ...string) argument[string] {
	return argument[string]{strings.Join(allowed, ", "), func(s *scanner) (string, error) {
		w := s.next().text
		if !valid(w) {
			return "", s.wrong("not what belongs here", allowed...)
		}
		return w, nil
	}, func(w string) string { return w }}
}

// with is an argument, and whether an optional word follows it.
type with[T any] struct {
	value T
	word  bool
}

// optional is an argument that a word may follow.
func optional[T any](a argument[T], word string) argument[with[T]] {
	return argument[with[T]]{a.example + " [" + word + "]", func(s *scanner) (with[T], error) {
		value, err := a.read(s)
		return with[T]{value, err == nil && s.take(word)}, err
	}, func(v with[T]) string {
		if v.word {
			return a.print(v.value) + " " + word
		}
		return a.print(v.value)
	}}
}

// isWord accepts what the scanner calls a word; the arrow of a chain cannot be
// in one.
func isWord(w string) bool { return w != "" }

// isLogin wants user:password.
func isLogin(w string) bool {
	user, _, ok := strings.Cut(w, ":")
	return ok && user != ""
}
