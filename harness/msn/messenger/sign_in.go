package messenger

import (
	"encoding/base64"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/msn/msnp"
)

// stage is how far a client is with signing in.
type stage int

const (
	fresh     stage = 1 << iota // wants VER
	versioned                   // wants CVR or the first USR, which names the user
	named                       // wants the second USR, with the ticket
	signedIn
)

// signIn is the part of the dialogue that ends with an account. The versions
// have two ways: a Passport ticket alone (TWN), or with a proof (SSO).
type signIn struct {
	*visitor
	stage   stage
	nonce   string // what an SSO client has to sign
	claimed string // the email of the first USR
}

// VER n protocols… [CVR0]: the newest that both sides have. To a client of
// MSNP8, which wants to know all that there is, CVR0 is confirmed too. Without
// a common one the answer is 0, and the end.
func (s *signIn) version(c msnp.Command) {
	if s.stage != fresh {
		s.refuse(c, msnp.NotExpected)
		return
	}
	offers := c.Args[1:]
	s.protocol = s.m.options.chosen(offers)
	if s.protocol == 0 {
		s.log.Warn("no version of MSNP in common: have the client offer one that is spoken", "offered", strings.Join(offers, " "), "spoken", spoken(s.m.options.Versions))
		s.observe(history.Event{Kind: history.SignInRefused, Text: "no version of MSNP in common"})
		s.send(msnp.New("VER", c.Arg(0), "0"))
		s.end()
		return
	}
	s.stage = versioned
	args := []string{c.Arg(0), fmt.Sprintf("MSNP%d", s.protocol)}
	if s.protocol == oldest && slices.Contains(offers, "CVR0") {
		args = append(args, "CVR0")
	}
	s.send(msnp.New("VER", args...))
}

func spoken(versions []int) string {
	var list []string
	for _, v := range versions {
		list = append(list, fmt.Sprintf("MSNP%d", v))
	}
	return strings.Join(list, " ")
}

// descriptions are those of a client in CVR, behind the transaction id.
const descriptions = 8

// CVR n locale os version arch library version name email: the answer
// recommends the client's own version. The addresses in it lead nowhere. All
// clients name all eight; servers of the revival die of fewer.
func (s *signIn) client(c msnp.Command) {
	if len(c.Args) <= descriptions || slices.Contains(c.Args, "") {
		s.observe(history.Event{Kind: history.SignInRefused, Text: "CVR does not describe the client"})
		s.refuse(c, msnp.InvalidParameter)
		s.end()
		return
	}
	v := c.Arg(6)
	s.send(msnp.New("CVR", c.Arg(0), v, v, v, "http://download.invalid/client", "http://download.invalid/info"))
}

// way is one of the two in which a user shows who it is: by what its ticket,
// and a proof, have to be.
type way struct {
	name  string
	ask   func(s *signIn, trid string)                       // for the second USR
	wrong func(s *signIn, c msnp.Command, a *account) string // with that; "" = nothing
}

func (s *signIn) way() way {
	if s.protocol >= singleSignOn {
		return way{"SSO", (*signIn).askProof, (*signIn).wrongProof}
	}
	return way{"TWN", (*signIn).askTicket, (*signIn).wrongTicket}
}

// USR n TWN I email, then USR n TWN S ticket; from MSNP15 on, SSO instead of
// TWN. The first may name anybody: whether they exist is told with the ticket.
func (s *signIn) authenticate(c msnp.Command) {
	method, value, w := strings.Join(c.Args[1:min(3, len(c.Args))], " "), c.Arg(3), s.way()
	switch {
	case s.stage == signedIn:
		s.refuse(c, msnp.AlreadySignedIn)
	case value == "":
		s.refuse(c, msnp.InvalidParameter)
		s.end()
	case s.stage == versioned && method == w.name+" I":
		s.stage, s.claimed, s.user = named, value, value
		w.ask(s, c.Arg(0))
	case s.stage == named && method == w.name+" S":
		s.identify(c, w)
	default:
		s.misplaced(c, true)
	}
}

func (s *signIn) identify(c msnp.Command, w way) {
	a := s.m.accounts[key(s.claimed)]
	if a == nil {
		s.turnAway(c, noTicket)
	} else if wrong := w.wrong(s, c, a); wrong != "" {
		s.turnAway(c, wrong)
	} else {
		s.welcome(c, a)
	}
}

const noTicket = "no such account or a wrong ticket"

func (s *signIn) askTicket(trid string) {
	s.send(msnp.New("USR", trid, "TWN", "S", passportPolicy(s.m.random)))
}

// passportPolicy is what a client takes to Passport to get a ticket. No part
// of it means anything here but to look as usual.
func passportPolicy(random *rand.Rand) string {
	return fmt.Sprintf("lc=1033,id=507,tw=40,fs=1,ru=http%%3A%%2F%%2Fmessenger%%2Emsn%%2Ecom,ct=%d,kpp=1,kv=5,ver=2.1.0173.1,tpf=%016x%016x",
		1062764229, random.Uint64(), random.Uint64())
}

