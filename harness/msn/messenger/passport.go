package messenger

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"time"
)

// ErrCredentials says that there is no such account, or that its password is
// another.
var ErrCredentials = errors.New("no such account or wrong password")

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

// passportsPerUser bounds the tickets of one user that are kept.
const passportsPerUser = 64

// Login issues a ticket. The login endpoints of MSNP clients use it; the
// clients then sign in with it. The error is ErrCredentials.
func (m *Messenger) Login(email, password string) (Passport, error) {
	p := Passport{Ticket: base64.RawURLEncoding.EncodeToString(randomBytes(24)), Secret: randomBytes(24)}
	m.mu.Lock()
	defer m.mu.Unlock()
	a := m.accounts[key(email)]
	if a == nil || a.password != "" && a.password != password {
		return Passport{}, ErrCredentials
	}
	m.forgetPassports(a)
	m.passports[p.Ticket] = passport{p, a, time.Now().Add(passportLife)}
	return p, nil
}

// forgetPassports drops those that are out of date and, of a user who has too
// many, all.
func (m *Messenger) forgetPassports(a *account) {
	var own []string
	for ticket, p := range m.passports {
		switch {
		case !time.Now().Before(p.expires):
			delete(m.passports, ticket)
		case p.account == a:
			own = append(own, ticket)
		}
	}
	if len(own) < passportsPerUser {
		return
	}
	for _, ticket := range own {
		delete(m.passports, ticket)
	}
}

// Holder is the email of the account that a ticket was issued to, such as a
// contact service is shown; false if it is not good.
func (m *Messenger) Holder(ticket string) (email string, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p, known := m.passports[ticket]
	if !known || !time.Now().Before(p.expires) {
		return "", false
	}
	return p.account.email, true
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // it never fails
	return b
}
