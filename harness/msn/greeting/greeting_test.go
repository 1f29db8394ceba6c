package greeting

import (
	"io"
	"net"
	"testing"
)

func TestOf(t *testing.T) {
	for _, c := range []struct {
		first string
		kind  Kind
		sure  bool
	}{
		{"", Unknown, false},
		{"\x16\x03\x01", TLS, true},
		{"\x05\x01\x00", SOCKS, true},
		{"\x04\x01\x00\x50", SOCKS, true},
		{"P", Unknown, false},
		{"POST", Unknown, false},
		{"POST /gateway", HTTP, true},
		{"GET / HTTP/1.0", HTTP, true},
		{"CONNECT a:443", HTTP, true},
		{"CON", Unknown, false},
		{"\r\nPOST / HTTP/1.1", HTTP, true},
		{"VER 1 MSNP8 CVR0\r\n", MSNP, true},
		{"VER", Unknown, false},
		{"SSH-2.0-x", Unknown, true},
		{"hello", Unknown, true},
	} {
		if kind, sure := Of([]byte(c.first)); kind != c.kind || sure != c.sure {
			t.Errorf("%q: %v, %v; want %v, %v", c.first, kind, sure, c.kind, c.sure)
		}
	}
}

// pipes is a listener of one connection.
type pipes struct {
	net.Listener
	conn net.Conn
}

func (p pipes) Accept() (net.Conn, error) { return p.conn, nil }

func TestWrongProtocolIsToldOnce(t *testing.T) {
	for speaks, want := range map[string]Kind{"\x16\x03\x01rest\x16": TLS, "POST / HTTP/1.1\r\n": ""} {
		near, far := net.Pipe()
		var told []Kind
		l := Listen(pipes{conn: near}, HTTP, func(_ net.Conn, k Kind) { told = append(told, k) })
		conn, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			for i := range len(speaks) { // byte by byte
				_, _ = far.Write([]byte{speaks[i]})
			}
			_ = far.Close()
		}()
		all, err := io.ReadAll(conn)
		if err != nil || string(all) != speaks {
			t.Errorf("%q, %v", all, err)
		}
		if want == "" && len(told) != 0 || want != "" && (len(told) != 1 || told[0] != want) {
			t.Errorf("%q: told %v", speaks, told)
		}
	}
}