func (s *signIn) wrongTicket(c msnp.Command, a *account) string {
	if !s.m.passports.admits(a, strings.Join(c.Args[3:], " ")) {
		return noTicket
	}
	return ""
}

// nonceBytes are as many as make a nonce of 64 characters: clients pad it by
// eight and encrypt it in blocks of eight.
const nonceBytes = 48

// askProof sends what the client has to make its proof of.
func (s *signIn) askProof(trid string) {
	raw := make([]byte, nonceBytes)
	for i := range raw {
		raw[i] = byte(s.m.random.Uint32())
	}
	s.nonce = base64.StdEncoding.EncodeToString(raw)
	s.send(msnp.New("USR", trid, "SSO", "S", "MBI_KEY_OLD", s.nonce))
}

// place is how MSNP16 and later name where a user is. The official client puts
// it in braces, libpurple does not.
var place = regexp.MustCompile(`^(\{[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}|[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})$`)

// wrongProof judges USR n SSO S ticket proof [place]. A ticket of our own login
// service has a secret, and the proof must fit; one that is the account's
// password, as in tests without that service, has none, and needs no proof.
func (s *signIn) wrongProof(c msnp.Command, a *account) string {
	ticket := c.Arg(3)
	if !s.m.passports.admits(a, ticket) {
		return noTicket
	}
	if pass, ours := s.m.passports[ticketValue(ticket)]; ours {
		if err := msnp.CheckProof(pass.Secret, s.nonce, c.Arg(4)); err != nil {
			return err.Error()
		}
	}
	if where := c.Arg(5); s.protocol >= endpoints && where != "" && !place.MatchString(where) {
		return "not the name of a place: " + where
	}
	return ""
}

func (s *signIn) turnAway(c msnp.Command, why string) {
	s.log.Warn("sign-in refused", "user", s.claimed, "why", why)
	s.observe(history.Event{Kind: history.SignInRefused, Text: why})
	s.refuse(c, msnp.AuthFailed)
	s.end()
}

// welcome signs a in. The nickname is told here up to MSNP9, later with the
// lists or by SOAP.
func (s *signIn) welcome(c msnp.Command, a *account) {
	s.stage, s.account, s.user = signedIn, a, a.email
	s.m.signIn(a, s.visitor)
	args := []string{c.Arg(0), "OK", a.email}
	if s.protocol < properties {
		args = append(args, msnp.EncodeNick(a.nick))
	}
	s.send(msnp.New("USR", append(args, "1", "0")...))
	if s.protocol >= personal {
		s.send(msnp.New("SBS", "0", "null"))
	}
	s.send(s.profile())
}

// profile is the message that follows a sign-in: what the servers know of the
// account, and from where the client came.
func (s *signIn) profile() msnp.Command {
	m := msnp.Message{ContentType: msnp.ProfileType, Fields: s.profileFields()}
	return msnp.New("MSG", "Hotmail", "Hotmail").WithPayload(m.Payload())
}

func (s *signIn) profileFields() []msnp.Field {
	fields := s.accountFields()
	if s.protocol >= properties {
		fields = append(fields, msnp.Field{Name: "ABCHMigrated", Value: "1"}) // contacts have ids
	}
	ip, port := s.origin()
	return append(fields, msnp.Field{Name: "ClientIP", Value: ip}, msnp.Field{Name: "ClientPort", Value: port})
}

func (s *signIn) accountFields() []msnp.Field {
	id := fnv.New64a()
	_, _ = id.Write([]byte(key(s.account.email))) // a hash never fails
	return []msnp.Field{
		{Name: "LoginTime", Value: strconv.FormatInt(time.Now().Unix(), 10)},
		{Name: "EmailEnabled", Value: "0"},
		{Name: "MemberIdHigh", Value: strconv.Itoa(int(id.Sum64() >> 48))},
		{Name: "MemberIdLow", Value: strconv.Itoa(int(int32(id.Sum64())))},
		{Name: "lang_preference", Value: "1033"},
		{Name: "preferredEmail", Value: s.account.email},
		{Name: "country", Value: "US"},
		{Name: "PostalCode"},
		{Name: "Gender"},
		{Name: "Kid", Value: "0"},
		{Name: "Age"},
		{Name: "BDayPre"},
		{Name: "Birthday"},
		{Name: "Wallet"},
		{Name: "Flags", Value: "1073742915"},
		{Name: "sid", Value: "507"},
		{Name: "kv", Value: "5"},
		{Name: "MSPAuth", Value: fmt.Sprintf("%016x", s.m.random.Uint64())},
	}
}
