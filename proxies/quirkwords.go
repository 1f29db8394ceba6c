package proxies

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// quirk is one word of a spec's text.
type quirk struct {
	parse func(*Quirks, *scanner) error
	print func(Quirks) string // what follows the word; "" for a bare word
	isSet func(Quirks) bool
	kinds []Kind // the boxes for which it means something; nil: those that know HTTP
}

// on is the quirk for other boxes.
func (k quirk) on(kinds ...Kind) quirk {
	k.kinds = kinds
	return k
}

// means tells whether the quirk means something for a box.
func (k quirk) means(kind Kind) bool {
	if k.kinds == nil {
		return kind == Forward || kind == Intercept || kind == TLS
	}
	return slices.Contains(k.kinds, kind)
}

const timeExample = "a number and a unit, such as 500ms, 30s, 2m"

// flag is a quirk that is there or not: a bare word.
func flag(field func(*Quirks) *bool) quirk {
	return quirk{
		parse: func(q *Quirks, _ *scanner) error { *field(q) = true; return nil },
		print: func(Quirks) string { return "" },
		isSet: func(q Quirks) bool { return *field(&q) },
	}
}

// number is a quirk with a whole number from lowest to highest after its word.
func number(field func(*Quirks) *int, lowest, highest int) quirk {
	return quirk{
		parse: func(q *Quirks, s *scanner) error {
			n, err := strconv.Atoi(s.next().text)
			if err != nil || n < lowest || n > highest {
				return s.wrong("not a number in the range", strconv.Itoa(lowest)+" to "+strconv.Itoa(highest))
			}
			*field(q) = n
			return nil
		},
		print: func(q Quirks) string { return strconv.Itoa(*field(&q)) },
		isSet: func(q Quirks) bool { return *field(&q) != 0 },
	}
}

// duration is a quirk with a time such as 30s after its word.
func duration(field func(*Quirks) *time.Duration) quirk {
	return quirk{
		parse: func(q *Quirks, s *scanner) error {
			d, err := time.ParseDuration(s.next().text)
			if err != nil || d <= 0 {
				return s.wrong("not a time", timeExample)
			}
			*field(q) = d
			return nil
		},
		print: func(q Quirks) string { return field(&q).String() },
		isSet: func(q Quirks) bool { return *field(&q) != 0 },
	}
}

// choice is a quirk with one of a few words after its own.
func choice(field func(*Quirks) *string, values ...string) quirk {
	return text(field, func(w string) bool { return slices.Contains(values, w) }, values...)
}

// text is a quirk with a word after its own that is as valid wants it.
func text(field func(*Quirks) *string, valid func(string) bool, allowed ...string) quirk {
	return quirk{
		parse: func(q *Quirks, s *scanner) error {
			w := s.next().text
			if !valid(w) {
				return s.wrong("not what belongs here", allowed...)
			}
			*field(q) = w
			return nil
		},
		print: func(q Quirks) string { return *field(&q) },
		isSet: func(q Quirks) bool { return *field(&q) != "" },
	}
}

// isWord accepts what the scanner calls a word; the arrow of a chain cannot be
// in one.
func isWord(w string) bool { return w != "" }

// isLogin wants user:password.
func isLogin(w string) bool {
	user, _, ok := strings.Cut(w, ":")
	return ok && user != ""
}

// bundle is a word that stands for several quirks; what it does not speak of
// stays as it is.
func bundle(all Quirks) quirk {
	return quirk{
		parse: func(q *Quirks, _ *scanner) error { q.overlay(all); return nil },
		print: func(Quirks) string { return "" },
		isSet: func(q Quirks) bool { return q.contains(all) },
	}
}

// overlay sets every field that other sets.
func (q *Quirks) overlay(other Quirks) {
	mine, theirs := reflect.ValueOf(q).Elem(), reflect.ValueOf(other)
	for i := range theirs.NumField() {
		if f := theirs.Field(i); !f.IsZero() {
			mine.Field(i).Set(f)
		}
	}
}

// contains tells whether q has every quirk of other, at the same values.
func (q Quirks) contains(other Quirks) bool {
	with := q
	with.overlay(other)
	return with == q
}

// without is q less the quirks of other.
func (q Quirks) without(other Quirks) Quirks {
	mine, theirs := reflect.ValueOf(&q).Elem(), reflect.ValueOf(other)
	for i := range theirs.NumField() {
		if !theirs.Field(i).IsZero() {
			mine.Field(i).SetZero()
		}
	}
	return q
}
