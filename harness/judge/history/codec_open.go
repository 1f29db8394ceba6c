package history

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
)

// Stored is a history as Write has stored it, of which events are decoded when
// they are asked for: whoever wants to show a moment of a thousand runs need
// not decode all of them. It holds on to the data.
type Stored struct {
	Meta   Meta
	events [][]byte          // lines
	blobs  map[string][]byte // lines, by reference
}

// Open looks a stored history over. As with Read, the data has to be whole and
// unchanged; the form of the events between is looked at by Events.
func Open(data []byte) (*Stored, error) {
	s := &Stored{blobs: map[string][]byte{}}
	body, last, err := splitSeal(data)
	if err != nil {
		return nil, fmt.Errorf("opening a history: %w", err)
	}
	first, rest, _ := bytes.Cut(body, []byte("\n"))
	r := newReader()
	r.sum = sha256.New()
	if s.Meta, err = r.headFrom(first); err != nil {
		return nil, fmt.Errorf("opening a history: %w", err)
	}
	s.sort(rest)
	if last.Events != len(s.events) {
		return nil, fmt.Errorf("opening a history: %w: %d events were written and %d are here", errTampered, last.Events, len(s.events))
	}
	return s, nil
}

// splitSeal takes the last line off, which must fit to what stands before it.
func splitSeal(data []byte) (body []byte, last lastLine, err error) {
	at := bytes.LastIndex(bytes.TrimSuffix(data, []byte("\n")), []byte("\n")) + 1
	seal := bytes.TrimSuffix(data[at:], []byte("\n"))
	if len(seal) == len(data[at:]) || !bytes.HasPrefix(seal, []byte(lastBegins)) {
		return nil, last, errors.New("cut short: the last line, which counts the events, is missing")
	}
	if err := decode(seal, &last); err != nil {
		return nil, last, err
	}
	if sum := sha256.Sum256(data[:at]); hex.EncodeToString(sum[:]) != last.SHA256 {
		return nil, last, fmt.Errorf("%w: the digest of the lines above is another", errTampered)
	}
	return data[:at], last, nil
}

// sort tells the lines of events from those of blobs.
func (s *Stored) sort(lines []byte) {
	for line := range bytes.Lines(lines) {
		line = bytes.TrimSuffix(line, []byte("\n"))
		if rest, ok := bytes.CutPrefix(line, []byte(blobBegins+`"`)); ok && len(rest) > refDigits {
			s.blobs[string(rest[:refDigits])] = line
		} else {
			s.events = append(s.events, line)
		}
	}
}

// Len is the number of events.
func (s *Stored) Len() int { return len(s.events) }

// First is the place of the first event of a kind from place from on, or -1.
func (s *Stored) First(kind Kind, from int) int {
	return s.first(from, []byte(`"kind":"`+string(kind)+`"`))
}

// Exchange is the place of the head of a request at hop 0, or -1.
func (s *Stored) Exchange(ordinal int) int {
	head, hop := []byte(fmt.Sprintf(`"exchange":%d,`, ordinal)), []byte(`"hop":`)
	for i := s.first(0, head); i >= 0; i = s.first(i+1, head) {
		if !bytes.Contains(s.events[i], hop) {
			return i
		}
	}
	return -1
}

// first finds a field. A quotation mark inside of a JSON string has a backslash
// before it, so that what is found can only be the field.
func (s *Stored) first(from int, field []byte) int {
	for i := from; i < len(s.events); i++ {
		if bytes.Contains(s.events[i], field) {
			return i
		}
	}
	return -1
}

// Events decodes the events from place from up to place to, which is left out.
func (s *Stored) Events(from, to int) ([]Event, error) {
	r := newReader()
	for i, line := range s.events[from:to] {
		err := s.fetch(r, line)
		if err == nil {
			err = r.event(line)
		}
		if err != nil {
			return nil, fmt.Errorf("event %d of a history: %w", from+i+1, err)
		}
	}
	return r.events, nil
}

// fetch decodes the blob that a line refers to, unless that was done.
func (s *Stored) fetch(r *reader, line []byte) error {
	_, ref, found := bytes.Cut(line, []byte(`"ref":"`))
	if !found || len(ref) < refDigits || r.blobs[string(ref[:refDigits])] != nil {
		return nil
	}
	blob, ok := s.blobs[string(ref[:refDigits])]
	if !ok {
		return nil // the event says so
	}
	return r.blob(blob)
}
