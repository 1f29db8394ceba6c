package messenger

import (
	"encoding/xml"
	"errors"
	"fmt"
	"strings"

	"gauntlet/harness/msn/msnp"
)

// From MSNP13 on a client repeats its lists to the notification server, as XML:
//
//	<ml l="1"><d n="example.com"><c n="bob" l="3" t="1"/></d></ml>

// listing is such a payload.
type listing struct {
	XMLName xml.Name `xml:"ml"`
	Domains []struct {
		Name  string `xml:"n,attr"`
		Users []struct {
			Name string `xml:"n,attr"`
			List int    `xml:"l,attr"`
			Type string `xml:"t,attr"`
		} `xml:"c"`
	} `xml:"d"`
}

// listed is one address of a listing.
type listed struct {
	email string
	bits  int
}

var errListing = errors.New("not a listing")

func readListing(payload []byte) ([]listed, error) {
	var l listing
	if err := xml.Unmarshal(payload, &l); err != nil {
		return nil, fmt.Errorf("%w: %w", errListing, err)
	}
	var all []listed
	for _, d := range l.Domains {
		for _, u := range d.Users {
			email := u.Name + "@" + d.Name
			if !plausible(email) || u.List&^(forward|allow|block) != 0 {
				return nil, fmt.Errorf("%w: %q on list %d", errListing, email, u.List)
			}
			all = append(all, listed{email, u.List})
		}
	}
	return all, nil
}

// The errors of ADL and RML.
const badListing msnp.Code = 241

// ADL n, and a listing: OK even where somebody is listed already, since at
// sign-in all are. Somebody who is unknown is an error after the rest.
func (n *notification) addListed(c msnp.Command) {
	all, err := readListing(c.Payload)
	if err != nil {
		n.log.Warn("refused", "user", n.user, "error", err)
		n.refuse(c, badListing)
		return
	}
	for _, l := range all {
		other := n.m.accounts[key(l.email)]
		if other == nil || len(n.account.entries) >= entriesPerList {
			n.refuse(c, msnp.InvalidUser)
			return
		}
		n.listAs(c.Arg(0), other, l.bits)
	}
	n.account.version++
	n.send(msnp.New("ADL", c.Arg(0), "OK"))
}

func (n *notification) listAs(trid string, other *account, bits int) {
	fresh := bits &^ n.account.bits(other.email)
	n.account.list(other.email, bits)
	if fresh&forward != 0 {
		n.befriended(trid, other)
	}
}

// RML n, and a listing
func (n *notification) removeListed(c msnp.Command) {
	all, err := readListing(c.Payload)
	if err != nil {
		n.log.Warn("refused", "user", n.user, "error", err)
		n.refuse(c, badListing)
		return
	}
	for _, l := range all {
		n.account.unlist(l.email, l.bits)
	}
	n.account.version++
	n.send(msnp.New("RML", c.Arg(0), "OK"))
}

// FQY n, and a listing: on which networks those are; all that we know are on
// Messenger's own.
func (n *notification) findNetworks(c msnp.Command) {
	all, err := readListing(c.Payload)
	if err != nil {
		n.refuse(c, badListing)
		return
	}
	var b strings.Builder
	b.WriteString("<ml>")
	for _, l := range all {
		if n.m.accounts[key(l.email)] == nil {
			continue
		}
		user, domain, _ := strings.Cut(l.email, "@")
		fmt.Fprintf(&b, `<d n="%s"><c n="%s" t="1"/></d>`, escaped(domain), escaped(user))
	}
	b.WriteString("</ml>")
	n.send(msnp.New("FQY", c.Arg(0)).WithPayload([]byte(b.String())))
}

func escaped(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a builder never fails
	return b.String()
}
