package login

import (
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"gauntlet/harness/msn/messenger"
)

// nexus tells where to log in: Passport 1.4, by header.
func (h *Handler) nexus(w http.ResponseWriter, _ *http.Request, _ []byte) {
	// Clients look for this name as it is written, so it is not canonicalised.
	w.Header()["PassportURLs"] = []string{"DARealm=Passport.Net,DALogin=login.live.com/login2.srf,DAReg=https://accountservices.passport.net/,Properties=https://accountservices.passport.net/,Privacy=http://login.passport.com/,GeneralRedir=http://nexusrdr.passport.com/redir.asp,Help=http://login.passport.net/,ConfigVersion=15"}
	w.Header().Set("Content-Length", "0")
	w.WriteHeader(http.StatusOK)
}

const passport14 = "Passport 1.4"

// passport takes an address and a password in the Authorization field, percent
// encoded, and gives a ticket.
func (h *Handler) passport(w http.ResponseWriter, r *http.Request, _ []byte) {
	said, is := strings.CutPrefix(r.Header.Get("Authorization"), "Passport1.4 ")
	if !is {
		h.refused("", passport14, "no credentials")
		refusePassport(w, "no credentials: want Authorization: Passport1.4 …")
		return
	}
	fields := commaFields(said)
	email, password := decoded(fields["sign-in"]), decoded(fields["pwd"])
	pass, err := h.directory.Login(email, password)
	if err != nil {
		h.refused(email, passport14, err.Error())
		refusePassport(w, "wrong password")
		return
	}
	h.granted(email, passport14)
	w.Header()["Authentication-Info"] = []string{fmt.Sprintf(
		"Passport1.4 da-status=success,tname=MSPAuth,tname=MSPProf,tname=MSPSec,from-PP='t=%s&p=',ru=http://messenger.msn.com", pass.Ticket)}
	w.Header().Set("Content-Length", "0")
	w.WriteHeader(http.StatusOK)
}

// refusePassport says so in the form that clients show as a wrong password.
func refusePassport(w http.ResponseWriter, why string) {
	w.Header()["WWW-Authenticate"] = []string{"Passport1.4 da-status=failed,srealm=Passport.NET,ts=-3,prompt,cburl=https://login.live.com/,cbtxt=" + url.QueryEscape(why)}
	w.Header().Set("Content-Length", "0")
	w.WriteHeader(http.StatusUnauthorized)
}

// commaFields reads name=value,name=value; what has no value is left out.
func commaFields(text string) map[string]string {
	fields := map[string]string{}
	for part := range strings.SplitSeq(text, ",") {
		if name, value, ok := strings.Cut(part, "="); ok {
			fields[strings.ToLower(strings.TrimSpace(name))] = value
		}
	}
	return fields
}

// decoded is a percent-encoded value; a value that is not stands for itself.
func decoded(value string) string {
	if plain, err := url.PathUnescape(value); err == nil {
		return plain
	}
	return value
}

// tokenRequest is what both RST.srf and RST2.srf take, whatever namespaces
// they give to it.
type tokenRequest struct {
	Username string   `xml:"Header>Security>UsernameToken>Username"`
	Password string   `xml:"Header>Security>UsernameToken>Password"`
	Several  []wanted `xml:"Body>RequestMultipleSecurityTokens>RequestSecurityToken"`
	One      []wanted `xml:"Body>RequestSecurityToken"`
}

type wanted struct {
	Address string `xml:"AppliesTo>EndpointReference>Address"`
}

// legacy is the address whose token is of an older kind, which no client uses.
const legacy = "http://Passport.NET/tb"

// tokens issues a ticket for each address that is asked for.
func (h *Handler) tokens(w http.ResponseWriter, r *http.Request, body []byte) {
	var q tokenRequest
	if err := xml.Unmarshal(body, &q); err != nil {
		h.refused("", r.URL.Path, "not XML: "+err.Error())
		writeXML(w, http.StatusBadRequest, fault("S:Client", "the request is not XML"))
		return
	}
	pass, err := h.directory.Login(q.Username, q.Password)
	if err != nil {
		h.refused(q.Username, r.URL.Path, err.Error())
		writeXML(w, http.StatusOK, fault("wsse:FailedAuthentication", "Authentication Failure"))
		return
	}
	h.granted(q.Username, r.URL.Path)
	writeXML(w, http.StatusOK, collection(append(q.Several, q.One...), pass, time.Now(), trustOf(r.URL.Path)))
}

