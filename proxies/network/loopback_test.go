package network

import (
	"errors"
	"net"
	"syscall"
	"testing"
)

func TestWhatIsBelowADomainIsReached(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	here := l.Addr().String()
	n := &Loopback{Only: true, Routes: map[string]string{"login.example.com:443": here}, Below: map[string]string{"example.com:443": here}}
	for address, reached := range map[string]bool{
		"login.example.com:443": true, "LOGIN.example.com:443": true, "a.b.Example.com:443": true, "a.example.com.:443": true,
		"example.com:443": false, "anexample.com:443": false, "a.example.com:80": false, "a.example.com.evil:443": false, here: false,
	} {
		conn, err := n.DialContext(t.Context(), "tcp", address)
		if err == nil {
			_ = conn.Close()
		}
		if (err == nil) != reached || err != nil && !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("%s: %v", address, err)
		}
	}
}
