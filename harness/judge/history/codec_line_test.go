package history

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"
)

// byJSON is the line of an event as encoding/json writes it.
func byJSON(t *testing.T, e Event, ref string) string {
	t.Helper()
	line := eventLine{Event: e, Ref: ref}
	line.Data = nil
	if ref == "" {
		line.payload = pack(e.Data)
	}
	var out bytes.Buffer
	in := json.NewEncoder(&out)
	in.SetEscapeHTML(false)
	if err := in.Encode(line); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// Whatever field is set, and to whatever, the line is that of encoding/json; so a
// field that is added to Event cannot be forgotten.
func TestLines(t *testing.T) {
	texts := []string{"a", `"\/`, "\b\f\n\r\t\x00\x1f\x7f", "<&>", "é\u2028\u2029\ufffd", "Grüße"}
	fields := reflect.TypeFor[Event]()
	for i := range fields.NumField() {
		for _, text := range texts {
			var e Event
			switch f := reflect.ValueOf(&e).Elem().Field(i); f.Kind() {
			case reflect.Int, reflect.Int64:
				f.SetInt(-7)
			case reflect.String:
				f.SetString(text)
			case reflect.Slice:
				f.Set(reflect.ValueOf(map[bool]any{true: []byte(text), false: []string{text, "b"}}[f.Type() == reflect.TypeFor[[]byte]()]))
			}
			got, whole := appendEvent(nil, &e, "")
			if want := byJSON(t, e, ""); string(got) != want || !whole {
				t.Errorf("%s: %s, want %s", fields.Field(i).Name, got, want)
			}
		}
	}
	e := Event{Data: bytes.Repeat([]byte("x"), 64)}
	if got, _ := appendEvent(nil, &e, "abc"); string(got) != byJSON(t, e, "abc") {
		t.Errorf("%s", got)
	}
	if _, whole := appendEvent(nil, &Event{Text: "a\xff"}, ""); whole {
		t.Error("what is no text was written as one")
	}
}

func FuzzLines(f *testing.F) {
	f.Add("a", []byte("b"), 1)
	f.Fuzz(func(t *testing.T, text string, data []byte, n int) {
		e := Event{Seq: n, Kind: Kind(text), ID: text, Text: text, Labels: []string{text}, Data: data, Given: n}
		if got, whole := appendEvent(nil, &e, ""); whole && string(got) != byJSON(t, e, "") {
			t.Errorf("%s, want %s", got, byJSON(t, e, ""))
		}
	})
}
