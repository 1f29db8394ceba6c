package redact

import (
	"bytes"

	"gauntlet/harness/judge/history"
)

// masker hides what one run's history shows to be secret. Two things are
// masked: what stands where a secret stands, by the grammar of HTTP, SOCKS and
// MSNP; and wherever else it occurs, in a reason or in half a command, what was
// found to be secret so.
type masker struct {
	options Options
	known   secrets
	found   map[string][]span // in the data that was looked at, which repeats from hop to hop
	masked  map[string][]byte // the same
}

func newMasker(events []history.Event, options Options) *masker {
	m := &masker{options: options, found: map[string][]span{}, masked: map[string][]byte{}}
	found := map[string]bool{}
	for _, e := range events {
		if options.Text && carriesText(e.Kind) {
			found[e.Text] = true
			for _, line := range partsOf(e.Text) {
				found[line] = true
			}
		}
		for _, data := range [][]byte{e.Data, []byte(e.Text)} {
			if _, seen := m.found[string(data)]; !seen && len(data) > 0 {
				m.gather(data, found)
			}
		}
	}
	m.known = newSecrets(found)
	return m
}

// gather adds the secrets in data, and what they decode to.
func (m *masker) gather(data []byte, found map[string]bool) {
	for _, s := range m.spans(data) {
		secret := string(data[s.from:s.to])
		found[secret] = true
		for _, part := range partsOf(secret) {
			found[part] = true
		}
	}
}

// data is a copy with its secrets masked; what has none is returned as it is.
func (m *masker) data(data []byte) []byte {
	if len(data) == 0 {
		return data
	}
	if done, ok := m.masked[string(data)]; ok {
		return done
	}
	out := data
	if spans := m.spans(data); len(spans) > 0 {
		out = bytes.Clone(data)
		for _, s := range spans {
			cover(out[s.from:s.to])
		}
	}
	out = m.known.edges([]byte(m.known.replace(string(out))))
	m.masked[string(data)] = out
	return out
}

// text is data for people's eyes.
func (m *masker) text(text string) string { return string(m.data([]byte(text))) }

// mask is a text of the same length that says nothing but where lines end.
func mask(text string) string {
	out := []byte(text)
	cover(out)
	return string(out)
}

func cover(data []byte) {
	for i, b := range data {
		if b != '\r' && b != '\n' {
			data[i] = '*'
		}
	}
}
