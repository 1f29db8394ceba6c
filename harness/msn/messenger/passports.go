package messenger

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"strings"
	"time"

	"gauntlet/harness/msn/msnp"
)

// errCredentials says that there is no such account, or that its password is
// another.
var errCredentials = errors.New("no such account or wrong password")

// Passport is what a login service gives to a user who has shown a password,
// to sign in with at the notification server.
type Passport struct {
	Ticket string // behind t= in USR … TWN S and USR … SSO S
	Secret []byte // 24 bytes, from which an SSO client proves that the ticket is its own
}

// passportLife is how long a ticket is good.
const passportLife = 24 * time.Hour

// passport is one that was issued.
type passport struct {
	Passport
	account *account
	expires time.Time
}

func (p passport) good() bool { return time.Now().Before(p.expires) }

// passportsPerUser bounds the tickets of one user that are kept.
const passportsPerUser = 64

// passports are those that were issued, by ticket.
type passports map[string]passport

func (p passports) issue(a *account) Passport {
	p.forget(a)
	given := Passport{Ticket: base64.RawURLEncoding.EncodeToString(randomBytes(24)), Secret: randomBytes(24)}
	p[given.Ticket] = passport{given, a, time.Now().Add(passportLife)}
	return given
}

// forget drops those that are out of date and, of a user who has too many, all.
func (p passports) forget(a *account) {
	var own []string
	for ticket, issued := range p {
		switch {
		case !issued.good():
			delete(p, ticket)
		case issued.account == a:
			own = append(own, ticket)
		}
	}
	if len(own) < passportsPerUser {
		return
	}
	for _, ticket := range own {
		delete(p, ticket)
	}
}

// admits reports whether a ticket is good for a: one that was issued to a or,
// where the login service is not played, a's password itself.
func (p passports) admits(a *account, ticket string) bool {
	if !strings.HasPrefix(ticket, "t=") {
		return false
	}
	t := ticketValue(ticket)
	if issued, ours := p[t]; ours {
		return issued.account == a && issued.good()
	}
	return a.password == "" || t == a.password || msnp.DecodeNick(t) == a.password
}

// ticketValue is what stands behind t= in "t=value&p=…".
func ticketValue(ticket string) string {
	t, _, _ := strings.Cut(strings.TrimPrefix(ticket, "t="), "&")
	return t
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // it never fails
	return b
}
