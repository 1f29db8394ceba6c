package specs

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/harness/msn/login"
	"gauntlet/harness/msn/messenger"
	"gauntlet/harness/msn/msnp"
	"gauntlet/proxies"
	"gauntlet/proxies/authority"
	"gauntlet/proxies/network"
)

// realClient is how one real client speaks.
type realClient struct {
	name    string
	offers  string // of VER
	ip      string // IP= of its NS open
	fields  string // of its requests, a line each
	opens   firstBody
	batches bool   // it may put several commands into one body
	origin  bool   // origin-form where there is no proxy
	expects bool   // Expect: 100-continue with each body
	poll    string // query of a poll up to the id; "" = as usual
	login   string // nexus, or the path of its RST
	slashes string // one more before paths of web services
	place   string // what stands behind its address at a switchboard
	machine string // and behind its proof at the notification server
	book    string // the host of its contact service; "" = contacts.msn.com
}

// firstBody is what an open's body holds.
type firstBody int

const (
	withFirst firstBody = iota // the first command
	withNothing
	withAll // all that can be said before the login
)

// Where the login services stand, and the forward proxy.
const (
	siteLogin = "10.9.0.43"
	siteProxy = "10.1.7.1"
)

// realWay is how a real client reaches gateway and login services: by their
// names, or through a forward proxy.
type realWay struct {
	net   network.Network
	roots *x509.CertPool // whom it trusts
	proxy string         // host:port; "" without
}

// realSite is a site with login services, at their names, and a forward proxy
// for clients that have one.
type realSite struct {
	*msnSite
	*realWay
	services *http.Server
	box      proxies.Box
}

