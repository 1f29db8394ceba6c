package specs

import (
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/harness/judge/history"
)

const script = "/gateway/gateway.dll"

var _ = Describe("The gateway opens sessions", Label("gateway"), func() {
	It("at its well-known host, port 80, to the notification server", proves(5, 37, 38), atGateway("documented think=50ms", func(s *msnSite) {
		client := s.raw("gateway.messenger.hotmail.com:80")
		client.sends("POST http://gateway.messenger.hotmail.com/gateway/gateway.dll?Action=open&Server=NS&IP=messenger.hotmail.com HTTP/1.1\r\n" +
			"Host: gateway.messenger.hotmail.com\r\nContent-Length: 18\r\n\r\nVER 1 MSNP8 CVR0\r\n")
		answer := client.gets()
		Expect(answer.head).To(MatchRegexp(`^HTTP/1\.1 200 OK\r\n` +
			`Content-Length: 18\r\nContent-Type: application/x-msn-messenger\r\n` +
			`X-MSN-Messenger: SessionID=\d{9,10}\.\d+; GW-IP=gateway\.messenger\.hotmail\.com\r\n` +
			`Date: Sat, 01 Jan 2000 00:00:00 GMT\r\n$`))
		Expect(answer.body).To(Equal("VER 1 MSNP8 CVR0\r\n"))
		Expect(s.routed).To(Equal([]string{"NS messenger.hotmail.com"}))
	}))

	It("to the switchboard, at the address that XFR gave", proves(37, 39), atGateway("documented think=50ms", func(s *msnSite) {
		address, ticket := s.client().signsIn().ticketTo()
		Expect(address).To(Equal("10.9.0.2:1863"))

		// Over HTTP the switchboard's host is the place, and not its port.
		chat := s.raw("10.9.0.2:80").opens("http://10.9.0.2"+script, "Server=SB&IP=10.9.0.2", "USR 1 alice@example.com "+ticket+"\r\n")
		chat.waitsFor("USR 1 OK alice@example.com Alice")
		Expect(s.routed).To(Equal([]string{"NS messenger.hotmail.com", "SB 10.9.0.2"}))
		Expect(s.happened(history.SessionOpened)[1].Server).To(Equal("SB"))
	}))

	It("to the switchboard at the dispatch host as well, with or without the port in IP", proves(39), atGateway("documented think=50ms", func(s *msnSite) {
		session := s.client().signsIn()
		for _, ip := range []string{"10.9.0.2", "10.9.0.2:1863"} {
			session.heard = ""
			_, ticket := session.ticketTo()
			chat := s.client().opens(dispatch, "Server=SB&IP="+ip, "USR 1 alice@example.com "+ticket+"\r\n")
			chat.waitsFor("USR 1 OK alice@example.com Alice")
		}
		Expect(s.routed[1:]).To(Equal([]string{"SB 10.9.0.2", "SB 10.9.0.2"}))
	}))

	It("by Server and IP, whatever the Host field and the connection say", proves(37, 54), atGateway("documented think=50ms", func(s *msnSite) {
		_, ticket := s.client().signsIn().ticketTo()
		for query, hello := range map[string]string{
			"Server=NS&IP=messenger.hotmail.com": "VER 1 MSNP8 CVR0\r\n",
			"Server=SB&IP=10.9.0.2":              "USR 1 alice@example.com " + ticket + "\r\n",
		} {
			client := s.raw("207.46.110.18:80")
			request := strings.Replace(post(script+"?Action=open&"+query, hello), "Host: gateway.messenger.hotmail.com", "Host: 10.9.0.10", 1)
			Expect(client.asks(request).status()).To(Equal("HTTP/1.1 200 OK"))
		}
		Expect(s.routed[1:]).To(ConsistOf("NS messenger.hotmail.com", "SB 10.9.0.2"))
	}))

	It("with the first command in the request, or without one", proves(41), atGateway("documented think=50ms", func(s *msnSite) {
		with := s.client().opensNS()
		Expect(with.heard).To(Equal("VER 1 MSNP8 CVR0\r\n"))

		without := s.client().opens(dispatch, "Server=NS&IP=messenger.hotmail.com", "")
		Expect(without.heard).To(BeEmpty())
		Expect(without.says("VER 5 MSNP8 CVR0\r\n").body).To(Equal("VER 5 MSNP8 CVR0\r\n"))
	}))
})

