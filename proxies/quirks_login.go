package proxies

import (
	"bytes"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf16"

	"github.com/icholy/digest"
	"golang.org/x/crypto/md4" //nolint:staticcheck // NTLM knows nothing better
)

// realm is what the challenges of all schemes call the place.
const realm = "gauntlet"

// loginQuirks are about what a client has to show before it is served.
func loginQuirks() []Quirk {
	clients := []Kind{Forward, TLS, Connect}
	return []Quirk{
		// The connection stays open for another try.
		{
			Word: basicWord, kinds: clients,
			Help: "a request without these credentials in Proxy-Authorization (RFC 7617) gets a 407 that asks for them",
			effect: takes(text(isLogin, "user:password"), func(b *behaviour, login string) {
				b.login = login
				b.admit = append(b.admit, func(x *exchange, r *http.Request) bool { return admitsBasic(x, r, login) })
			}),
		},
		{
			Word: digestWord, kinds: clients,
			Help: "a request without the digest of these credentials (RFC 7616) gets a 407 with a nonce; with a time, a nonce is good for so long, and then the 407 says stale=true",
			effect: takes(loginFor(), func(b *behaviour, l shownFor) {
				b.login = l.login
				b.admit = append(b.admit, (&digestGuard{login: l.login, lives: l.time, nonces: map[string]time.Time{}}).admits)
			}),
		},
		// MS-NLMP. Whoever loses the connection has to begin anew, and may at any time.
		{
			Word: ntlmWord, kinds: clients,
			Help: "a connection serves after the three messages of NTLM with these credentials, in two requests, and no longer than it lives",
			effect: takes(text(isLogin, "user:password"), func(b *behaviour, login string) {
				b.login = login
				b.admit = append(b.admit, (&ntlmGuard{login: login}).admits)
			}),
		},
		{
			Word: "asks-for", kinds: clients,
			Help: "answers each request by a 407 that asks for this scheme, such as Negotiate, and takes nothing that a client may show",
			effect: takes(text(isWord, "a scheme"), func(b *behaviour, scheme string) {
				b.admit = append(b.admit, func(x *exchange, _ *http.Request) bool { return challenge(x, scheme) })
			}),
		},
		{
			Word: loginWord, kinds: []Kind{Socks4, Socks4a, Socks5},
			Help:   "a SOCKS client that does not give this is turned away; SOCKS 4 has no passwords, there the user alone must match",
			effect: takes(text(isWord, "user or user:password"), func(b *behaviour, login string) { b.login = login }),
		},
	}
}

// challenge asks for what the value of Proxy-Authenticate says.
func challenge(x *exchange, value string) bool {
	x.w.Header().Set("Proxy-Authenticate", value)
	http.Error(x.w, http.StatusText(http.StatusProxyAuthRequired), http.StatusProxyAuthRequired)
	return false
}

// admitsBasic reports whether the request may go on; if not it was answered. Who
// is in an opened tunnel has shown who it is.
func admitsBasic(x *exchange, r *http.Request, wanted string) bool {
	return x.client.opened != "" || proves(r.Header.Get("Proxy-Authorization"), wanted) || challenge(x, `Basic realm="`+realm+`"`)
}

func proves(given, wanted string) bool {
	scheme, encoded, _ := strings.Cut(given, " ")
	decoded, err := base64.StdEncoding.DecodeString(strings.TrimSpace(encoded))
	return err == nil && strings.EqualFold(scheme, "Basic") && hmac.Equal(decoded, []byte(wanted))
}

// shownFor are credentials, and how long showing them counts; 0 is for ever.
type shownFor struct {
	login string
	time  time.Duration
}

func loginFor() argument[shownFor] {
	login, lives := text(isLogin, "user:password"), duration()
	return argument[shownFor]{login.example + " [for D]", func(s *scanner) (shownFor, error) {
		given, err := login.read(s)
		if err != nil || !s.take("for") {
			return shownFor{login: given}, err
		}
		d, err := lives.read(s)
		return shownFor{given, d}, err
	}, func(l shownFor) string {
		if l.time > 0 {
			return l.login + " for " + l.time.String()
		}
		return l.login
	}}
}

// digestGuard is a box's memory of the nonces that it gave.
type digestGuard struct {
	login string
	lives time.Duration

	mu     sync.Mutex
	nonces map[string]time.Time // since when
}

func (g *digestGuard) admits(x *exchange, r *http.Request) bool {
	if x.client.opened != "" {
		return true
	}
	proven, age := g.proven(r)
	if proven && (g.lives == 0 || age < g.lives) {
		return true
	}
	value := fmt.Sprintf(`Digest realm="%s", qop="auth", algorithm=MD5, nonce="%s"`, realm, g.nonce())
	if proven {
		value += ", stale=true"
	}
	return challenge(x, value)
}

// nonce is one that nobody has got yet. It need not be a secret here.
func (g *digestGuard) nonce() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d", g.login, len(g.nonces)))
	n := hex.EncodeToString(sum[:16])
	g.nonces[n] = time.Now()
	return n
}

