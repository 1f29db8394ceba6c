package virtual

import (
	"bufio"
	"bytes"
	"io"
	"strings"
	"testing"
)

// What a worker says comes whole, whatever its size; what is too much is said by
// name.
func TestWords(t *testing.T) {
	blob := bytes.Repeat([]byte("a\n\x00"), 1<<20)
	var out bytes.Buffer
	teller := &teller{out: &out}
	for _, err := range []error{
		teller.tell(message{Began: true}, nil),
		(&Blob{to: teller}).Grow(0), // which is nothing to tell
		(&Blob{to: teller}).Grow(len(blob)),
		teller.tell(message{}, blob[:1<<20]),
		teller.tell(message{}, blob[1<<20:]),
		teller.tell(message{Reply: []byte(`"` + strings.Repeat("x", 1<<20) + `"`)}, nil),
		teller.tell(message{Leak: "left"}, nil),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	in := bufio.NewReader(&out)
	began, err1 := readWord(in)
	reply, err2 := readWord(in)
	left, err3 := readWord(in)
	if err1 != nil || err2 != nil || err3 != nil {
		t.Fatal(err1, err2, err3)
	}
	if !began.Began || len(reply.Reply) != 1<<20+2 || !bytes.Equal(reply.blob, blob) || left.Leak != "left" {
		t.Errorf("%+v, %d and %d bytes, %+v", began, len(reply.Reply), len(reply.blob), left)
	}
	if _, err := readWord(in); err != io.EOF {
		t.Errorf("at the end: %v", err)
	}
}

func TestWrongWords(t *testing.T) {
	for said, want := range map[string]string{
		"":                                    "EOF",
		`{"began":tr`:                         "EOF", // it died
		"PASS\n":                              "no message",
		`{"blob":-1}` + "\n":                  "there may be 1073741824 (maxBlob)",
		`{"blob":99999999999}` + "\n":         "there may be 1073741824 (maxBlob)",
		`{"blob":5}` + "\nab":                 "EOF",
		strings.Repeat("x", maxLine+1) + "\n": "more than 16777216 bytes (maxLine)",
	} {
		if _, err := readWord(bufio.NewReader(strings.NewReader(said))); err == nil || !strings.Contains(err.Error(), want) || want == "EOF" && err != io.EOF {
			t.Errorf("%.40q: %v, want %q", said, err, want)
		}
	}
}

func TestDeathOf(t *testing.T) {
	for _, test := range []struct{ state, said, want string }{
		{"signal: killed", "a line of the client's", "somebody else ended it (signal: killed), as the system does where memory is short\na line"},
		{"signal: segmentation fault", "", "it was ended by a signal (segmentation fault)\n"},
		{"exit status 2", "panic: no", "panic: no"},
		{"exit status 1", "", "it ended without a word: exit status 1"},
	} {
		if got := deathOf(test.state, test.said); !strings.HasPrefix(got, test.want) {
			t.Errorf("%s: %q, want %q", test.state, got, test.want)
		}
	}
}
