package history

import (
	"errors"
	"reflect"
	"strings"
	"testing"
)

func TestOpenGivesPartsOfWhatReadGives(t *testing.T) {
	meta, events := sample()
	text := write(t, meta, events)
	s, err := Open([]byte(text))
	if err != nil || !reflect.DeepEqual(s.Meta, meta) || s.Len() != len(events) {
		t.Fatalf("%v, %+v", err, s)
	}
	for from := range events {
		for to := from; to <= len(events); to++ {
			got, err := s.Events(from, to)
			if err != nil || len(got) != to-from || (to > from && !reflect.DeepEqual(got, events[from:to])) {
				t.Errorf("%d to %d: %v, %+v", from, to, err, got)
			}
		}
	}
}

func TestFirstOfAKind(t *testing.T) {
	s, err := Open([]byte(write(t, Meta{}, []Event{
		{Seq: 1, Kind: Delivered, Text: `"kind":"fired"`}, {Seq: 2, Kind: Fired}, {Seq: 3, Kind: Closed}, {Seq: 4, Kind: Fired},
	})))
	if err != nil {
		t.Fatal(err)
	}
	for from, want := range []int{1, 1, 3, 3, -1} {
		if got := s.First(Fired, from); got != want {
			t.Errorf("from %d: %d, want %d", from, got, want)
		}
	}
}

func TestPlaceOfAnExchange(t *testing.T) {
	s, err := Open([]byte(write(t, Meta{}, []Event{
		{Seq: 1, From: AtHop, Kind: RequestHead, Hop: 1, Exchange: 12, Labels: []string{"poll"}},
		{Seq: 2, From: AtHop, Kind: RequestHead, Exchange: 1, Labels: []string{`"exchange":12,`}},
		{Seq: 3, From: AtHop, Kind: RequestHead, Exchange: 12, Labels: []string{"poll"}},
	})))
	if err != nil {
		t.Fatal(err)
	}
	for ordinal, want := range map[int]int{1: 1, 12: 2, 2: -1} {
		if got := s.Exchange(ordinal); got != want {
			t.Errorf("%d: %d, want %d", ordinal, got, want)
		}
	}
}

func TestOpenFindsDamage(t *testing.T) {
	meta, events := sample()
	whole := write(t, meta, events)
	for name, c := range map[string]struct {
		text     string
		tampered bool
	}{
		"empty":         {"", false},
		"cut":           {whole[:len(whole)/2], false},
		"no last line":  {whole[:strings.LastIndex(whole, `{"events"`)], false},
		"event changed": {strings.Replace(whole, "OUT", "PNG", 1), true},
		"count changed": {strings.Replace(whole, `"events":6`, `"events":7`, 1), true},
		"line added":    {whole + "{}\n", false},
	} {
		if _, err := Open([]byte(c.text)); err == nil || errors.Is(err, errTampered) != c.tampered {
			t.Errorf("%s: %v", name, err)
		}
	}
}
