package messenger

import "gauntlet/harness/msn/msnp"

// receipt is what the sender of a message wants to hear of its fate.
type receipt struct{ delivered, undelivered string }

// receipts are the acknowledgement letters of MSG. Any other, a lower-case one
// too, makes the switchboard hang up without a word.
var receipts = map[string]receipt{
	"U": {},
	"N": {undelivered: "NAK"},
	"A": {delivered: "ACK", undelivered: "NAK"},
	"D": {delivered: "ACK", undelivered: "NAK"}, // from MSNP9 on, for data
}

// MSG n U|N|A|D length, and the message
func (s *switchboard) message(c msnp.Command) {
	wanted, known := receipts[c.Arg(1)]
	if !known || len(c.Args) != 2 {
		s.giveUp("no such acknowledgement", c)
		return
	}
	verb := wanted.undelivered
	if s.chat.relay(s, c.Payload) > 0 {
		verb = wanted.delivered
	}
	if verb != "" {
		s.send(msnp.New(verb, c.Arg(0)))
	}
}
