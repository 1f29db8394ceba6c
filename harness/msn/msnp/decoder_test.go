package msnp

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
)

// drain returns every command that is complete, and the first error.
func drain(d *Decoder) (all []Command, err error) {
	for {
		c, ok, err := d.Next()
		if err != nil || !ok {
			return all, err
		}
		all = append(all, c)
	}
}

var streams = []struct {
	name string
	from Side
	in   string
	want []Command
}{
	{"one", Client, "VER 1 MSNP8 CVR0\r\n", []Command{New("VER", "1", "MSNP8", "CVR0")}},
	{"three in one body", Client, "VER 1 MSNP8\r\nCVR 2 x\r\nUSR 3 TWN I a@b\r\n",
		[]Command{New("VER", "1", "MSNP8"), New("CVR", "2", "x"), New("USR", "3", "TWN", "I", "a@b")}},
	{"bare line feeds", Client, "CHG 6 NLN 0\nOUT\n", []Command{New("CHG", "6", "NLN", "0"), New("OUT")}},
	{"leading blank lines", Client, "\r\n\nSYN 5 0\r\n\r\nOUT\r\n\r\n", []Command{New("SYN", "5", "0"), New("OUT")}},
	{"many spaces", Client, "SYN  5  0 \r\n", []Command{New("SYN", "5", "0")}},
	{"payload", Client, "MSG 3 U 5\r\na\r\nb\nOUT\r\n",
		[]Command{New("MSG", "3", "U").WithPayload([]byte("a\r\nb\n")), New("OUT")}},
	{"empty payload", Client, "MSG 3 U 0\r\nOUT\r\n", []Command{New("MSG", "3", "U").WithPayload(nil), New("OUT")}},
	{"client's QRY", Client, "QRY 7 id 3\r\nabcOUT\r\n",
		[]Command{New("QRY", "7", "id").WithPayload([]byte("abc")), New("OUT")}},
	{"server's QRY", Server, "QRY 7\r\nOUT SSD\r\n", []Command{New("QRY", "7"), New("OUT", "SSD")}},
	{"server's MSG", Server, "MSG Hotmail Hotmail 2\r\nhi540 9\r\n",
		[]Command{New("MSG", "Hotmail", "Hotmail").WithPayload([]byte("hi")), New("540", "9")}},
}

func TestDecoderHoweverTheStreamIsCut(t *testing.T) {
	for _, s := range streams {
		t.Run(s.name, func(t *testing.T) {
			for size := 1; size <= len(s.in); size++ {
				if got := decodeInPieces(t, s.from, s.in, size); !reflect.DeepEqual(got, s.want) {
					t.Fatalf("pieces of %d bytes: got %v, want %v", size, got, s.want)
				}
			}
		})
	}
}

func decodeInPieces(t *testing.T, from Side, in string, size int) (all []Command) {
	t.Helper()
	d := Decoder{From: from}
	for at := 0; at < len(in); at += size {
		d.Feed([]byte(in[at:min(at+size, len(in))]))
		some, err := drain(&d)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, some...)
	}
	if d.Buffered() != 0 {
		t.Fatalf("%d bytes left", d.Buffered())
	}
	return all
}

func TestDecoderTellsOfAPartialCommand(t *testing.T) {
	d := Decoder{From: Client}
	for _, piece := range []string{"MSG 1 N 4", "\r\nab"} {
		d.Feed([]byte(piece))
		if _, ok, err := d.Next(); ok || err != nil {
			t.Fatalf("after %q: ok %v, error %v", piece, ok, err)
		}
	}
	if got := d.Buffered(); got != len("MSG 1 N 4\r\nab") {
		t.Errorf("buffered %d bytes", got)
	}
	d.Feed([]byte("cd"))
	c, ok, err := d.Next()
	if !ok || err != nil || string(c.Payload) != "abcd" || string(d.Raw()) != "MSG 1 N 4\r\nabcd" {
		t.Errorf("got %v %v %v, raw %q", c, ok, err, d.Raw())
	}
}

func TestDecoderRefuses(t *testing.T) {
	cases := []struct {
		name, in string
		want     error
	}{
		{"an HTML page without a line end", "<html><body>Please sign in", errName},
		{"a doctype", "<!DOCTYPE html>\r\n", errName},
		{"a status page", "404 Not Found\r\n", errNumber},
		{"plain words", "Bad Request", errName},
		{"the text None", "None", errName},
		{"lower case", "ver 1 MSNP8\r\n", errName},
		{"a long name", "OUTX\r\n", errName},
		{"a short name", "OK\r\n", errName},
		{"letters and digits", "A11 5\r\n", errName},
		{"a bare carriage return", "OUT\rVER 1\r\n", errBareCR},
		{"an endless line", "VER " + strings.Repeat("x", 30), errLine},
		{"a payload without length", "MSG\r\n", errLength},
		{"a negative length", "MSG 1 N -1\r\n", errLength},
		{"a huge length", "NOT 99999999999999999999\r\n", errPayload},
		{"a long payload", "MSG 1 N 9\r\n", errPayload},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d := Decoder{From: Client, MaxLine: 24, MaxPayload: 8}
			d.Feed([]byte("OUT\r\n" + c.in))
			got, err := drain(&d)
			if len(got) != 1 {
				t.Errorf("got %v before the error", got)
			}
			checkFault(t, err, c.want)
		})
	}
}

