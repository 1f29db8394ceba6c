package login

import (
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/msn/messenger"
)

func served(t *testing.T) (*messenger.Messenger, *Handler) {
	m := messenger.New(messenger.Options{Versions: messenger.Versions(), Accounts: []messenger.Account{
		{Email: "alice@example.com", Nick: `<A&B>`, Password: "s3cret, word", Contacts: []string{"bob@example.com"}},
		{Email: "bob@example.com", Nick: "Bob"},
	}})
	t.Cleanup(func() { _ = m.Close() })
	return m, New(Options{Directory: m})
}

func ask(h http.Handler, method, target, body string, fields ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "https://login.live.com/", strings.NewReader(body))
	r.URL.Path = target
	for i := 0; i < len(fields); i += 2 {
		r.Header.Set(fields[i], fields[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// spelt is a field whose name is written exactly so.
func spelt(w *httptest.ResponseRecorder, name string) []string { return w.Header()[name] }

func TestNexusNamesTheLogin(t *testing.T) {
	_, h := served(t)
	w := ask(h, "GET", "/rdr/pprdr.asp", "")
	if got := spelt(w, "PassportURLs"); len(got) != 1 || !strings.Contains(got[0], "DALogin=login.live.com/login2.srf") {
		t.Errorf("%v", w.Header())
	}
}

func TestPassport14(t *testing.T) {
	m, h := served(t)
	say := "Passport1.4 OrgVerb=GET,OrgURL=http%3A%2F%2Fmessenger%2Emsn%2Ecom,sign-in=alice%40example.com,pwd=s3cret%2C%20word,lc=1033,id=507"
	w := ask(h, "GET", "/login2.srf", "", "Authorization", say)
	found := regexp.MustCompile(`da-status=success.*from-PP='t=([^&]+)&p='`).FindStringSubmatch(strings.Join(w.Header()["Authentication-Info"], ""))
	if w.Code != 200 || found == nil {
		t.Fatalf("%d %v", w.Code, w.Header())
	}
	if email, ok := m.Holder(found[1]); !ok || email != "alice@example.com" {
		t.Error(email, ok)
	}
	for _, wrong := range []string{"", "Basic x", strings.Replace(say, "word", "sword", 1)} {
		w := ask(h, "GET", "/login2.srf", "", "Authorization", wrong)
		if w.Code != 401 || !strings.Contains(strings.Join(spelt(w, "WWW-Authenticate"), ""), "da-status=failed") {
			t.Errorf("%q: %d %v", wrong, w.Code, w.Header())
		}
	}
}

// request is what libmsn posts, in short.
func request(password string, addresses ...string) string {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?><Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/" xmlns:wsse="http://schemas.xmlsoap.org/ws/2003/06/secext"><Header><wsse:Security><wsse:UsernameToken Id="user"><wsse:Username>alice@example.com</wsse:Username><wsse:Password>` + escaped(password) + `</wsse:Password></wsse:UsernameToken></wsse:Security></Header><Body><ps:RequestMultipleSecurityTokens xmlns:ps="http://schemas.microsoft.com/Passport/SoapServices/PPCRL">`)
	for i, a := range addresses {
		fmt.Fprintf(&b, `<wst:RequestSecurityToken xmlns:wst="http://schemas.xmlsoap.org/ws/2004/04/trust" Id="RST%d"><wsp:AppliesTo xmlns:wsp="http://schemas.xmlsoap.org/ws/2002/12/policy"><wsa:EndpointReference xmlns:wsa="http://schemas.xmlsoap.org/ws/2004/03/addressing"><wsa:Address>%s</wsa:Address></wsa:EndpointReference></wsp:AppliesTo></wst:RequestSecurityToken>`, i, a)
	}
	return b.String() + `</ps:RequestMultipleSecurityTokens></Body></Envelope>`
}

var addresses = []string{legacy, "messengerclear.live.com", "messenger.msn.com", "contacts.msn.com", "messengersecure.live.com", "spaces.live.com", "storage.msn.com"}

func TestTokensAreInTheFormThatClientsNeed(t *testing.T) {
	for _, path := range []string{"/RST.srf", "//RST.srf", "/RST2.srf"} {
		m, h := served(t)
		w := ask(h, "POST", path, request("s3cret, word", addresses...))
		text := w.Body.String()
		if w.Code != 200 || xml.Unmarshal(w.Body.Bytes(), new(struct{ XMLName xml.Name })) != nil {
			t.Fatalf("%s: %d %s", path, w.Code, text)
		}
		if regexp.MustCompile(`>\s+<`).MatchString(text) {
			t.Errorf("%s: white space between elements", path)
		}
		at := -1
		for i := 1; i <= 6; i++ {
			next := strings.Index(text, fmt.Sprintf(`Id="Compact%d"`, i))
			address := strings.Index(text, "<wsa:Address>"+addresses[i])
			if next < at || address < at || next < address {
				t.Errorf("%s: Compact%d is not the token of %s", path, i, addresses[i])
			}
			at = next
		}
		if len(text) > 8<<10 {
			t.Errorf("%s: %d bytes", path, len(text))
		}
		found := regexp.MustCompile(`Id="Compact1">t=([^&]+)&amp;p=<.*?<wst:BinarySecret>([^<]+)<`).FindStringSubmatch(text)
		if found == nil {
			t.Fatalf("%s: %s", path, text)
		}
		if email, ok := m.Holder(found[1]); !ok || email != "alice@example.com" {
			t.Errorf("%s: the ticket is %q's", path, email)
		}
		if secret, err := base64.StdEncoding.DecodeString(found[2]); err != nil || len(secret) != 24 {
			t.Errorf("%s: a secret of %d bytes, %v", path, len(secret), err)
		}
	}
}

func TestWrongPasswordIsAFault(t *testing.T) {
	_, h := served(t)
	w := ask(h, "POST", "/RST.srf", request("wrong", addresses...))
	if !strings.Contains(w.Body.String(), "<faultcode>wsse:FailedAuthentication</faultcode>") {
		t.Error(w.Body.String())
	}
	if w := ask(h, "POST", "/RST.srf", "no XML"); w.Code != 400 {
		t.Errorf("%d", w.Code)
	}
}

func soap(ticket, action string) string {
	return `<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Header><ABAuthHeader xmlns="http://www.msn.com/webservices/AddressBook"><TicketToken>t=` + ticket + `&amp;p=</TicketToken></ABAuthHeader></soap:Header><soap:Body><` + action + ` xmlns="http://www.msn.com/webservices/AddressBook"/></soap:Body></soap:Envelope>`
}

func TestContactServices(t *testing.T) {
	m, h := served(t)
	pass, err := m.Login("alice@example.com", "s3cret, word")
	if err != nil {
		t.Fatal(err)
	}
	for action, wants := range map[string][]string{
		"FindMembership":      {"<MemberRole>Allow</MemberRole><Members><Member xsi:type=\"PassportMember\">", "<PassportName>bob@example.com</PassportName>"},
		"ABFindAll":           {"<contacts><Contact>", "<passportName>bob@example.com</passportName>", "<contactType>Me</contactType>", "<displayName>&lt;A&amp;B&gt;</displayName>"},
		"ABFindContactsPaged": {"<Contacts><Contact>", "</Ab></ABFindContactsPagedResult>"},
	} {
		w := ask(h, "POST", "//abservice/SharingService.asmx", soap(pass.Ticket, action))
		if w.Code != 200 || xml.Unmarshal(w.Body.Bytes(), new(struct{ XMLName xml.Name })) != nil {
			t.Errorf("%s: %d %s", action, w.Code, w.Body)
		}
		for _, want := range wants {
			if !strings.Contains(w.Body.String(), want) {
				t.Errorf("%s: no %q in %s", action, want, w.Body)
			}
		}
	}
	for what, body := range map[string]string{"a ticket of nobody": soap("x", "ABFindAll"), "another action": soap(pass.Ticket, "ABExplode"), "no SOAP": "<a/>"} {
		if w := ask(h, "POST", "/abservice/abservice.asmx", body); w.Code != 500 || !strings.Contains(w.Body.String(), "faultstring") {
			t.Errorf("%s: %d %s", what, w.Code, w.Body)
		}
	}
}

// libpurple says so what its user is called.
func TestTheUserIsRenamed(t *testing.T) {
	m, h := served(t)
	pass, err := m.Login("alice@example.com", "s3cret, word")
	if err != nil {
		t.Fatal(err)
	}
	update := func(kind, name string) string {
		contact := `<abId>0</abId><contacts><Contact><contactInfo><contactType>` + kind + `</contactType><displayName>` + name + `</displayName></contactInfo><propertiesChanged>DisplayName</propertiesChanged></Contact></contacts>`
		return strings.Replace(soap(pass.Ticket, "ABContactUpdate"), `/></soap:Body>`, `>`+contact+`</ABContactUpdate></soap:Body>`, 1)
	}
	for _, c := range []struct{ kind, name, nick string }{{"Regular", "Bobby", "<A&B>"}, {"Me", "Alice &lt;3", "Alice <3"}, {"Me", "", "Alice <3"}} {
		w := ask(h, "POST", "/abservice/abservice.asmx", update(c.kind, c.name))
		if w.Code != 200 || !strings.Contains(w.Body.String(), "<ABContactUpdateResponse ") {
			t.Errorf("%+v: %d %s", c, w.Code, w.Body)
		}
		if p, _ := m.Person("alice@example.com"); p.Nick != c.nick {
			t.Errorf("%+v: is called %q", c, p.Nick)
		}
	}
}

// Whatever is not granted is told to whoever watches.
func TestWhatIsObserved(t *testing.T) {
	m, _ := served(t)
	var seen []string
	h := New(Options{Directory: m, Observe: func(e history.Event) {
		if e.From != history.AtLogin {
			t.Errorf("from %s", e.From)
		}
		seen = append(seen, strings.Join([]string{string(e.Kind), e.User, e.ID, e.How, e.Text}, "|"))
	}})
	ask(h, "POST", "/RST.srf", request("wrong", addresses...))
	ask(h, "POST", "/RST.srf", request("s3cret, word", addresses...))
	ask(h, "GET", "/login2.srf", "")
	ask(h, "GET", "/nowhere", "")
	ask(h, "POST", "/abservice/abservice.asmx", soap("x", "ABFindAll"))
	_, _ = h.ErrorLog().Writer().Write([]byte("http: TLS handshake error from 127.0.0.1:4711: remote error: tls: unknown certificate authority\n"))
	want := []string{
		"login refused|alice@example.com||/RST.srf|no such account or wrong password",
		"logged in|alice@example.com||/RST.srf|",
		"login refused|||Passport 1.4|no credentials",
		"not served||login.live.com/nowhere||no such service",
		"login refused|||ABFindAll|the ticket is not good",
		"handshake failed|||have it trust the certificate|remote error: tls: unknown certificate authority",
	}
	if !slices.Equal(seen, want) {
		t.Errorf("%q\nwant\n%q", seen, want)
	}
}

func TestWhatIsNotThere(t *testing.T) {
	_, h := served(t)
	if w := ask(h, "GET", "/nowhere", ""); w.Code != 404 {
		t.Errorf("%d", w.Code)
	}
	if w := ask(h, "POST", "/", ""); w.Code != 200 || w.Header().Get("Content-Length") != "0" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	if w := ask(h, "POST", "/RST.srf", strings.Repeat("x", largest+1)); w.Code != 400 {
		t.Errorf("%d", w.Code)
	}
}
