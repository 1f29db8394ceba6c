package specs

import (
	"fmt"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// The requests of real MSN clients, as they were seen on the wire: the fields,
// their order, their spelling, and what stands in the first body. {host} and
// {length} are filled in.

const usualFields = `Accept: */*
Accept-Language: en-us
User-Agent: MSMSGS
Host: {host}
Proxy-Connection: Keep-Alive
Connection: Keep-Alive
Pragma: no-cache
Content-Type: application/x-msn-messenger
Content-Length: {length}`

const gatewayHost = "gateway.messenger.hotmail.com"

const bareMachine = "1BE99E6D-1C6E-4BEA-8B3E-9C464006A774"

// realClients are the clients of which requests were kept.
func realClients() []realClient {
	return []realClient{
		{
			name: "the official client 5", offers: "MSNP8 CVR0", ip: "messenger.hotmail.com", login: "nexus",
			fields: strings.Replace(usualFields, "User-Agent", "Accept-Encoding: gzip, deflate\nUser-Agent", 1),
		},
		{name: "libmsn", offers: "MSNP18 CVR0", ip: gatewayHost, login: "/RST.srf", slashes: "/", place: ";{1BE99E6D-1C6E-4BEA-8B3E-9C464006A774}", fields: usualFields},
		{
			name: "msn-pecan", offers: "MSNP12 MSNP11 MSNP10 MSNP9 MSNP8 CVR0", ip: "messenger.hotmail.com", login: "/RST.srf",
			fields: strings.Replace(strings.Replace(usualFields, "Accept-Language: en-us\n", "", 1), "Pragma: no-cache", "Pragma: no-cache\nCache-Control: no-cache", 1),
		},
		{
			name: "aMSN", offers: "MSNP12 CVR0", ip: "messenger.hotmail.com", login: "nexus", opens: withNothing, batches: true, origin: true,
			fields: "Accept: */*\nContent-Type: text/xml; charset=utf-8\nContent-Length: {length}\nUser-Agent: MSMSGS\nHost: {host}\nProxy-Connection: Keep-Alive\nConnection: Keep-Alive\nPragma: no-cache\nCache-Control: no-cache",
		},
		{name: "emesene 1.6", offers: "MSNP15 MSNP14 MSNP13 CVR0", ip: gatewayHost, login: "/RST.srf", fields: usualFields},
		{
			name: "MSNPSharp", offers: "MSNP18 CVR0", ip: "messenger.hotmail.com", login: "/RST2.srf", opens: withAll, poll: "Action=poll&Lifespan=3&SessionID=", origin: true, expects: true,
			fields: "Accept: */*\nPragma: no-cache\nContent-Type: text/html; charset=UTF-8\nUser-Agent: Mozilla/5.0 (Windows NT 6.1) AppleWebKit/535.11 (KHTML, like Gecko) Chrome/17.0.963.65 Safari/535.11\nX-Requested-Session-Content-Type: text/html\nContent-Length: {length}\nProxy-Connection: keep-alive\nHost: {host}",
		},
		{
			name: "libpurple 2.6", offers: "MSNP15 CVR0", ip: gatewayHost, login: "/RST.srf", slashes: "/", fields: usualFields,
		},
		{
			name: "libpurple 2.7", offers: "MSNP18 CVR0", ip: gatewayHost, login: "/RST.srf", slashes: "/", fields: usualFields,
			place: ";" + bareMachine, machine: " " + bareMachine, book: "omega.contacts.msn.com",
		},
		{
			name: "libpurple 2.10.6", offers: "MSNP18 CVR0", ip: gatewayHost, login: "/RST.srf", slashes: "/", fields: usualFields,
			place: ";" + bareMachine, machine: " " + bareMachine, book: "local-bay.contacts.msn.com",
		},
		{
			name: "the official client 14", offers: "MSNP18 CVR0", ip: gatewayHost, login: "/RST2.srf", fields: usualFields,
			place: ";{" + bareMachine + "}", machine: " {" + bareMachine + "}", book: "local-bay.contacts.msn.com",
		},
		{
			name: "gtmess-gw", offers: "MSNP18 CVR0", ip: "127.0.0.1", login: "/RST.srf",
			fields: "Accept: */*\nAccept-Language: en-us\nAccept-Encoding: gzip, deflate\nUser-Agent: MSMSGS\nHost: {host}\nProxy-Connection: Keep-Alive\nPragma: no-cache\nContent-Type: application/x-msn-messenger\nContent-Length: {length}",
		},
	}
}

var _ = Describe("Real MSN clients", Label("gateway", "messenger", "login"), func() {
	for _, c := range realClients() {
		for _, way := range []string{"directly, by name", "through a forward proxy, and by CONNECT where it is TLS"} {
			It(fmt.Sprintf("%s (%s) signs in and chats %s", c.name, c.offers, way), atGateway("documented think=50ms", func(s *msnSite) {
				r := newRealSite(s, strings.HasPrefix(way, "through"))
				defer r.close()
				a := r.signsIn(c)
				a.hasContacts()
				a.chats(s.bob)
				a.leaves()
			}))
		}
	}

	It("hear 911 for a wrong proof, and of a fault where they have no account", atGateway("documented", func(s *msnSite) {
		r := newRealSite(s, false)
		defer r.close()
		c := realClients()[1]
		Expect(r.asksForTokens(c, "nobody@example.com")).To(ContainSubstring("<faultcode>wsse:FailedAuthentication</faultcode>"))
		a := r.opens(c)
		a.waitsFor("USR 3 SSO S MBI_KEY_OLD ")
		ticket, _ := r.logsIn(c)
		a.says("USR 4 SSO S t=" + ticket + "&p= bm9wZQ== \r\n")
		a.waitsFor("911 4\r\n")
	}))

	It("with a version that nobody here speaks are told so", atGateway("documented", func(s *msnSite) {
		r := newRealSite(s, false)
		defer r.close()
		c := realClients()[5]
		c.offers = "MSNP21 CVR0"
		a := r.opens(c)
		a.waitsFor("VER 1 0\r\n")
	}))
})

// strangers are clients that ask for what is not here, and one that asks for a
// name that nobody was seen to ask for.
func strangers() []realClient {
	all := realClients()
	client := func(name string, change func(*realClient)) realClient {
		for _, c := range all {
			if c.name == "libpurple 2.10.6" {
				c.name = name
				change(&c)
				return c
			}
		}
		panic("no libpurple")
	}
	return []realClient{
		client("finds a book of another name", func(c *realClient) { c.book = "Some.Where.contacts.MSN.com" }),
		client("looks for its book elsewhere", func(c *realClient) { c.book = "contacts.nowhere.example" }),
		client("logs in at no service", func(c *realClient) { c.login = "/RST9.srf" }),
		client("has no machine", func(c *realClient) { c.machine = " here" }),
	}
}
