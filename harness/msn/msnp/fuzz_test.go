package msnp

import (
	"bytes"
	"errors"
	"reflect"
	"testing"
)

// FuzzDecoder holds the decoder to two laws: however a stream is cut, the same
// commands and the same error come out; and what was decoded, encoded again,
// decodes to itself.
func FuzzDecoder(f *testing.F) {
	for _, s := range streams {
		f.Add([]byte(s.in), []byte{1, 3, 7}, s.from == Server)
	}
	f.Add([]byte("OUT\r<html>"), []byte{4}, true)
	f.Add([]byte("MSG 1 N 4000\r\n<html>"), []byte{}, false)
	f.Fuzz(func(t *testing.T, stream, cuts []byte, server bool) {
		from := Client
		if server {
			from = Server
		}
		whole, wholeErr := decodeCut(from, stream, nil)
		pieces, piecesErr := decodeCut(from, stream, cuts)
		if !reflect.DeepEqual(whole, pieces) || !sameFault(wholeErr, piecesErr) {
			t.Fatalf("whole %v %v, in pieces %v %v", whole, wholeErr, pieces, piecesErr)
		}
		checkIdentity(t, from, whole)
	})
}

func decodeCut(from Side, stream, cuts []byte) (all []Command, err error) {
	d := Decoder{From: from, MaxLine: 64, MaxPayload: 256}
	for len(stream) > 0 && err == nil {
		n := len(stream)
		if len(cuts) > 0 {
			n = min(n, 1+int(cuts[0]))
			cuts = cuts[1:]
		}
		d.Feed(stream[:n])
		stream = stream[n:]
		var some []Command
		some, err = drain(&d)
		all = append(all, some...)
	}
	return all, err
}

func sameFault(a, b error) bool {
	var x, y *syntaxError
	if !errors.As(a, &x) || !errors.As(b, &y) {
		return a == nil && b == nil
	}
	return x.Offset == y.Offset && x.Err == y.Err
}

func checkIdentity(t *testing.T, from Side, commands []Command) {
	var wire []byte
	for _, c := range commands {
		wire = c.AppendTo(wire)
		_ = c.String()
		_, _ = c.TrID()
	}
	d := Decoder{From: from, MaxLine: 1 << 10}
	d.Feed(wire)
	again, err := drain(&d)
	if err != nil || d.Buffered() != 0 || len(again) != len(commands) {
		t.Fatalf("%q: %v, %d bytes left", wire, err, d.Buffered())
	}
	for i := range again {
		if !same(commands[i], again[i]) {
			t.Fatalf("%v came back as %v", commands[i], again[i])
		}
	}
}

func same(a, b Command) bool {
	if a.Name != b.Name || len(a.Args) != len(b.Args) || (a.Payload == nil) != (b.Payload == nil) {
		return false
	}
	for i := range a.Args {
		if a.Args[i] != b.Args[i] {
			return false
		}
	}
	return bytes.Equal(a.Payload, b.Payload)
}