// trust is the namespaces of one of the two forms.
type trust struct{ soap, trust, security, utility, policy, lifetime string }

func trustOf(path string) trust {
	t := trust{
		soap: "http://schemas.xmlsoap.org/soap/envelope/", trust: "http://schemas.xmlsoap.org/ws/2004/04/trust",
		security: "http://schemas.xmlsoap.org/ws/2003/06/secext", policy: "http://schemas.xmlsoap.org/ws/2002/12/policy", lifetime: "LifeTime",
		utility: "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd",
	}
	if strings.Contains(strings.ToLower(path), "rst2") {
		t.soap, t.trust, t.lifetime = "http://www.w3.org/2003/05/soap-envelope", "http://schemas.xmlsoap.org/ws/2005/02/trust", "Lifetime"
		t.security, t.policy = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd", "http://schemas.xmlsoap.org/ws/2004/09/policy"
	}
	return t
}

// collection is all answers together. There must be no white space between
// them: one client looks for its tokens by position among the nodes and crashes
// on a text node. Ids count from Compact1 in the order of the request.
func collection(list []wanted, pass messenger.Passport, now time.Time, t trust) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<?xml version="1.0" encoding="utf-8"?><S:Envelope xmlns:S="%s" xmlns:wst="%s" xmlns:wsse="%s" xmlns:wsu="%s" xmlns:wsp="%s"><S:Body><wst:RequestSecurityTokenResponseCollection>`,
		t.soap, t.trust, t.security, t.utility, t.policy)
	id := 0
	for _, w := range list {
		name := "BinaryDAToken0"
		if w.Address != legacy {
			id++
			name = "Compact" + strconv.Itoa(id)
		}
		b.WriteString(token(w.Address, name, pass, now, t))
	}
	b.WriteString("</wst:RequestSecurityTokenResponseCollection></S:Body></S:Envelope>")
	return b.String()
}

// token is one answer. It is kept small: one client reads no more than a few
// kilobytes in all.
func token(address, name string, pass messenger.Passport, now time.Time, t trust) string {
	const form = "2006-01-02T15:04:05Z"
	kind := "urn:passport:compact"
	if address == legacy {
		kind = "urn:passport:legacy"
	}
	return fmt.Sprintf(`<wst:RequestSecurityTokenResponse><wst:TokenType>%[1]s</wst:TokenType>`+
		`<wsp:AppliesTo xmlns:wsa="http://schemas.xmlsoap.org/ws/2004/03/addressing"><wsa:EndpointReference><wsa:Address>%[2]s</wsa:Address></wsa:EndpointReference></wsp:AppliesTo>`+
		`<wst:%[7]s><wsu:Created>%[3]s</wsu:Created><wsu:Expires>%[4]s</wsu:Expires></wst:%[7]s>`+
		`<wst:RequestedSecurityToken><wsse:BinarySecurityToken Id="%[5]s">t=%[6]s&amp;p=</wsse:BinarySecurityToken></wst:RequestedSecurityToken>`+
		`<wst:RequestedProofToken><wst:BinarySecret>%[8]s</wst:BinarySecret></wst:RequestedProofToken></wst:RequestSecurityTokenResponse>`,
		kind, escaped(address), now.UTC().Format(form), now.Add(24*time.Hour).UTC().Format(form), name, escaped(pass.Ticket), t.lifetime,
		base64.StdEncoding.EncodeToString(pass.Secret))
}

func fault(code, text string) string {
	return fmt.Sprintf(`<?xml version="1.0" encoding="utf-8"?><S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/" xmlns:wsse="http://schemas.xmlsoap.org/ws/2003/06/secext"><S:Body><S:Fault><faultcode>%s</faultcode><faultstring>%s</faultstring></S:Fault></S:Body></S:Envelope>`,
		escaped(code), escaped(text))
}

func writeXML(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text)) // a client that left needs none
}

func escaped(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a builder never fails
	return b.String()
}
