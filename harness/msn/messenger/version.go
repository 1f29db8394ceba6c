package messenger

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/msn/msnp"
)

// Versions are the versions of MSNP that a Messenger can speak at its
// notification server, oldest first: 8 to 12 sign in with a Passport ticket
// (TWN), 15 to 18 with a ticket and a proof (SSO).
func Versions() []int { return []int{8, 9, 10, 11, 12, 15, 16, 17, 18} }

// The versions at which something changed.
const (
	oldest       = 8
	objects      = 9  // presence shows a picture's description
	properties   = 10 // nicknames are a property, lists have prefixes and GUIDs
	personal     = 11 // personal messages
	contactTypes = 12 // LST has one more field
	soapLists    = 13 // lists come by SOAP, and are repeated by ADL
	networks     = 14 // addresses have the number of a network behind them
	singleSignOn = 15
	endpoints    = 16 // one user in several places; capabilities have two parts
)

// live is the network of Messenger's own users.
const live = "1"

// speaks tells whether the versions wanted hold that one.
func (o Options) speaks(version int) bool { return slices.Contains(o.Versions, version) }

// chosen is the version that a client and we have in common, the newest that
// both know; 0 is none.
func (m *Messenger) chosen(offers []string) int {
	best := 0
	for _, offer := range offers {
		text, is := strings.CutPrefix(strings.ToUpper(offer), "MSNP")
		if v, err := strconv.Atoi(text); is && err == nil && m.options.speaks(v) && v > best {
			best = v
		}
	}
	return best
}

// VER n protocols… [CVR0]: the newest that both sides have. To a client of
// MSNP8, which wants to know all that there is, CVR0 is confirmed too. Without
// a common one the answer is 0, and the end.
func (n *notification) version(c msnp.Command) {
	if n.stage != fresh {
		n.refuse(c, msnp.NotExpected)
		return
	}
	offers := c.Args[1:]
	n.protocol = n.m.chosen(offers)
	if n.protocol == 0 {
		n.log.Warn("no version of MSNP in common: have the client offer one that is spoken", "offered", strings.Join(offers, " "), "spoken", spoken(n.m.options.Versions))
		n.observe(history.Event{Kind: history.SignInRefused, Text: "no version of MSNP in common"})
		n.send(msnp.New("VER", c.Arg(0), "0"))
		n.end()
		return
	}
	n.stage = versioned
	args := []string{c.Arg(0), fmt.Sprintf("MSNP%d", n.protocol)}
	if n.protocol == oldest && slices.Contains(offers, "CVR0") {
		args = append(args, "CVR0")
	}
	n.send(msnp.New("VER", args...))
}

func spoken(versions []int) string {
	var list []string
	for _, v := range versions {
		list = append(list, fmt.Sprintf("MSNP%d", v))
	}
	return strings.Join(list, " ")
}

// lifetimes are the versions in which commands exist that not all have; 0 is
// no end.
var lifetimes = map[string]struct{ since, until int }{
	"SYN": {until: contactTypes},
	"ADD": {until: objects},
	"REA": {until: objects},
	"GTC": {until: contactTypes},
	"REM": {until: contactTypes},
	"ADC": {since: properties, until: contactTypes},
	"SBP": {since: properties},
	"UUX": {since: personal},
	"GCF": {since: personal},
	"ADL": {since: soapLists},
	"RML": {since: soapLists},
	"FQY": {since: soapLists},
}

// exists tells whether a command is one of a version's.
func exists(name string, version int) bool {
	life, limited := lifetimes[name]
	return !limited || version >= life.since && (life.until == 0 || version <= life.until)
}
