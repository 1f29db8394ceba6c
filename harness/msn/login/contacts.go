package login

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"strings"

	"gauntlet/harness/msn/messenger"
)

// contactRequest is a request to the contact services: who asks, and what.
type contactRequest struct {
	Ticket string `xml:"Header>ABAuthHeader>TicketToken"`
	Body   struct {
		Asked []action `xml:",any"`
	} `xml:"Body"`
}

// action is what is asked for. Only a change has contacts.
type action struct {
	XMLName  xml.Name
	Contacts []struct {
		Kind string `xml:"contactInfo>contactType"`
		Name string `xml:"contactInfo>displayName"`
	} `xml:"contacts>Contact"`
}

// contacts answers what a client asks at sign-in: who is allowed, blocked and
// listed. Nothing but the user's own nickname is changed here; lists change by
// MSNP.
func (h *Handler) contacts(w http.ResponseWriter, r *http.Request, body []byte) {
	var q contactRequest
	if err := xml.Unmarshal(body, &q); err != nil || len(q.Body.Asked) == 0 {
		h.lacks(r.URL.Path, "not a SOAP request")
		writeXML(w, http.StatusInternalServerError, fault("soap:Client", "not a SOAP request"))
		return
	}
	asked := q.Body.Asked[0].XMLName.Local
	email, ok := h.directory.Holder(strings.TrimSpace(q.Ticket))
	person, known := h.directory.Person(email)
	if !ok || !known {
		h.refused(email, asked, "the ticket is not good")
		writeXML(w, http.StatusInternalServerError, fault("soap:Client", "Authentication Failure"))
		return
	}
	answer, can := contactAnswers()[asked]
	if !can {
		h.lacks(asked, "the contact service has no such action")
		writeXML(w, http.StatusInternalServerError, fault("soap:Client", "no such action"))
		return
	}
	writeXML(w, http.StatusOK, envelope(answer(h, person, q.Body.Asked[0])))
}

func contactAnswers() map[string]func(*Handler, messenger.Person, action) string {
	return map[string]func(*Handler, messenger.Person, action) string{
		"FindMembership": func(_ *Handler, p messenger.Person, _ action) string { return memberships(p) },
		"ABFindAll": func(_ *Handler, p messenger.Person, _ action) string {
			return book(p, "ABFindAll", "contacts", "ab")
		},
		"ABFindContactsPaged": func(_ *Handler, p messenger.Person, _ action) string {
			return book(p, "ABFindContactsPaged", "Contacts", "Ab")
		},
		"ABContactUpdate": (*Handler).update,
	}
}

// update takes a new nickname of the user's own. What else a client changes is
// its own affair, and merely confirmed.
func (h *Handler) update(p messenger.Person, a action) string {
	for _, c := range a.Contacts {
		if strings.EqualFold(c.Kind, "Me") && c.Name != "" {
			h.directory.Rename(p.Email, c.Name)
		}
	}
	return `<ABContactUpdateResponse xmlns="http://www.msn.com/webservices/AddressBook"></ABContactUpdateResponse>`
}

const changed = "2004-07-01T00:00:00Z"

func envelope(body string) string {
	return `<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soap:Header><ServiceHeader xmlns="http://www.msn.com/webservices/AddressBook"><Version>15.01.1408.0000</Version></ServiceHeader></soap:Header><soap:Body>` + body + `</soap:Body></soap:Envelope>`
}

// memberships are the lists on which others are, a list at a time.
func memberships(p messenger.Person) string {
	var b strings.Builder
	b.WriteString(`<FindMembershipResponse xmlns="http://www.msn.com/webservices/AddressBook"><FindMembershipResult><Services><Service><Memberships>`)
	for _, role := range []struct {
		name string
		has  func(messenger.Listed) bool
	}{
		{"Allow", func(l messenger.Listed) bool { return l.Allow }},
		{"Block", func(l messenger.Listed) bool { return l.Block }},
		{"Reverse", func(l messenger.Listed) bool { return l.Reversed }},
	} {
		fmt.Fprintf(&b, "<Membership><MemberRole>%s</MemberRole><Members>", role.name)
		for _, l := range p.Lists {
			if role.has(l) {
				fmt.Fprintf(&b, `<Member xsi:type="PassportMember"><MembershipId>%s/%s</MembershipId><Type>Passport</Type><State>Accepted</State><Deleted>false</Deleted><LastChanged>%s</LastChanged><PassportName>%s</PassportName><IsPassportNameHidden>false</IsPassportNameHidden><CID>0</CID></Member>`,
					role.name, l.ID, changed, escaped(l.Email))
			}
		}
		b.WriteString("</Members><MembershipIsComplete>true</MembershipIsComplete></Membership>")
	}
	fmt.Fprintf(&b, `</Memberships><Info><Handle><Id>1</Id><Type>Messenger</Type><ForeignId /></Handle></Info><Changes /><LastChange>%[1]s</LastChange><Deleted>false</Deleted></Service></Services><OwnerNamespace><Info><Handle><Id>00000000-0000-0000-0000-000000000000</Id></Handle><CreatorPassportName>%[2]s</CreatorPassportName></Info><CreateDate>%[1]s</CreateDate><LastChange>%[1]s</LastChange></OwnerNamespace></FindMembershipResult></FindMembershipResponse>`,
		changed, escaped(p.Email))
	return b.String()
}

// book is the address book: whom the user lists, and the user.
func book(p messenger.Person, action, list, end string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<%[1]sResponse xmlns="http://www.msn.com/webservices/AddressBook"><%[1]sResult><%[2]s>`, action, list)
	for _, l := range p.Lists {
		if l.Forward {
			b.WriteString(contact(l.ID, "Regular", l.Email, l.Nick))
		}
	}
	b.WriteString(contact(p.ID, "Me", p.Email, p.Nick))
	fmt.Fprintf(&b, `</%[2]s><%[3]s><abId>00000000-0000-0000-0000-000000000000</abId><abInfo><ownerPuid>0</ownerPuid><OwnerCID>0</OwnerCID><ownerEmail>%[5]s</ownerEmail><fDefault>true</fDefault></abInfo><lastChange>%[4]s</lastChange><createDate>%[4]s</createDate></%[3]s></%[1]sResult></%[1]sResponse>`,
		action, list, end, changed, escaped(p.Email))
	return b.String()
}

func contact(id, kind, email, nick string) string {
	return fmt.Sprintf(`<Contact><contactId>%s</contactId><contactInfo><contactType>%s</contactType><quickName>%[3]s</quickName><passportName>%[4]s</passportName><IsPassportNameHidden>false</IsPassportNameHidden><displayName>%[3]s</displayName><puid>0</puid><CID>0</CID><isMessengerUser>true</isMessengerUser></contactInfo><propertiesChanged /><fDeleted>false</fDeleted><lastChange>%[5]s</lastChange></Contact>`,
		id, kind, escaped(nick), escaped(email), changed)
}

// configuration is the client's, with nothing in it.
func (h *Handler) configuration(w http.ResponseWriter, _ *http.Request, _ []byte) {
	writeXML(w, http.StatusOK, `<?xml version="1.0" encoding="utf-8"?><MsgrConfig><LocalizedConfig Market="en-US"><AbchCfg><abchconfig><url>https://contacts.msn.com/abservice/SharingService.asmx</url></abchconfig></AbchCfg></LocalizedConfig></MsgrConfig>`)
}
