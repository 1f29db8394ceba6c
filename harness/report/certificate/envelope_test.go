package certificate

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

// sealed is a statement in its envelope, and the key that checks it.
func sealed(tb testing.TB, sign bool) (s Statement, text string, check *Key) {
	tb.Helper()
	private, public, err := NewKey()
	if err != nil {
		tb.Fatal(err)
	}
	read := func(name string, pem []byte, by func(string) (*Key, error)) *Key {
		file := filepath.Join(tb.TempDir(), name)
		if err := os.WriteFile(file, pem, 0o600); err != nil {
			tb.Fatal(err)
		}
		key, err := by(file)
		if err != nil {
			tb.Fatal(err)
		}
		return key
	}
	signer, check := read("private", private, ReadPrivate), read("public", public, ReadPublic)
	if !sign {
		signer = nil
	}
	s = Statement{Type: StatementType, PredicateType: PredicateType, Subject: []Resource{{Name: "mine"}}}
	s.Predicate.Result = Passed
	s.Predicate.PassedTests = []string{"one"}
	var out bytes.Buffer
	if err := Seal(&out, s, signer); err != nil {
		tb.Fatal(err)
	}
	return s, out.String(), check
}

// Whatever an envelope is made of, a key opens nothing but what it has signed;
// and what can be opened without one can be sealed and opened again.
func FuzzOpen(f *testing.F) {
	signed, text, check := sealed(f, true)
	_, unsigned, _ := sealed(f, false)
	f.Add(text)
	f.Add(unsigned)
	f.Add(`{"payloadType": "application/vnd.in-toto+json", "payload": "e30=", "signatures": [{"keyid": "", "sig": ""}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		if s, err := Open([]byte(text), check); err == nil && !reflect.DeepEqual(s, mustOpen(t, text)) {
			t.Error("a key opens something else than everybody")
		} else if err == nil && s.Predicate.Result != signed.Predicate.Result {
			t.Errorf("opened what was never signed: %+v", s)
		}
		s, err := Open([]byte(text), nil)
		if err != nil {
			return
		}
		var out bytes.Buffer
		if err := Seal(&out, s, nil); err != nil {
			t.Fatal(err)
		}
		if again := mustOpen(t, out.String()); !reflect.DeepEqual(s, again) {
			t.Errorf("sealed %+v, opened %+v", s, again)
		}
	})
}

func mustOpen(t *testing.T, text string) Statement {
	t.Helper()
	s, err := Open([]byte(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
