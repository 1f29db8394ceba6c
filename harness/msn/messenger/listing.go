package messenger

import (
	"encoding/xml"
	"errors"
	"fmt"
	"strings"
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

// writeNetworks is a listing that says on which network each address is.
func writeNetworks(all []listed) []byte {
	var b strings.Builder
	b.WriteString("<ml>")
	for _, l := range all {
		user, domain, _ := strings.Cut(l.email, "@")
		fmt.Fprintf(&b, `<d n="%s"><c n="%s" t="%s"/></d>`, escaped(domain), escaped(user), live)
	}
	b.WriteString("</ml>")
	return []byte(b.String())
}

func escaped(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a builder never fails
	return b.String()
}
