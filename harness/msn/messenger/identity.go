package messenger

import (
	"crypto/sha1"
	"fmt"
	"strings"

	"gauntlet/harness/msn/msnp"
)

// guid is a contact's id from MSNP10 on, always the same for one address.
func guid(email string) string {
	h := sha1.Sum([]byte(key(email)))
	return fmt.Sprintf("%x-%x-%x-%x-%x", h[0:4], h[4:6], h[6:8], h[8:10], h[10:16])
}

// emailOf is the address that a parameter means: an address itself, or the id
// of somebody whom we know; empty if it is neither.
func (m *Messenger) emailOf(parameter string) string {
	if strings.Contains(parameter, "@") {
		return parameter
	}
	for _, a := range m.order {
		if strings.EqualFold(guid(a.email), parameter) {
			return a.email
		}
	}
	return ""
}

// onePart and twoParts are a client's abilities as versions before and from
// MSNP16 on write them.
func onePart(id string) string {
	one, _, _ := strings.Cut(id, ":")
	return or(one, "0")
}

func twoParts(id string) string {
	if strings.Contains(id, ":") {
		return id
	}
	return or(id, "0") + ":0"
}

// tellListed tells a user that somebody has listed them, in the words of their
// version; later ones ask for it by SOAP.
func (m *Messenger) tellListed(a, by *account) {
	if a.online == nil {
		return
	}
	switch v := a.online.speaks(); {
	case v < properties:
		a.online.send(msnp.New("ADD", "0", "RL", fmt.Sprint(a.version), by.email, msnp.EncodeNick(by.nick)))
	case v < soapLists:
		a.online.send(msnp.New("ADC", "0", "RL", "N="+by.email, "F="+msnp.EncodeNick(by.nick)))
	}
}
