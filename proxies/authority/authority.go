// Package authority makes the certificates of servers that clients of every age
// are to trust: of boxes that open TLS, and of login services. It knows nothing
// of HTTP, and starts no goroutine.
package authority

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"strings"
	"sync"
	"time"
)

// rsaBits is the size of the keys for clients that know nothing newer.
const rsaBits = 2048

// Authority is a certificate authority of our own. It and its certificates are
// valid from 1990 to 2100, and so in virtual time too, which begins in the year
// 2000. It is safe for concurrent use.
type Authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey

	mu     sync.Mutex
	old    *rsaAuthority               // for clients without elliptic curves; made when one asks
	leaves map[string]*tls.Certificate // by host, those for old clients behind "rsa "
	serial int64
}

// rsaAuthority is the same authority with an RSA key: a client that does not know
// elliptic curves cannot check such a signature either.
type rsaAuthority struct {
	cert *x509.Certificate
	key  *rsa.PrivateKey
}

// New makes an authority with a key of its own. Errors are those of the machine's
// source of randomness.
func New() (*Authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make an authority's key: %w", err)
	}
	a := &Authority{key: key, leaves: map[string]*tls.Certificate{}, serial: 1}
	if a.cert, err = selfSigned("Gauntlet test authority", key); err != nil {
		return nil, err
	}
	return a, nil
}

func selfSigned(name string, key crypto.Signer) (*x509.Certificate, error) {
	t := certificate(name, 1)
	t.IsCA, t.BasicConstraintsValid, t.KeyUsage = true, true, x509.KeyUsageCertSign|x509.KeyUsageCRLSign
	der, err := x509.CreateCertificate(rand.Reader, t, t, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("make an authority: %w", err)
	}
	return x509.ParseCertificate(der)
}

// rsa makes the authority's other half; the lock is held.
func (a *Authority) rsa() (*rsaAuthority, error) {
	if a.old != nil {
		return a.old, nil
	}
	key, err := rsa.GenerateKey(rand.Reader, rsaBits)
	if err != nil {
		return nil, fmt.Errorf("make an RSA key: %w", err)
	}
	cert, err := selfSigned("Gauntlet test authority (RSA)", key)
	if err != nil {
		return nil, err
	}
	a.old = &rsaAuthority{cert, key}
	return a.old, nil
}

func certificate(name string, serial int64) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(serial),
		Subject:      pkix.Name{CommonName: name, Organization: []string{"Gauntlet"}},
		NotBefore:    time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC),
		NotAfter:     inDate,
	}
}

// When certificates end, before and after all that is done with them.
var (
	inDate  = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
	expired = time.Date(1999, 12, 31, 0, 0, 0, 0, time.UTC)
)

// PEM returns the authority's certificate, for the client under test to trust, and
// behind it the one that old clients need.
func (a *Authority) PEM() []byte {
	a.mu.Lock()
	defer a.mu.Unlock()
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw})
	if old, err := a.rsa(); err == nil { // without it, old clients are told so by their own check
		text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: old.cert.Raw})...)
	}
	return text
}

// Pool returns a pool that trusts the authority.
func (a *Authority) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	return pool
}

// ecdsaLeaf returns a server's certificate for names and IP addresses, and makes it
// the first time.
func (a *Authority) ecdsaLeaf(until time.Time, hosts []string) (*tls.Certificate, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.leaf("", until, hosts, a.cert, a.key)
}

// rsaLeaf is one with an RSA key, signed by one, for clients that know no other.
func (a *Authority) rsaLeaf(until time.Time, hosts []string) (*tls.Certificate, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	old, err := a.rsa()
	if err != nil {
		return nil, err
	}
	return a.leaf("rsa ", until, hosts, old.cert, old.key)
}

func (a *Authority) leaf(kind string, until time.Time, hosts []string, parent *x509.Certificate, key crypto.Signer) (*tls.Certificate, error) {
	known := kind + until.Format("2006 ") + strings.Join(hosts, " ")
	if leaf := a.leaves[known]; leaf != nil {
		return leaf, nil
	}
	a.serial++
	t := certificate(hosts[0], a.serial)
	t.NotAfter = until
	t.KeyUsage, t.ExtKeyUsage = x509.KeyUsageDigitalSignature|x509.KeyUsageKeyEncipherment, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	for _, host := range hosts {
		if ip := net.ParseIP(host); ip != nil {
			t.IPAddresses = append(t.IPAddresses, ip)
		} else {
			t.DNSNames = append(t.DNSNames, host)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, t, parent, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("make a certificate for %q: %w", hosts[0], err)
	}
	a.leaves[known] = &tls.Certificate{Certificate: [][]byte{der, parent.Raw}, PrivateKey: key}
	return a.leaves[known], nil
}

// Config configures a server that has a certificate for whatever name the client
// asks for, or for host and the others where it names none, as old ones do. It
// speaks all that they may know: TLS 1.0, RSA key exchange, triple DES, RC4.
func (a *Authority) Config(host string, also ...string) *tls.Config {
	return a.config(inDate, append([]string{host}, also...), true)
}

// Expired is a Config whose certificates had their day in 1999.
func (a *Authority) Expired(host string, also ...string) *tls.Config {
	return a.config(expired, append([]string{host}, also...), true)
}

// Another is a Config whose certificate is for host, whatever name the client asks for.
func (a *Authority) Another(host string) *tls.Config {
	return a.config(inDate, []string{host}, false)
}

func (a *Authority) config(until time.Time, hosts []string, asAsked bool) *tls.Config {
	return &tls.Config{
		MinVersion:   tls.VersionTLS10,
		CipherSuites: allSuites(),
		GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			certified := hosts
			if asAsked && hello.ServerName != "" {
				certified = []string{hello.ServerName}
			}
			leaf, err := a.ecdsaLeaf(until, certified)
			if err == nil && hello.SupportsCertificate(leaf) == nil {
				return leaf, nil
			}
			return a.rsaLeaf(until, certified)
		},
	}
}

func allSuites() (ids []uint16) {
	for _, s := range append(tls.CipherSuites(), tls.InsecureCipherSuites()...) {
		ids = append(ids, s.ID)
	}
	return ids
}