func checkFault(t *testing.T, err, want error) {
	t.Helper()
	var fault *syntaxError
	if !errors.As(err, &fault) || !errors.Is(err, want) {
		t.Fatalf("got %v, want %v", err, want)
	}
	if fault.Offset != 5 {
		t.Errorf("offset %d, want 5", fault.Offset)
	}
}

func TestDecoderErrorIsFinal(t *testing.T) {
	d := Decoder{From: Server}
	d.Feed([]byte("<html>"))
	_, _, first := d.Next()
	d.Feed([]byte("\r\nOUT\r\n"))
	_, ok, second := d.Next()
	if ok || first == nil || first != second {
		t.Errorf("first %v, then %v %v", first, ok, second)
	}
	if !strings.Contains(first.Error(), `"<html>"`) {
		t.Errorf("%q does not quote the bytes", first)
	}
}

func TestDecoderAcceptsTheLongestLine(t *testing.T) {
	for _, end := range []string{"\n", "\r\n"} {
		d := Decoder{MaxLine: 7}
		d.Feed([]byte("VER 123" + end))
		if got, err := drain(&d); len(got) != 1 || err != nil {
			t.Errorf("end %q: %v %v", end, got, err)
		}
	}
}

func TestDecodeWantsAWholeStream(t *testing.T) {
	got, err := Decode(Client, []byte("OUT\r\nVER 1"))
	if len(got) != 1 || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %v, %v", got, err)
	}
	if got, err := Decode(Server, nil); len(got) != 0 || err != nil {
		t.Errorf("empty stream: %v, %v", got, err)
	}
}

// A server of MSNP13 and later tells of those who have listed the user by an ADL
// of its own, with a payload; what it answers to the client's has none.
func TestListingsOfTheServer(t *testing.T) {
	const listing = `<ml l="1"><d n="example.com"><c n="bob" l="8" t="1" f="Bob"/></d></ml>`
	stream := fmt.Sprintf("ADL 6 OK\r\nADL 0 %d\r\n%sRML 0 %d\r\n%sRML 7 OK\r\nQNG 50\r\n", len(listing), listing, len(listing), listing)
	commands, err := Decode(Server, []byte(stream))
	if err != nil || len(commands) != 5 {
		t.Fatalf("%d commands, %v", len(commands), err)
	}
	for i, want := range []string{"", listing, listing, "", ""} {
		if got := string(commands[i].Payload); got != want {
			t.Errorf("%s has the payload %q", commands[i], got)
		}
	}
	var again []byte
	for _, c := range commands {
		again = append(again, c.Bytes()...)
	}
	if string(again) != stream {
		t.Errorf("not the same again: %q", again)
	}
}

// withPayload are commands of MSNP8 to 18 that carry a payload, by sender, with
// their line up to its length.
var withPayload = map[Side][]string{
	Client: {
		"MSG 3 N", "QRY 4 msmsgs@msnmsgr.com", "UUX 5", "ADL 6", "RML 7", "FQY 8", "UUN 9 bob@example.com 1", "UUM 10 bob@example.com 32 1",
		"PUT 11", "DEL 12", "SDG 13", "VAS 14 x", "SDC 15 bob@example.com 0x0409 MSMSGS MSMSGS X X alice", "NOT 16", "PAG 17 tel:+1", "PGD 18 bob@example.com 1",
	},
	Server: {
		"MSG bob@example.com Bob", "NOT", "UBX bob@example.com", "UBX bob@example.com 1", "UBN bob@example.com 5", "UBM bob@example.com 32 alice@example.com 1 1",
		"UUX 5", "GCF 0", "GCF 9 Shields.xml", "IPG", "NFY PUT", "NFY DEL", "SDG 0", "FQY 8", "ADL 0", "RML 0", "PUT 11 OK", "DEL 12 OK",
		"241 6", "204 9", "911 3", "201 12",
	},
}

// TestPayloadsKeepTheDecoderInStep puts commands into payloads: none of them is
// taken for one.
func TestPayloadsKeepTheDecoderInStep(t *testing.T) {
	const inside = "XFR 1 NS b:1\r\nOUT\r\nhalf a line"
	for side, lines := range withPayload {
		for _, line := range lines {
			commands, err := Decode(side, fmt.Appendf(nil, "%s %d\r\n%s%s 0\r\nQNG 50\r\n", line, len(inside), inside, line))
			if err != nil || len(commands) != 3 || string(commands[0].Payload) != inside || commands[1].Payload == nil || commands[2].Name != "QNG" {
				t.Errorf("%s, %s: %v, %v", side, line, commands, err)
			}
		}
	}
}

// TestWhatHasNoPayload is told from what has one by its line alone.
func TestWhatHasNoPayload(t *testing.T) {
	for _, line := range []string{"ADL 6 OK", "RML 7 OK", "911 3", "QRY 4", "PUT 11 OK", "LST bob@example.com Bob 11 0", "SYN 5 3 2", "ILN 5 NLN bob@example.com Bob 0", "XFR 1 SB b:1 CKI 1.2", "QNG 50"} {
		commands, err := Decode(Server, []byte(line+"\r\nOUT\r\n"))
		if err != nil || len(commands) != 2 || commands[0].Payload != nil {
			t.Errorf("%s: %v, %v", line, commands, err)
		}
	}
}
