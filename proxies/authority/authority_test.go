package authority

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"strings"
	"testing"
)

// Clients of every age are served: by elliptic curves, by RSA key exchange, by
// TLS 1.0.
func TestOldClientsCanSpeakTLS(t *testing.T) {
	a, err := New()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]*tls.Config{
		"today":                      {},
		"TLS 1.2 with RSA":           {MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_RSA_WITH_AES_128_CBC_SHA}},
		"TLS 1.0 with triple DES":    {MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS10, CipherSuites: []uint16{tls.TLS_RSA_WITH_3DES_EDE_CBC_SHA}},
		"TLS 1.0 with RC4":           {MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS10, CipherSuites: []uint16{tls.TLS_RSA_WITH_RC4_128_SHA}},
		"TLS 1.1 with ECDHE and RSA": {MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11, CipherSuites: []uint16{tls.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA}},
		"TLS 1.2 without a name":     {MaxVersion: tls.VersionTLS12},
	} {
		t.Run(name, func(t *testing.T) {
			c.RootCAs, c.ServerName = x509.NewCertPool(), "login.live.com"
			c.RootCAs.AppendCertsFromPEM(a.PEM())
			near, far := net.Pipe()
			server := tls.Server(far, a.Config("login.live.com"))
			ended := make(chan error, 1)
			go func() { ended <- server.Handshake() }()
			client := tls.Client(near, c)
			if err := client.Handshake(); err != nil {
				t.Error(err)
			}
			if err := <-ended; err != nil {
				t.Error(err)
			}
			_, _ = near.Close(), far.Close()
		})
	}
}

// What is wrong with a certificate is all that is.
func TestCertificatesThatNobodyMayTake(t *testing.T) {
	a, err := New()
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := New()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		shows *tls.Config
		want  string // of the client's error
	}{
		"sound":              {a.Config("gw.example"), ""},
		"expired":            {a.Expired("gw.example"), "x509: certificate has expired"},
		"of another host":    {a.Another("portal.example"), "x509: certificate is valid for portal.example, not gw.example"},
		"of another's trust": {stranger.Config("gw.example"), "x509: certificate signed by unknown authority"},
	} {
		for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
			near, far := net.Pipe()
			server := tls.Server(far, c.shows)
			ended := make(chan error, 1)
			go func() { ended <- server.Handshake() }()
			err := tls.Client(near, &tls.Config{RootCAs: a.Pool(), ServerName: "gw.example", MaxVersion: version}).Handshake()
			if (err != nil) != (c.want != "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: %v, want %q", name, err, c.want)
			}
			if err := <-ended; (err != nil) != (c.want != "") {
				t.Errorf("%s: the server hears %v", name, err)
			}
			_, _ = near.Close(), far.Close()
		}
	}
}

// Who does not say which name it means gets a certificate that has all of them.
func TestACertificateForWhoNamesNobody(t *testing.T) {
	a, err := New()
	if err != nil {
		t.Fatal(err)
	}
	for name, good := range map[string]bool{"login.live.com": true, "contacts.msn.com": true, "any.msn.com": true, "a.b.msn.com": false} {
		near, far := net.Pipe()
		server := tls.Server(far, a.Config("login.live.com", "contacts.msn.com", "*.msn.com"))
		ended := make(chan error, 1)
		go func() { ended <- server.Handshake() }()
		client := tls.Client(near, &tls.Config{MaxVersion: tls.VersionTLS12, InsecureSkipVerify: true}) // checked below
		if err := client.Handshake(); err != nil {
			t.Fatal(err)
		}
		_, err := client.ConnectionState().PeerCertificates[0].Verify(x509.VerifyOptions{Roots: a.Pool(), DNSName: name})
		if (err == nil) != good {
			t.Errorf("%s: %v", name, err)
		}
		if err := <-ended; err != nil {
			t.Error(err)
		}
		_, _ = near.Close(), far.Close()
	}
}
