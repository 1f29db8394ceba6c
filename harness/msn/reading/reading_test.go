package reading

import (
	"testing"

	"gauntlet/harness/msn/msnp"
)

func TestInWords(t *testing.T) {
	text := string(msnp.Numbered("MSG", 82, "A").WithPayload(msnp.PlainMessage("how are you?").Payload()).Bytes())
	for _, test := range []struct {
		from       msnp.Side
		body, want string
	}{
		{msnp.Server, "VER 1 MSNP8\r\n", "VER 1 MSNP8"},
		{msnp.Server, "XFR 8 SB 10.9.0.2:1863 CKI 7\r\nNLN NLN bob@example.com Bob 0\r\n", "XFR, NLN"},
		{msnp.Server, "SYN 4 9\r\nLST a 3\r\nLST b 3\r\nLST c 3\r\nGTC A\r\n", "SYN, LST ×3, GTC"},
		{msnp.Client, text, "MSG 82: how are you?"},
		{msnp.Client, text + text, "MSG ×2"},
		{msnp.Client, string(msnp.Numbered("MSG", 3, "U").WithPayload(msnp.TypingMessage("a@b").Payload()).Bytes()), "MSG 3 U"},
		{msnp.Server, "ACK 4\r\nMSG bob@ex", "ACK, …"},
		{msnp.Server, "<html>busy</html>", ""},
		{msnp.Server, "", ""},
	} {
		if got := InWords(test.from, []byte(test.body)); got != test.want {
			t.Errorf("%q is %q, not %q", test.body, got, test.want)
		}
	}
}