var _ = Describe("The gateway takes requests", Label("gateway"), func() {
	It("by POST, and by nothing else", proves(35), atGateway("documented think=50ms", func(s *msnSite) {
		session := s.client().opensNS()
		for _, method := range []string{"GET", "HEAD", "PUT", "OPTIONS"} {
			request := strings.Replace(session.request(""), "POST", method, 1)
			client := s.client()
			client.sends(request)
			bytes, ended := client.hears(seconds(1))
			Expect(bytes).To(HavePrefix("HTTP/1.1 405 Method Not Allowed\r\nAllow: POST\r\n"), method)
			Expect(ended).To(BeTrue())
		}
		session.polls()
	}))

	It("in absolute-form and in origin-form", proves(35, 53), atGateway("documented think=50ms", func(s *msnSite) {
		session := s.client().opens(script, "Server=NS&IP=messenger.hotmail.com", "VER 1 MSNP8 CVR0\r\n")
		for i, base := range []string{dispatch, script, "http://207.46.110.18" + script, "HTTP://anything.example:80" + script} {
			session.base = base
			if session.polls(); i == 0 {
				session.says(signingIn()[0])
			}
		}
		Expect(session.heard).To(HavePrefix("VER 1 MSNP8 CVR0\r\nCVR 2 5.0.0544 "))
	}))

	It("at /gateway/gateway.dll, and nowhere else", proves(53), atGateway("documented think=50ms", func(s *msnSite) {
		client := s.client()
		for _, path := range []string{"/", "/gateway", "/gateway/", "/gateway/gateway.dl", "/gateway/gateway.dll/", "/GATEWAY/gateway.dll", "//gateway/gateway.dll"} {
			Expect(client.asks(post(path+"?Action=open&Server=NS&IP=messenger.hotmail.com", "")).status()).To(Equal("HTTP/1.1 404 Not Found"), path)
		}
		Expect(s.routed).To(BeEmpty())
	}))

	It("with the arguments Action, Server, IP and SessionID, in any order", proves(54), atGateway("documented think=50ms", func(s *msnSite) {
		client := s.client()
		answer := client.asks(post(script+"?IP=messenger.hotmail.com&Server=NS&Action=open", "VER 1 MSNP8 CVR0\r\n"))
		answer = client.asks(post(script+"?SessionID="+answer.id()+"&Action=poll", ""))
		Expect(client.asks(post(script+"?SessionID="+answer.id()+"&", "")).status()).To(Equal("HTTP/1.1 200 OK"))
	}))

	for query, complaint := range map[string]string{
		"Action=open&Server=XX&IP=1.2.3.4":               "Server is neither NS nor SB",
		"Action=open&IP=1.2.3.4":                         "Server is neither NS nor SB",
		"Action=open&Server=SB":                          "IP is missing or not a host",
		"Action=open&Server=NS&Server=SB&IP=1.2.3.4":     "a parameter is repeated",
		"Action=open&Server=NS&IP=1.2.3.4&SessionID=1.2": "an open carries no SessionID",
		"Action=poll":               "SessionID is missing",
		"":                          "SessionID is missing",
		"Action=shut&SessionID=1.2": "unknown Action",
		"action=open&server=NS&ip=messenger.hotmail.com":    "SessionID is missing",
		"Action=poll&SessionID=1.2&Action=poll&SessionID=2": "a parameter is repeated",
	} {
		It("but not with ?"+query, proves(54), atGateway("documented", func(s *msnSite) {
			answer := s.client().asks(post(dispatch+"?"+query, ""))
			Expect(answer.status()).To(Equal("HTTP/1.1 400 Bad Request"))
			Expect(answer.body).To(Equal(complaint + "\r\n"))
			Expect(answer.field("X-MSN-Messenger")).To(BeEmpty())
		}))
	}

	It("from any User-Agent, with the same answer", proves(59), func() {
		var answers []rawAnswer
		for _, agent := range []string{"", "MSMSGS", "Mozilla/4.0 (compatible; MSIE 6.0; MSN Messenger 7.0.0813)", "curl/8", strings.Repeat("x", 8000)} {
			atGateway("documented think=50ms", func(s *msnSite) {
				answers = append(answers, s.client().asks(post(dispatch+"?Action=open&Server=NS&IP=messenger.hotmail.com", "VER 1 MSNP8 CVR0\r\n", "User-Agent: "+agent)))
			})()
		}
		Expect(answers[0].status()).To(Equal("HTTP/1.1 200 OK"))
		Expect(answers).To(HaveEach(answers[0]))
	})
})
