package messenger

import (
	"strconv"
	"strings"
	"time"

	"gauntlet/harness/msn/msnp"
)

// syncProperties is SYN from MSNP10 to MSNP12: SYN n lists settings, both
// moments in time.
func (n *notification) syncProperties(c msnp.Command) {
	version := moment(n.account.version)
	switch c.Arg(1) {
	case "":
		n.refuse(c, msnp.InvalidParameter)
	case version:
		n.send(msnp.New("SYN", c.Arg(0), version, version))
	default:
		n.sendProperties(c.Arg(0), version)
	}
}

// moment is a version of the lists as a time. It need only differ when they
// have changed.
func moment(version int) string {
	return time.Date(2004, 7, 1, 0, 0, version, 0, time.UTC).Format("2006-01-02T15:04:05.0000000-07:00")
}

func (n *notification) sendProperties(trid, version string) {
	all := n.m.roster(n.account)
	n.send(msnp.New("SYN", trid, version, version, strconv.Itoa(len(all)), "0"))
	n.send(msnp.New("GTC", "A"))
	n.send(msnp.New("BLP", "AL"))
	n.send(msnp.New("PRP", "MFN", msnp.EncodeNick(n.account.nick)))
	for _, e := range all {
		args := []string{"N=" + e.email, "F=" + n.m.nickOf(e.email), "C=" + guid(e.email), strconv.Itoa(e.bits)}
		if n.protocol >= contactTypes {
			args = append(args, "1") // a user of Messenger
		}
		n.send(msnp.New("LST", args...))
	}
}

// ADC n list N=email [F=nick], or ADC n FL C=id group, from MSNP10 to MSNP12.
// There are no groups here, so the second form changes nothing.
func (n *notification) addByID(c msnp.Command) {
	bit := listNames[c.Arg(1)]
	email, byName := strings.CutPrefix(c.Arg(2), "N=")
	if id, byID := strings.CutPrefix(c.Arg(2), "C="); byID {
		email = n.m.emailOf(id)
	}
	if other, code := n.addable(bit, email, byName); code != 0 {
		n.refuse(c, code)
	} else {
		n.addedByID(c, other, bit)
	}
}

func (n *notification) addedByID(c msnp.Command, other *account, bit int) {
	n.account.list(other.email, bit)
	n.account.version++
	args := []string{c.Arg(0), c.Arg(1), "N=" + other.email}
	if bit == forward {
		args = append(args, "F="+msnp.EncodeNick(other.nick), "C="+guid(other.email))
	}
	n.send(msnp.New("ADC", args...))
	if bit == forward {
		n.befriended(c.Arg(0), other)
	}
}

// SBP n contact property value: confirmed, and not kept.
func (n *notification) property(c msnp.Command) {
	if len(c.Args) < 3 {
		n.refuse(c, msnp.InvalidParameter)
		return
	}
	n.send(c)
}