// proven reports whether the request shows the credentials by one of the nonces,
// and how old that is.
func (g *digestGuard) proven(r *http.Request) (proven bool, age time.Duration) {
	c, err := digest.ParseCredentials(r.Header.Get("Proxy-Authorization"))
	if err != nil {
		return false, 0
	}
	g.mu.Lock()
	since, known := g.nonces[c.Nonce]
	g.mu.Unlock()
	user, password, _ := strings.Cut(g.login, ":")
	if !known || c.Username != user || c.URI != r.RequestURI && c.URI != r.URL.RequestURI() {
		return false, 0
	}
	right, err := digest.Digest(&digest.Challenge{Realm: realm, Nonce: c.Nonce, Algorithm: "MD5", QOP: []string{"auth"}},
		digest.Options{Method: r.Method, URI: c.URI, Username: user, Password: password, Cnonce: c.Cnonce, Count: c.Nc})
	return err == nil && hmac.Equal([]byte(right.Response), []byte(c.Response)), time.Since(since)
}

// ntlmLogin is how far a connection has come.
type ntlmLogin struct {
	asked    []byte // the challenge that was sent
	admitted bool
}

// ntlmGuard admits connections, not requests.
type ntlmGuard struct {
	login string
	given atomic.Uint64 // challenges
}

// admits goes through the messages of NTLM on the client's connection. What else a
// request shows there does not matter any more once the connection is admitted.
func (g *ntlmGuard) admits(x *exchange, r *http.Request) bool {
	if x.client.opened != "" {
		return true
	}
	state, message := &x.client.ntlm, ntlmShown(r)
	switch {
	case bytes.HasPrefix(message, []byte(ntlmNegotiate)):
		*state = ntlmLogin{asked: g.challenge()}
		return challenge(x, "NTLM "+base64.StdEncoding.EncodeToString(ntlmChallenge(state.asked)))
	case state.admitted:
		return true
	case bytes.HasPrefix(message, []byte(ntlmAuthenticate)) && ntlmProves(message, state.asked, g.login):
		state.admitted = true
		return true
	}
	*state = ntlmLogin{}
	return challenge(x, "NTLM")
}

// challenge is one that no connection has got yet. It need not be a secret here.
func (g *ntlmGuard) challenge() []byte {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d", g.login, g.given.Add(1)))
	return sum[:8]
}

// ntlmShown is the message of NTLM in a request; nil if there is none.
func ntlmShown(r *http.Request) []byte {
	scheme, encoded, _ := strings.Cut(r.Header.Get("Proxy-Authorization"), " ")
	message, err := base64.StdEncoding.DecodeString(strings.TrimSpace(encoded))
	if err != nil || !strings.EqualFold(scheme, "NTLM") {
		return nil
	}
	return message
}

// How the messages begin: with a signature and a kind.
const (
	ntlmNegotiate    = "NTLMSSP\x00\x01\x00\x00\x00"
	ntlmChallenges   = "NTLMSSP\x00\x02\x00\x00\x00"
	ntlmAuthenticate = "NTLMSSP\x00\x03\x00\x00\x00"
)

// ntlmChallenge is a CHALLENGE_MESSAGE (MS-NLMP, section 2.2.1.2): Unicode, NTLM,
// extended session security and target information, which names the realm.
func ntlmChallenge(asks []byte) []byte {
	const flags, head = 0x00000001 | 0x00000004 | 0x00000200 | 0x00080000 | 0x00800000, 56
	name := inUTF16(realm)
	info := binary.LittleEndian.AppendUint16([]byte{2, 0}, uint16(len(name))) // MsvAvNbDomainName
	info = append(append(info, name...), 0, 0, 0, 0)                          // MsvAvEOL
	m := []byte(ntlmChallenges)
	m = ntlmField(m, len(name), head)
	m = binary.LittleEndian.AppendUint32(m, flags)
	m = append(m, asks...)
	m = append(m, make([]byte, 8)...) // reserved
	m = ntlmField(m, len(info), head+len(name))
	m = append(m, make([]byte, 8)...) // version
	return append(append(m, name...), info...)
}

// ntlmField appends where something of that size stands.
func ntlmField(m []byte, size, at int) []byte {
	m = binary.LittleEndian.AppendUint16(m, uint16(size))
	m = binary.LittleEndian.AppendUint16(m, uint16(size))
	return binary.LittleEndian.AppendUint32(m, uint32(at))
}

// ntlmProves reports whether an AUTHENTICATE_MESSAGE (MS-NLMP, section 2.2.1.3)
// answers the challenge by NTLMv2 with these credentials.
func ntlmProves(m, asked []byte, login string) bool {
	user, password, _ := strings.Cut(login, ":")
	answer, domain, name := ntlmPart(m, 20), ntlmPart(m, 28), ntlmPart(m, 36)
	if len(asked) == 0 || len(answer) <= md5.Size || !bytes.EqualFold(name, inUTF16(user)) {
		return false
	}
	hash := md4.New()
	hash.Write(inUTF16(password))
	key := keyed(hash.Sum(nil), inUTF16(strings.ToUpper(user)), domain)
	return hmac.Equal(keyed(key, asked, answer[md5.Size:]), answer[:md5.Size])
}

// ntlmPart is what the field at that place of a message points to; nil if that is
// not in it.
func ntlmPart(m []byte, field int) []byte {
	if len(m) < field+8 {
		return nil
	}
	size, at := int(binary.LittleEndian.Uint16(m[field:])), int(binary.LittleEndian.Uint32(m[field+4:]))
	if at < 0 || at+size > len(m) {
		return nil
	}
	return m[at : at+size]
}

func keyed(key []byte, parts ...[]byte) []byte {
	h := hmac.New(md5.New, key)
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}

func inUTF16(s string) (b []byte) {
	for _, u := range utf16.Encode([]rune(s)) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return b
}
