package child

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/near"
)

// hear takes one line of the client's. It is called from one goroutine.
func (d *driven) hear(line []byte) {
	if len(line) == 0 {
		return
	}
	m, err := parse(line)
	if err == nil {
		err = d.take(m)
	}
	if err != nil {
		d.broken(err)
	}
}

func parse(line []byte) (m message, err error) {
	if !utf8.Valid(line) {
		return m, fmt.Errorf("a line on stdout is not UTF-8: %q", short(string(line)))
	}
	if err := json.Unmarshal(line, &m); err != nil {
		return m, fmt.Errorf("a line on stdout is not a JSON object of the protocol: %q (%w); logs belong on stderr", short(string(line)), err)
	}
	return m, nil
}

// says are the things that a client may say unasked, as they stand in the
// history.
var says = map[string]history.Kind{
	"received":  history.Delivered,
	"uncertain": history.Uncertain,
	"reopened":  history.Reopened,
	"closed":    history.Quit,
}

// take acts on a message; an error is a breach of the protocol.
func (d *driven) take(m message) error {
	if err := d.inTurn(m); err != nil {
		return err
	}
	kind, known := says[m.Type]
	switch {
	case known:
		d.setup.Report(history.Event{Kind: kind, ID: m.from(), Text: m.Text})
	case m.Type == "hello":
		return d.greeted(m)
	case m.Type == "done":
		return d.answered(m.ID, nil)
	case m.Type == "error" && m.ID != 0:
		return d.answered(m.ID, errors.New(orText(m.Text, "the client says error and not why")))
	case m.Type == "error":
		d.setup.Report(history.Event{Kind: history.Failed, Text: m.Text})
	default:
		return fmt.Errorf("unknown type %q on stdout; allowed: hello, done, error, received, uncertain, reopened, closed", short(m.Type))
	}
	return nil
}

// inTurn wants hello first, and once.
func (d *driven) inTurn(m message) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.hello == nil && m.Type != "hello":
		return fmt.Errorf("the first line on stdout must be hello, not %q", short(m.Type))
	case d.hello != nil && m.Type == "hello":
		return errors.New("it says hello twice")
	}
	return nil
}

func (d *driven) greeted(m message) error {
	if m.Protocol != protocolVersion {
		return fmt.Errorf("%w: its hello names protocol %d; there is %d", adapter.ErrNotReady, m.Protocol, protocolVersion)
	}
	all := adapter.EveryAbility()
	for _, a := range m.Abilities {
		if !slices.Contains(all, a) { // else what it can would be left out, and nobody would know why
			return fmt.Errorf("%w: its hello names an ability that there is not, %q; %s", adapter.ErrNotReady, a, near.Suggest(string(a), all))
		}
	}
	if m.Abilities == nil {
		m.Abilities = adapter.Abilities{}
	}
	d.mu.Lock()
	d.hello = &m
	d.mu.Unlock()
	close(d.said)
	return nil
}

// answered ends the step with that id, unless it was given up.
func (d *driven) answered(id int, err error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if i := slices.Index(d.late, id); i >= 0 {
		d.late = slices.Delete(d.late, i, i+1)
		return nil
	}
	if d.answer == nil || id != d.id {
		return fmt.Errorf("it answers id %d, %s", id, d.awaited())
	}
	d.answer <- err
	d.answer = nil
	return nil
}

// awaited says which answer would be in order; the mutex is held.
func (d *driven) awaited() string {
	if d.answer == nil {
		return "and no step is under way"
	}
	return fmt.Sprintf("and step %d is under way", d.id)
}

func orText(text, standard string) string {
	if text == "" {
		return standard
	}
	return text
}
