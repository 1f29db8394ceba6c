package upstream

import (
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"
)

// told is a server whose notification server says words, and the addresses
// that were dialled.
func told(t *testing.T, words string) (*Server, *[]string) {
	t.Helper()
	var dialled []string
	dial := func(_ context.Context, _, address string) (net.Conn, error) {
		dialled = append(dialled, address)
		near, far := net.Pipe()
		go func() {
			_, _ = io.WriteString(far, words)
			_ = far.Close()
		}()
		return near, nil
	}
	s, err := New("msn.example:1863", dial, nil)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := s.Dial(t.Context(), "NS", "messenger.hotmail.com")
	if err != nil {
		t.Fatal(err)
	}
	heard, err := io.ReadAll(conn)
	if err != nil || string(heard) != words {
		t.Fatalf("%q, %v", heard, err)
	}
	return s, &dialled
}

func TestOnlySwitchboardsThatWereNamedAreReached(t *testing.T) {
	words := "XFR 7 SB 10.0.0.5:2000 CKI 17.1\r\nRNG 11 10.0.0.6:1863 CKI 18 bob@example.com Bob\r\n" +
		"MSG Hotmail Hotmail 31\r\nXFR 8 SB 10.0.0.7:1863 CKI 1\r\n."
	s, dialled := told(t, words)
	for _, c := range []struct{ ip, address string }{
		{"10.0.0.5", "10.0.0.5:2000"},
		{"10.0.0.6", "10.0.0.6:1863"},
		{"10.0.0.7", ""}, // in a message, which anybody can write
		{"127.0.0.1", ""},
	} {
		before := len(*dialled)
		conn, err := s.Dial(t.Context(), "SB", c.ip)
		if got := strings.Join((*dialled)[before:], " "); got != c.address {
			t.Errorf("%s: dialled %q, want %q", c.ip, got, c.address)
		}
		if (err == nil) != (c.address != "") {
			t.Errorf("%s: %v", c.ip, err)
		}
		if conn != nil {
			_ = conn.Close()
		}
	}
}

// TestPayloadsAreNoCommands has a server of the newer versions tell much before it
// names a switchboard.
func TestPayloadsAreNoCommands(t *testing.T) {
	s, _ := told(t, "ADL 0 31\r\nXFR 1 SB 10.0.0.4:1863 CKI 1\r\n\r\nRML 0 3\r\nabcADL 6 OK\r\nUBN bob@example.com 5 2\r\nhi"+
		"241 6 12\r\n<ml>XFR</ml>911 7\r\nXFR 8 SB 10.0.0.5:2000 CKI 17.1\r\n")
	if _, ok := s.find("10.0.0.4"); ok {
		t.Error("a switchboard was taken from a payload")
	}
	if _, ok := s.find("10.0.0.5"); !ok {
		t.Error("a switchboard behind payloads was not noted")
	}
}

func TestWhatIsNotMSNPNamesNothing(t *testing.T) {
	s, _ := told(t, "SSH-2.0-OpenSSH\r\nXFR 7 SB 10.0.0.5:2000 CKI 17.1\r\n")
	if _, ok := s.find("10.0.0.5"); ok {
		t.Error("a switchboard was taken from what is not MSNP")
	}
}

func TestMemoryIsBounded(t *testing.T) {
	s, _ := told(t, "")
	for i := range 2 * most {
		s.note(net.JoinHostPort(net.IPv4(10, 0, byte(i>>8), byte(i)).String(), "1863"))
	}
	if len(s.named) != most {
		t.Errorf("%d switchboards are remembered", len(s.named))
	}
	s.named["old"] = place{"old:1", time.Now().Add(-known)}
	if _, ok := s.find("old"); ok {
		t.Error("one is still known after its time")
	}
}

func TestBadAddresses(t *testing.T) {
	for _, address := range []string{"", "host", ":1863", "host:"} {
		if _, err := New(address, nil, nil); err == nil || !strings.Contains(err.Error(), "host:port") {
			t.Errorf("%q: %v", address, err)
		}
	}
}

func TestUpstreamThatIsDownSaysSo(t *testing.T) {
	down := errors.New("connection refused")
	s, err := New("msn.example:1863", func(context.Context, string, string) (net.Conn, error) { return nil, down }, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = s.Dial(t.Context(), "NS", ""); !errors.Is(err, down) || !slices.Contains(strings.Fields(err.Error()), "(is") {
		t.Error(err)
	}
}
