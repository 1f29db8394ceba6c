package proxies

import (
	"fmt"
	"net/http"
	"strings"
)

// A faithful box does not sign what it forwards.
//
// Quirk `via NAME [answers]` (Quirks.Via): it adds itself to Via, in requests
// and in answers, or in answers only.

// Signing is how a box signs.
type Signing struct {
	Name        string
	AnswersOnly bool
}

const answersWord = "answers"

func signing() quirk {
	return quirk{
		parse: func(q *Quirks, s *scanner) error {
			w := s.next().text
			if !isWord(w) {
				return s.wrong("not what belongs here", "a name")
			}
			q.Via = Signing{w, s.take(answersWord)}
			return nil
		},
		print: func(q Quirks) string {
			if q.Via.AnswersOnly {
				return q.Via.Name + " " + answersWord
			}
			return q.Via.Name
		},
		isSet: func(q Quirks) bool { return q.Via != Signing{} },
	}
}

// add signs behind whoever has signed before.
func (v Signing) add(h http.Header, minor int) {
	all := append(h["Via"], fmt.Sprintf("1.%d %s", minor, v.Name))
	h["Via"] = []string{strings.Join(all, ", ")}
}
