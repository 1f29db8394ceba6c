package servers

import (
	"errors"
	"slices"
	"testing"

	"gauntlet/harness/run/catalogue"
	"gauntlet/proxies/syntax"
)

func TestLabelsOfHeads(t *testing.T) {
	known := func(id string) []string {
		if id == "7.8" {
			return []string{"SB"}
		}
		return nil
	}
	for _, test := range []struct {
		line  string
		plain []string // where nothing is known of sessions
		want  []string
	}{
		{"POST /gateway/gateway.dll?Action=open&Server=NS&IP=messenger.hotmail.com HTTP/1.1", []string{"open", "NS"}, []string{"open", "NS"}},
		{"POST http://gateway.messenger.hotmail.com/gateway/gateway.dll?Action=poll&SessionID=7.8 HTTP/1.1", []string{"poll"}, []string{"poll", "SB"}},
		{"POST /gateway/gateway.dll?SessionID=7.8 HTTP/1.1", []string{"command"}, []string{"command", "SB"}},
		{"POST /gateway/gateway.dll?SessionID=9.9 HTTP/1.1", []string{"command"}, []string{"command"}},
		{"POST /gateway/gateway.dll?Action=dance&SessionID=7.8 HTTP/1.1", nil, nil},
		{"CONNECT login.live.com:443 HTTP/1.1", []string{"CONNECT"}, []string{"CONNECT"}},
		{"POST", nil, nil},
		{"", nil, nil},
	} {
		head := []byte(test.line + "\r\nHost: x\r\n\r\n")
		if got := LabelHead(nil)(head); !slices.Equal(got, test.plain) {
			t.Errorf("%q without sessions: %v, want %v", test.line, got, test.plain)
		}
		if got := LabelHead(known)(head); !slices.Equal(got, test.want) {
			t.Errorf("%q: %v, want %v", test.line, got, test.want)
		}
	}
}

func TestLabelsOfBodies(t *testing.T) {
	for body, want := range map[string][]string{
		"":                               nil,
		"VER 1 MSNP8 CVR0\r\n":           {"VER"},
		"USR 2 TWN I a@b.c\r\nOUT\r\n":   {"USR", "OUT"},
		"MSG 3 N 2\r\nhiCHG 4 NLN\r\n":   {"MSG", "CHG"},
		"PNG\r\nMSG 3 N 200\r\ncut here": {"PNG"},
	} {
		if got := LabelBody([]byte(body)); !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", body, got, want)
		}
	}
}

// Every word that the vocabulary offers is one that a label can be.
func TestVocabulary(t *testing.T) {
	v := Vocabulary(nil)
	if !slices.IsSorted(v.Dialects) || !slices.Contains(v.Dialects, catalogue.DefaultDialect) || !slices.Equal(v.Faults.Qualifiers, []string{"NS", "SB"}) {
		t.Errorf("%+v", v)
	}
	if len(Words().Qualifiers) > 0 {
		t.Error("without a gateway nobody knows to which server a session belongs")
	}
}

func TestAddressesOfAKnob(t *testing.T) {
	for _, test := range []struct {
		value  string
		word   string // the wrong one
		offset int    // -1: nothing is wrong
	}{
		{"10.9.0.80", "", -1},
		{"10.9.0.81 10.9.0.2  gateway.messenger.hotmail.com", "", -1},
		{"", "", 0},
		{"  ", "", 2},
		{"10.9.0.80 10.9.0.8", "10.9.0.8", 10},
		{"10.0.0.1 10.9.0.80", "10.0.0.1", 0},
	} {
		err := checkKnob("addresses", test.value)
		wrong := (*syntax.Error)(nil)
		switch {
		case test.offset < 0 && err != nil:
			t.Errorf("%q: %v", test.value, err)
		case test.offset >= 0 && (!errors.As(err, &wrong) || wrong.Word != test.word || wrong.Offset != test.offset):
			t.Errorf("%q: %+v", test.value, err)
		}
	}
	if checkKnob("no such knob", "1") == nil {
		t.Error("a knob that there is none of can be turned")
	}
}