func newRealSite(s *msnSite, proxied bool) *realSite {
	GinkgoHelper()
	ours, err := authority.New()
	Expect(err).NotTo(HaveOccurred())
	r := &realSite{msnSite: s, realWay: &realWay{net: s.net.Host(rawHost), roots: ours.Pool()}}
	if proxied {
		r.proxy = siteProxy + ":8080"
	}
	for _, name := range login.Names() {
		s.net.Name(name, siteLogin)
	}
	r.services = &http.Server{Handler: login.New(login.Options{Directory: s.messenger})}
	s.serve(tls.NewListener(s.listen(siteLogin, ":443"), ours.Config("login.live.com")), func(l net.Listener) error {
		if err := r.services.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	r.box, err = proxies.New(proxies.Spec{Kind: proxies.Forward}, proxies.Options{Network: s.net.Host(siteProxy)})
	Expect(err).NotTo(HaveOccurred())
	s.serve(s.listen(siteProxy, ":8080"), r.box.Serve)
	return r
}

func (r *realSite) close() {
	GinkgoHelper()
	Expect(r.box.Close()).To(Succeed())
	Expect(r.services.Close()).To(Succeed())
}

// secure asks a web service over TLS: by its name, or through the proxy.
func (r *realWay) secure(method, address, body string, fields ...string) (status int, header http.Header, answer string) {
	GinkgoHelper()
	n := r.net
	if r.proxy != "" {
		n = proxies.Through(n, proxies.Spec{Kind: proxies.Forward}, r.proxy)
	}
	u, err := url.Parse(address)
	Expect(err).NotTo(HaveOccurred())
	conn, err := n.DialContext(context.Background(), "tcp", u.Hostname()+":443")
	Expect(err).NotTo(HaveOccurred())
	defer conn.Close()
	c := tls.Client(conn, &tls.Config{RootCAs: r.roots, ServerName: u.Hostname()})
	_, err = fmt.Fprintf(c, "%s %s HTTP/1.1\r\nHost: %s\r\n%sContent-Length: %d\r\nConnection: close\r\n\r\n%s",
		method, u.Path, u.Hostname(), strings.Join(append(fields, ""), "\r\n"), len(body), body)
	Expect(err).NotTo(HaveOccurred())
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	Expect(err).NotTo(HaveOccurred())
	defer resp.Body.Close()
	all, err := io.ReadAll(resp.Body)
	Expect(err).NotTo(HaveOccurred())
	return resp.StatusCode, resp.Header, string(all)
}

// logsIn gets a ticket in the way of the client, and the secret that an SSO
// client gets with it.
func (r *realWay) logsIn(c realClient) (ticket string, secret []byte) {
	GinkgoHelper()
	if c.login == "nexus" {
		return r.logsInByPassport(), nil
	}
	text := r.asksForTokens(c, "alice@example.com")
	found := regexp.MustCompile(`Id="Compact1">t=([^&]+)&amp;p=<.*?<wst:BinarySecret>([^<]+)<`).FindStringSubmatch(text)
	Expect(found).To(HaveLen(3), text)
	secret, err := base64.StdEncoding.DecodeString(found[2])
	Expect(err).NotTo(HaveOccurred())
	return found[1], secret
}

func (r *realWay) logsInByPassport() string {
	GinkgoHelper()
	_, header, _ := r.secure("GET", "https://nexus.passport.com/rdr/pprdr.asp", "")
	_, rest, found := strings.Cut(header.Get("PassportURLs"), "DALogin=")
	Expect(found).To(BeTrue(), "%v", header)
	where, _, _ := strings.Cut(rest, ",")
	_, header, _ = r.secure("GET", "https://"+where, "",
		"Authorization: Passport1.4 OrgVerb=GET,OrgURL=http%3A%2F%2Fmessenger%2Emsn%2Ecom,sign-in=alice%40example.com,pwd=secret,lc=1033")
	_, rest, found = strings.Cut(header.Get("Authentication-Info"), "from-PP='t=")
	Expect(found).To(BeTrue(), "%v", header)
	ticket, _, _ := strings.Cut(rest, "&")
	return ticket
}

func (r *realWay) asksForTokens(c realClient, email string) string {
	GinkgoHelper()
	var wanted strings.Builder
	for i, address := range []string{"http://Passport.NET/tb", "messengerclear.live.com", "messenger.msn.com", "contacts.msn.com"} {
		fmt.Fprintf(&wanted, `<wst:RequestSecurityToken xmlns:wst="http://schemas.xmlsoap.org/ws/2004/04/trust" Id="RST%d"><wsp:AppliesTo xmlns:wsp="http://schemas.xmlsoap.org/ws/2002/12/policy"><wsa:EndpointReference xmlns:wsa="http://schemas.xmlsoap.org/ws/2004/03/addressing"><wsa:Address>%s</wsa:Address></wsa:EndpointReference></wsp:AppliesTo></wst:RequestSecurityToken>`, i, address)
	}
	status, _, text := r.secure("POST", "https://login.live.com"+c.slashes+c.login,
		`<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/" xmlns:wsse="http://schemas.xmlsoap.org/ws/2003/06/secext"><Header><wsse:Security><wsse:UsernameToken Id="user"><wsse:Username>`+email+`</wsse:Username><wsse:Password>secret</wsse:Password></wsse:UsernameToken></wsse:Security></Header><Body><ps:RequestMultipleSecurityTokens xmlns:ps="http://schemas.microsoft.com/Passport/SoapServices/PPCRL">`+
			wanted.String()+`</ps:RequestMultipleSecurityTokens></Body></Envelope>`)
	Expect(status).To(Equal(200), text)
	return text
}

// realSession is one gateway session of such a client.
type realSession struct {
	*rawSession
	way    *realWay
	client realClient
	host   string // where its requests go: the newest GW-IP
	ticket string
}

// single reports whether it signs in by SSO.
func (s *realSession) single() bool {
	return s.client.login != "nexus" && !strings.HasPrefix(s.client.offers, "MSNP12")
}

// dials connects to where the session's requests go.
func (r *realWay) dials(host string) *rawClient {
	GinkgoHelper()
	address := host + ":80"
	if r.proxy != "" {
		address = r.proxy
	}
	conn, err := r.net.DialContext(context.Background(), "tcp", address)
	Expect(err).NotTo(HaveOccurred())
	return &rawClient{Conn: conn}
}

// sends writes a request as the client does, and takes the answer if the
// client could use it.
func (s *realSession) sends(host, query, body string) rawAnswer {
	GinkgoHelper()
	target := "/gateway/gateway.dll?" + query
	if s.way.proxy != "" || !s.client.origin {
		target = "http://" + host + target
	}
	fields := strings.NewReplacer("{host}", host, "{length}", fmt.Sprint(len(body)), "\n", "\r\n").Replace(s.client.fields)
	if s.client.expects && body != "" {
		fields += "\r\nExpect: 100-continue"
	}
	a := s.asks("POST " + target + " HTTP/1.1\r\n" + fields + "\r\n\r\n" + body)
	for strings.HasPrefix(a.status(), "HTTP/1.1 100") {
		a = s.gets()
	}
	Expect(a.status()).To(Equal("HTTP/1.1 200 OK"), a.body)
	Expect(a.field("X-MSN-Messenger")).To(MatchRegexp(`^SessionID=\d+\.\d+; GW-IP=[\w.]+(; Session=close)?$`), "for clients that split by fixed words")
	Expect(a.field("Content-Length")).To(Equal(fmt.Sprint(len(a.body))), "for clients that cannot read chunks")
	s.id, s.heard, s.host = a.id(), s.heard+a.body, a.element("GW-IP")
	return a
}

func (s *realSession) says(commands string) rawAnswer {
	GinkgoHelper()
	return s.sends(s.host, "SessionID="+s.id, commands)
}

func (s *realSession) polls() {
	GinkgoHelper()
	query := s.client.poll
	if query == "" {
		query = "Action=poll&SessionID="
	}
	s.sends(s.host, query+s.id, "")
}

// waitsFor polls, every two seconds, until the server has said that.
func (s *realSession) waitsFor(words string) {
	GinkgoHelper()
	for range 10 {
		if strings.Contains(s.heard, words) {
			return
		}
		time.Sleep(seconds(2))
		s.polls()
	}
	Fail("the server never said " + words + " but " + s.heard)
}

// opens begins an NS session and says who it is.
func (r *realWay) opens(c realClient) *realSession {
	GinkgoHelper()
	s := &realSession{rawSession: &rawSession{rawClient: r.dials(gatewayHost)}, way: r, client: c}
	method := "TWN"
	if s.single() {
		method = "SSO"
	}
	commands := []string{
		"VER 1 " + c.offers + "\r\n", "CVR 2 0x0409 winnt 5.1 i386 MSNMSGR 8.5.1302 BC01 alice@example.com\r\n",
		"USR 3 " + method + " I alice@example.com\r\n",
	}
	first := 1
	switch c.opens {
	case withNothing:
		first = 0
	case withAll:
		first = len(commands)
	}
	s.sends(gatewayHost, "Action=open&Server=NS&IP="+c.ip, strings.Join(commands[:first], ""))
	if rest := commands[first:]; c.batches {
		s.says(strings.Join(rest, ""))
	} else {
		for _, command := range rest {
			s.says(command)
		}
	}
	return s
}

// signsIn goes all the way until bob can be seen.
func (r *realWay) signsIn(c realClient) *realSession {
	GinkgoHelper()
	s := r.opens(c)
	s.waitsFor("USR 3 ")
	var secret []byte
	s.ticket, secret = r.logsIn(c)
	if s.single() {
		_, rest, _ := strings.Cut(s.heard, "MBI_KEY_OLD ")
		nonce, _, _ := strings.Cut(rest, "\r\n")
		proof, err := msnp.Proof(secret, nonce, []byte("12345678"))
		Expect(err).NotTo(HaveOccurred())
		s.says("USR 4 SSO S t=" + s.ticket + "&p= " + proof + s.client.machine + "\r\n")
	} else {
		s.says("USR 4 TWN S t=" + s.ticket + "&p=\r\n")
	}
	s.waitsFor("USR 4 OK alice@example.com ")
	s.waitsFor("ClientPort: 0\r\n")
	return s
}

// hasContacts synchronises lists and comes online.
func (s *realSession) hasContacts() {
	GinkgoHelper()
	capabilities, bob := "268435492", "ILN 9 NLN bob@example.com Bob"
	if s.single() {
		s.hasContactsBySOAP()
		s.says("BLP 5 AL\r\n")
		s.saysWith("ADL 6", `<ml l="1"><d n="example.com"><c n="bob" l="3" t="1"/></d></ml>`)
		s.saysWith("UUX 7", "<Data><PSM></PSM><CurrentMedia></CurrentMedia></Data>")
		s.waitsFor("ADL 6 OK\r\n")
		s.waitsFor("UUX 7 0\r\n")
		capabilities, bob = "2788999228:48", "ILN 9 NLN bob@example.com 1 Bob 0"
	} else {
		s.says("SYN 5 0 0\r\n")
		s.waitsFor("bob@example.com")
	}
	s.says("CHG 9 NLN " + capabilities + " 0\r\n")
	s.waitsFor(bob)
}

func (s *realSession) hasContactsBySOAP() {
	GinkgoHelper()
	book := s.client.book
	if book == "" {
		book = "contacts.msn.com"
	}
	for _, action := range []string{"FindMembership", "ABFindContactsPaged"} {
		status, _, text := s.way.secure("POST", "https://"+book+s.client.slashes+"/abservice/SharingService.asmx",
			`<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Header><ABAuthHeader xmlns="http://www.msn.com/webservices/AddressBook"><TicketToken>t=`+s.ticket+`&amp;p=</TicketToken></ABAuthHeader></soap:Header><soap:Body><`+action+` xmlns="http://www.msn.com/webservices/AddressBook"/></soap:Body></soap:Envelope>`,
			"SOAPAction: http://www.msn.com/webservices/AddressBook/"+action)
		Expect(status).To(Equal(200), text)
		Expect(text).To(ContainSubstring("bob@example.com"))
	}
}

// saysWith sends a command with a payload.
func (s *realSession) saysWith(command, payload string) {
	GinkgoHelper()
	s.says(fmt.Sprintf("%s %d\r\n%s", command, len(payload), payload))
}

// calls bob up at a switchboard, whose address it takes for a host to send to.
func (s *realSession) calls() *realSession {
	GinkgoHelper()
	s.says("XFR 10 SB\r\n")
	s.waitsFor("XFR 10 SB ")
	_, rest, _ := strings.Cut(s.heard, "XFR 10 SB ")
	words := strings.Fields(rest)
	host, _, _ := net.SplitHostPort(words[0])
	b := &realSession{rawSession: &rawSession{rawClient: s.way.dials(host)}, way: s.way, client: s.client}
	me := "alice@example.com" + s.client.place
	b.sends(gatewayHost, "Action=open&Server=SB&IP="+host, "USR 1 "+me+" "+words[2]+"\r\n")
	b.waitsFor("USR 1 OK " + me + " Alice\r\n")
	b.says("CAL 2 bob@example.com\r\n")
	b.waitsFor("JOI bob@example.com Bob")
	return b
}

// tells sends a message.
func (s *realSession) tells(trid int, text string) {
	GinkgoHelper()
	s.saysWith(fmt.Sprintf("MSG %d N", trid), string(msnp.PlainMessage(text).Payload()))
}

// chats exchanges a message with bob.
func (s *realSession) chats(bob *messenger.Contact) {
	GinkgoHelper()
	b := s.calls()
	b.tells(3, "hello from "+s.client.name)
	Eventually(bob.Received, seconds(10)).Should(ContainElement("hello from " + s.client.name))
	Expect(bob.Send("hello to you")).To(Succeed())
	b.waitsFor("hello to you")
	b.says("OUT\r\n")
}

func (s *realSession) leaves() {
	GinkgoHelper()
	a := s.says("OUT\r\n")
	Expect(a.element("Session")).To(Equal("close"))
}
