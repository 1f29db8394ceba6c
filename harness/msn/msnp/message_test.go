package msnp

import (
	"reflect"
	"testing"
)

func TestMessagePayload(t *testing.T) {
	cases := []struct {
		m    Message
		want string
	}{
		{PlainMessage("hi\r\nthere"),
			"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\n\r\nhi\r\nthere"},
		{TypingMessage("a@b"),
			"MIME-Version: 1.0\r\nContent-Type: text/x-msmsgscontrol\r\nTypingUser: a@b\r\n\r\n\r\n"},
	}
	for _, c := range cases {
		if got := string(c.m.Payload()); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
		back, err := ParseMessage(c.m.Payload())
		if err != nil || !reflect.DeepEqual(back, c.m) {
			t.Errorf("came back as %+v, %v", back, err)
		}
	}
}

func TestParseMessage(t *testing.T) {
	m, err := ParseMessage([]byte("content-type: TEXT/PLAIN\nX-MMS-IM-Format: FN=Arial\n\na\n\nb"))
	if err != nil || !m.IsText() || m.Text != "a\n\nb" || m.Get("x-mms-im-format") != "FN=Arial" {
		t.Errorf("got %+v, %v", m, err)
	}
	if m.Get("TypingUser") != "" {
		t.Error("a field that is not there has a value")
	}
	profile, err := ParseMessage([]byte("Content-Type: text/x-msmsgsprofile\r\nClientPort: 0\r\n"))
	if err != nil || profile.Get("ClientPort") != "0" || profile.IsText() {
		t.Errorf("got %+v, %v", profile, err)
	}
	for _, bad := range []string{"", "hello", "MIME-Version: 1.0\r\n\r\nhi"} {
		if _, err := ParseMessage([]byte(bad)); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
}
