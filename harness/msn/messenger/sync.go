package messenger

import (
	"strconv"
	"time"

	"gauntlet/harness/msn/msnp"
)

// synchronisation is the part of the dialogue that shows the user's lists and
// settings as they are: by SYN up to MSNP12.
type synchronisation struct{ *visitor }

// SYN n version: the lists, unless the client has them already.
func (s *synchronisation) sync(c msnp.Command) {
	if s.protocol >= properties {
		s.syncProperties(c)
		return
	}
	version := strconv.Itoa(s.account.version)
	switch c.Arg(1) {
	case "":
		s.refuse(c, msnp.InvalidParameter)
	case version:
		s.send(msnp.New("SYN", c.Arg(0), version))
	default:
		s.sendLists(c.Arg(0), version)
	}
}

// sendLists sends one command per thing known; none of them has a TrID.
func (s *synchronisation) sendLists(trid, version string) {
	all := s.m.roster(s.account)
	s.send(msnp.New("SYN", trid, version, strconv.Itoa(len(all)), "1"))
	s.send(msnp.New("GTC", "A"))
	s.send(msnp.New("BLP", "AL"))
	s.send(msnp.New("LSG", "0", "Other%20Contacts", "0"))
	for _, e := range all {
		s.sendEntry(e)
	}
}

func (s *synchronisation) sendEntry(e entry) {
	args := []string{e.email, s.m.nickOf(e.email), strconv.Itoa(e.bits)}
	if e.bits&forward != 0 {
		args = append(args, "0") // its group
	}
	s.send(msnp.New("LST", args...))
	s.send(msnp.New("BPR", "MOB", "N"))
}

// GTC n A|N, BLP n AL|BL, PRP n key value: confirmed with the lists' version,
// and not kept.
func (s *synchronisation) setting(c msnp.Command) {
	if len(c.Args) < 2 {
		s.refuse(c, msnp.InvalidParameter)
		return
	}
	s.account.version++
	if c.Name == "PRP" && c.Arg(1) == "MFN" {
		s.account.nick = msnp.DecodeNick(c.Arg(2))
	}
	s.send(msnp.New(c.Name, s.confirmed(c, 1)...))
	if c.Name == "PRP" && s.account.visible() {
		s.m.tellWatchers(s.account, s.account.presence)
	}
}

// REA n email nick: the user's own nickname is kept and shown to watchers;
// what others are called is the client's affair, and merely confirmed.
func (s *synchronisation) rename(c msnp.Command) {
	if len(c.Args) != 3 {
		s.refuse(c, msnp.InvalidParameter)
		return
	}
	s.account.version++
	if key(c.Arg(1)) == key(s.account.email) {
		s.account.nick = msnp.DecodeNick(c.Arg(2))
	}
	s.send(msnp.New("REA", s.confirmed(c, 1)...))
	if s.account.visible() {
		s.m.tellWatchers(s.account, s.account.presence)
	}
}

// syncProperties is SYN from MSNP10 to MSNP12: SYN n lists settings, both
// moments in time.
func (s *synchronisation) syncProperties(c msnp.Command) {
	version := moment(s.account.version)
	switch c.Arg(1) {
	case "":
		s.refuse(c, msnp.InvalidParameter)
	case version:
		s.send(msnp.New("SYN", c.Arg(0), version, version))
	default:
		s.sendProperties(c.Arg(0), version)
	}
}

// moment is a version of the lists as a time. It need only differ when they
// have changed.
func moment(version int) string {
	return time.Date(2004, 7, 1, 0, 0, version, 0, time.UTC).Format("2006-01-02T15:04:05.0000000-07:00")
}

func (s *synchronisation) sendProperties(trid, version string) {
	all := s.m.roster(s.account)
	s.send(msnp.New("SYN", trid, version, version, strconv.Itoa(len(all)), "0"))
	s.send(msnp.New("GTC", "A"))
	s.send(msnp.New("BLP", "AL"))
	s.send(msnp.New("PRP", "MFN", msnp.EncodeNick(s.account.nick)))
	for _, e := range all {
		args := []string{"N=" + e.email, "F=" + s.m.nickOf(e.email), "C=" + guid(e.email), strconv.Itoa(e.bits)}
		if s.protocol >= contactTypes {
			args = append(args, "1") // a user of Messenger
		}
		s.send(msnp.New("LST", args...))
	}
}

// SBP n contact property value: confirmed, and not kept.
func (s *synchronisation) property(c msnp.Command) {
	if len(c.Args) < 3 {
		s.refuse(c, msnp.InvalidParameter)
		return
	}
	s.send(c)
}
