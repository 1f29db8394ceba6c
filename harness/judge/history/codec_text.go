package history

import (
	"errors"
	"fmt"
	"slices"
	"unicode"
	"unicode/utf8"
)

// pack stores data as text if a person could read it so, without loss.
func pack(data []byte) payload {
	if readable(data) {
		return payload{Raw: string(data)}
	}
	return payload{Raw64: data}
}

func readable(data []byte) bool {
	for i := 0; i < len(data); {
		if c := data[i]; c >= ' ' && c <= '~' { // as nearly every byte is
			i++
			continue
		}
		r, size := utf8.DecodeRune(data[i:])
		broken := r == utf8.RuneError && size == 1
		if broken || !unicode.IsPrint(r) && r != '\r' && r != '\n' && r != '\t' {
			return false
		}
		i += size
	}
	return true
}

func (p payload) unpack() ([]byte, error) {
	switch {
	case p.Raw != "" && p.Raw64 != nil:
		return nil, errors.New("both raw and raw64")
	case p.Raw != "":
		return []byte(p.Raw), nil
	case len(p.Raw64) == 0:
		return nil, nil
	}
	return p.Raw64, nil
}

// hideBytes moves text that is not UTF-8 out of the JSON strings, which would
// replace what they cannot hold: a client may well mangle a SessionID.
func (l *eventLine) hideBytes() {
	l.Labels = slices.Clone(l.Labels)
	for name, field := range l.texts() {
		if utf8.ValidString(*field) {
			continue
		}
		if l.Bytes64 == nil {
			l.Bytes64 = map[string][]byte{}
		}
		l.Bytes64[name], *field = []byte(*field), ""
	}
}

// showBytes is the way back.
func (l *eventLine) showBytes() error {
	if len(l.Bytes64) == 0 {
		return nil
	}
	fields := l.texts()
	for name, data := range l.Bytes64 {
		field, ok := fields[name]
		if !ok || *field != "" {
			return fmt.Errorf("bytes64 has no place for %q", name)
		}
		*field = string(data)
	}
	return nil
}

// texts are the fields that hold what a peer may have chosen, by JSON name.
func (l *eventLine) texts() map[string]*string {
	fields := map[string]*string{
		"user": &l.User, "server": &l.Server, "id": &l.ID, "newId": &l.NewID, "action": &l.Action,
		"fault": &l.Fault, "by": &l.By, "how": &l.How, "text": &l.Text,
	}
	for i := range l.Labels {
		fields[fmt.Sprintf("labels.%d", i)] = &l.Labels[i]
	}
	return fields
}
