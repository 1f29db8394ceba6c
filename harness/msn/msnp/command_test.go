package msnp

import (
	"strings"
	"testing"
)

func TestBytes(t *testing.T) {
	cases := []struct {
		c    Command
		want string
	}{
		{New("OUT"), "OUT\r\n"},
		{Numbered("VER", 1, "MSNP8", "CVR0"), "VER 1 MSNP8 CVR0\r\n"},
		{Numbered("MSG", 3, "N").WithPayload([]byte("hé")), "MSG 3 N 3\r\nhé"},
		{Numbered("MSG", 3, "N").WithPayload(nil), "MSG 3 N 0\r\n"},
		{New("FLN", "a b\r\nOUT"), "FLN a%20b%0D%0AOUT\r\n"},
		{AuthFailed.Reply(4), "911 4\r\n"},
		{ChallengeAnswer(9, strings.Repeat("1", 20)),
			"QRY 9 msmsgs@msnmsgr.com 32\r\n3b6666b60157322b6fc6e41a115968f5"},
	}
	for _, c := range cases {
		if got := string(c.c.Bytes()); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestTrID(t *testing.T) {
	cases := []struct {
		c    Command
		want uint32
		ok   bool
	}{
		{New("VER", "5", "MSNP8"), 5, true},
		{New("USR", "4294967295", "TWN"), 4294967295, true},
		{New("USR", "4294967296", "TWN"), 4294967295, false},
		{New("540", "7"), 7, true},
		{New("IRO", "1", "1", "2", "a@b", "A"), 1, true},
		{New("CHL", "0", "123"), 0, true},
		{New("OUT", "3"), 0, false},
		{New("PNG"), 0, false},
		{New("QNG", "50"), 0, false},
		{New("RNG", "12", "10.9.0.2:1863"), 0, false},
		{New("LSG", "0", "Friends", "0"), 0, false},
		{New("MSG", "Hotmail", "Hotmail"), 0, false},
		{New("GTC", "A"), 0, false},
	}
	for _, c := range cases {
		got, ok := c.c.TrID()
		if ok != c.ok || ok && got != c.want {
			t.Errorf("%v: got %d %v", c.c, got, ok)
		}
	}
}

func TestString(t *testing.T) {
	cases := []struct {
		c    Command
		want string
	}{
		{Numbered("CHG", 6, "NLN", "0"), "CHG 6 NLN 0"},
		{New("NLN", "NLN", "a@b", "x\x00y"), `NLN NLN a@b "x\x00y"`},
		{Numbered("MSG", 1, "U").WithPayload([]byte("a\r\n")), `MSG 1 U [3 bytes: "a\r\n"]`},
	}
	for _, c := range cases {
		if got := c.c.String(); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
	long := New("VER", strings.Repeat("x", 5000)).WithPayload(make([]byte, 5000)).String()
	if len(long) > 500 || strings.ContainsAny(long, "\r\n\x00") {
		t.Errorf("not abbreviated: %d bytes", len(long))
	}
}

func TestNick(t *testing.T) {
	cases := []struct{ nick, encoded string }{
		{"Alice Liddell", "Alice%20Liddell"},
		{"50% + é", "50%25%20+%20%C3%A9"},
		{"", ""},
		{"a\r\nOUT", "a%0D%0AOUT"},
	}
	for _, c := range cases {
		if got := EncodeNick(c.nick); got != c.encoded {
			t.Errorf("encode %q: got %q", c.nick, got)
		}
		if got := DecodeNick(c.encoded); got != c.nick {
			t.Errorf("decode %q: got %q", c.encoded, got)
		}
	}
	if got := DecodeNick("%c3%A9 100% %zz %"); got != "é 100% %zz %" {
		t.Errorf("lenient decode: got %q", got)
	}
}

func TestErrorCode(t *testing.T) {
	code, ok := New("913", "7").ErrorCode()
	if !ok || code != NotAllowedHidden || code.String() != "913 (not allowed while hidden)" {
		t.Errorf("got %v %v", code, ok)
	}
	if _, ok := New("OUT").ErrorCode(); ok {
		t.Error("OUT is no error")
	}
	if got := Code(42).String(); got != "042 (unknown error)" {
		t.Errorf("got %q", got)
	}
}
