package wire

import (
	"bytes"

	"gauntlet/proxies/http1"
)

// What SOCKS says before its tunnel carries anything is followed and told as
// opaque: behind it stands HTTP like any other. The peer's messages are told
// whole, however they come: whoever hides passwords must see where they stand.

// greeting follows one direction of it.
type greeting struct {
	underway bool
	version  byte
	turn     turn
	have     []byte // of the message at hand
	untold   []byte // of the peer's
}

// turn is whose message comes next, by what it is about.
type turn uint8

const (
	methods turn = iota // SOCKS 5: how the client may prove itself, and the choice
	login               // a password, and the verdict
	wanted              // the address, and whether there is a tunnel to it
)

const maxGreeting = 1 << 10 // a longer message is none

// beginsSocks reports whether the first byte of a connection is that of SOCKS.
func beginsSocks(b byte) bool { return b == 4 || b == 5 }

// greet makes the stream follow a greeting.
func (s *stream) greet(version byte) {
	s.greeting = greeting{version: version, underway: true}
	if version == 4 {
		s.greeting.turn = wanted
	}
}

// takeGreeting moves on over the messages of one side; the last one leaves the
// stream before the first message of HTTP.
func (s *stream) takeGreeting(data []byte) (used int, m http1.Mark) {
	g := &s.greeting
	for used < len(data) && g.underway {
		if len(g.have) == 0 && !g.fits(s.Answers, data[used]) {
			return used, s.giveUp()
		}
		g.have = append(g.have, data[used])
		used++
		if size := g.size(s.Answers); len(g.have) > maxGreeting {
			return used, s.giveUp()
		} else if len(g.have) < size {
			continue
		}
		if !s.endMessage() {
			return used, s.giveUp()
		}
	}
	return used, greeted
}

// giveUp passes all that follows.
func (s *stream) giveUp() http1.Mark {
	s.greeting.underway = false
	s.Abandon()
	return http1.Astray
}

// fits reports whether a message may begin like this. A client that has offered
// a password sends it, or goes on to the address.
func (g *greeting) fits(answers bool, b byte) bool {
	switch {
	case g.version == 4 && answers:
		return b == 0
	case g.turn == login:
		return b == 1 || b == 5 && !answers
	}
	return b == g.version
}

// size is how long the message is, as far as can be told from its beginning:
// more than there is of it while it is not whole.
func (g *greeting) size(answers bool) int {
	have := g.have
	switch {
	case g.version == 4 && answers:
		return 8
	case g.version == 4:
		return sizeOfSocks4(have)
	case g.turn == wanted || !answers && g.turn == login && have[0] == 5:
		return sizeWithAddress(have)
	case answers:
		return 2
	case g.turn == methods:
		return sizeWithText(have, 1)
	}
	return sizeWithText(have, sizeWithText(have, 1))
}

// sizeOfSocks4 ends with the user's name, and with that of the host in 4A.
func sizeOfSocks4(have []byte) int {
	const fixed = 8
	if len(have) <= fixed {
		return fixed + 1
	}
	texts := 1
	if bytes.HasPrefix(have[4:fixed], []byte{0, 0, 0}) && have[7] != 0 {
		texts = 2
	}
	if bytes.Count(have[fixed:], []byte{0}) < texts {
		return len(have) + 1
	}
	return len(have)
}

// sizeWithText is the size up to the end of a text whose length stands at.
func sizeWithText(have []byte, at int) int {
	if len(have) <= at {
		return at + 1
	}
	return at + 1 + int(have[at])
}

// sizeWithAddress is that of a message that ends with an address and a port.
func sizeWithAddress(have []byte) int {
	const kind, port = 3, 2
	switch {
	case len(have) <= kind:
		return kind + 1
	case have[kind] == 1:
		return kind + 1 + 4 + port
	case have[kind] == 4:
		return kind + 1 + 16 + port
	}
	return sizeWithText(have, kind+1) + port
}

// endMessage takes a whole message in; false ends the hope of a tunnel.
func (s *stream) endMessage() bool {
	g := &s.greeting
	message := g.have
	g.have = nil
	switch {
	case g.turn == wanted || !s.Answers && g.turn == login && message[0] == 5:
		g.underway = false
		return !s.Answers || message[1] == granted(g.version)
	case g.turn == methods && s.Answers && message[1] == 0:
		g.turn = wanted
	case g.turn == methods:
		g.turn = login
		return !s.Answers || message[1] == 2
	default:
		g.turn = wanted
		return !s.Answers || message[1] == 0
	}
	return true
}

// granted is how a server says yes.
func granted(version byte) byte {
	if version == 4 {
		return 90
	}
	return 0
}
