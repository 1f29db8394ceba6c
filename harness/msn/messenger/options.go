package messenger

import (
	"log/slog"
	"math/rand/v2"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"gauntlet/harness/judge/history"
)

// Account is a user who may sign in.
type Account struct {
	Email string // compared whatever its case
	Nick  string // as people read it, not encoded; "" = Email
	// Password, when set, must be the value of t= in the ticket of USR TWN S.
	// Passport itself is outside of the gateway and of this harness.
	Password string
	Contacts []string // emails on the user's forward and allow lists
}

// Options say how a Messenger behaves. The zero value has no accounts.
type Options struct {
	Accounts []Account
	// Versions are those of MSNP that the notification server speaks, of those
	// that there are (Versions); nil = MSNP8 only.
	Versions []int
	// Switchboard is the host:port that XFR and RNG name; it is a protocol
	// address, and need not be where ServeSwitchboard really listens. "" =
	// 10.9.0.2:1863.
	Switchboard string
	// HTTP tells that a connection came through the gateway: the profile then
	// says ClientPort 0 (S19). Nil = all of them did.
	HTTP func(net.Conn) bool
	// ChallengeAfter is the time from a client's first CHG to its first
	// challenge; 0 = 1 s, negative = clients are never challenged.
	ChallengeAfter time.Duration
	// ChallengeEvery is the time from an answer to the next challenge; 0 =
	// there is none.
	ChallengeEvery time.Duration
	// ChallengeWithin is how long a challenge may stay unanswered before the
	// client is disconnected; 0 = 50 s.
	ChallengeWithin time.Duration
	// Observe hears of all that happens, in one order, from one goroutine at a
	// time and with no lock held. Seq and At are left zero. It must not block;
	// it may call the Messenger. Nil = nobody listens.
	Observe func(history.Event)
	// Seed makes tickets, session numbers and challenges reproducible.
	Seed uint64
	// Source is what they are drawn from in place of the seed, where nobody is to
	// foresee them; the messenger owns it.
	Source rand.Source
	// MaxConnections is how many clients may be connected at a time, both
	// servers together; more are hung up on. 0 = 4096.
	MaxConnections int
	// MaxQueued is how many bytes may wait for a client that does not read;
	// one more and it is disconnected. 0 = 256 KiB.
	MaxQueued int
	Logger    *slog.Logger // nil = silent
}

// Limits that no option changes.
const (
	ticketLife     = 120 * time.Second // a switchboard ticket's
	ticketsPerUser = 64                // unspent ones; the next XFR or RNG is refused
	membersPerChat = 50
	entriesPerList = 600
	farewell       = 2 * time.Second // for a leaving client to take its last bytes
	pileLimit      = 4096            // effects that may wait before readers pause
)

func (o Options) withDefaults() Options {
	o.Switchboard = or(o.Switchboard, "10.9.0.2:1863")
	o.ChallengeAfter = or(o.ChallengeAfter, time.Second)
	o.ChallengeWithin = or(o.ChallengeWithin, 50*time.Second)
	o.MaxConnections = or(o.MaxConnections, 4096)
	o.MaxQueued = or(o.MaxQueued, 256<<10)
	o.Logger = or(o.Logger, slog.New(slog.DiscardHandler))
	if o.Versions == nil {
		o.Versions = []int{oldest}
	}
	if o.Source == nil {
		o.Source = rand.NewPCG(o.Seed, 0x6d73676d)
	}
	if o.HTTP == nil {
		o.HTTP = func(net.Conn) bool { return true }
	}
	return o
}

func or[T comparable](value, standard T) T {
	var zero T
	if value == zero {
		return standard
	}
	return value
}

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

// speaks reports whether the versions wanted hold that one.
func (o Options) speaks(version int) bool { return slices.Contains(o.Versions, version) }

// chosen is the version that a client and we have in common, the newest that
// both know; 0 is none.
func (o Options) chosen(offers []string) int {
	best := 0
	for _, offer := range offers {
		text, is := strings.CutPrefix(strings.ToUpper(offer), "MSNP")
		if v, err := strconv.Atoi(text); is && err == nil && o.speaks(v) && v > best {
			best = v
		}
	}
	return best
}
