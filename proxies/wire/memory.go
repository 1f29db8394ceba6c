package wire

import (
	"strings"

	"gauntlet/proxies/fault"
	"gauntlet/proxies/http1"
)

// memory is the answers that were given at a hop, as far as effects can ask
// for them. The Tap's lock guards it.
type memory struct {
	wanted bool                    // some fault of the hop can ask
	kinds  map[string]fault.Answer // the newest by the labels of the request
	recent [2]given                // the newest, and the newest of another connection
}

// given is an answer and where it was given.
type given struct {
	conn   int
	answer fault.Answer
}

func (t *Tap) remember(kind string, g given) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.memory.kinds[kind] = g.answer
	if t.memory.recent[0].conn != g.conn {
		t.memory.recent[1] = t.memory.recent[0]
	}
	t.memory.recent[0] = g
}

// kindOf is what makes two requests alike: their labels, or else the request
// line.
func kindOf(ex *exchange) string {
	if ex == nil {
		return ""
	}
	if len(ex.labels) > 0 {
		return strings.Join(ex.labels, " ")
	}
	return string(http1.StartLine(ex.head))
}

// earlier finds an answer that the hop gave before.
func (t *Tap) earlier(which fault.Source, id int, ex *exchange) (fault.Answer, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if which == fault.SameKind {
		a, ok := t.memory.kinds[kindOf(ex)]
		return a, ok && ex != nil
	}
	for _, g := range t.memory.recent {
		if g.conn != 0 && g.conn != id {
			return g.answer, true
		}
	}
	return fault.Answer{}, false
}
