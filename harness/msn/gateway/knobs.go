package gateway

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// words are the values that a textual knob may have; the first is the default.
func words[T ~string](values ...T) []T { return values }

// normal fills every empty field with what the documented dialect does. A word
// that no knob knows counts as empty; Check reports it.
func (d Dialect) normal() Dialect {
	for _, k := range knobs() {
		if k.words != nil && !slices.Contains(k.words, k.get(&d)) {
			k.put(&d, k.words[0])
		}
	}
	if d.Idle <= 0 {
		d.Idle = DefaultIdle
	}
	if len(d.Addresses) == 0 {
		d.Addresses = []string{DefaultHost}
	}
	d.MoveEvery = max(d.MoveEvery, 1)
	return d
}

// Check reports the first knob with a value that it does not know.
func (d Dialect) Check() error {
	for _, name := range slices.Sorted(maps.Keys(knobs())) {
		k := knobs()[name]
		if k.words == nil || k.get(&d) == "" {
			continue
		}
		if err := k.set(&d, k.get(&d)); err != nil {
			return fmt.Errorf("dialect %q: %s: %w", d.Name, name, err)
		}
	}
	return nil
}

// With is d with one knob turned, both given as text: With("id", "uuid"),
// With("think", "50ms"), With("addresses", "10.0.0.1 10.0.0.2"). Knobs names
// them all. Unknown knobs and values are errors that name what there is.
func (d Dialect) With(knob, value string) (Dialect, error) {
	k, known := knobs()[knob]
	if !known {
		return d, fmt.Errorf("no knob %q: there are %s", knob, strings.Join(Knobs(), ", "))
	}
	if err := k.set(&d, value); err != nil {
		return d, fmt.Errorf("%s: %w", knob, err)
	}
	return d, nil
}

// Knobs are the names that With knows, sorted.
func Knobs() []string { return slices.Sorted(maps.Keys(knobs())) }

// Knob is what there is to say of a knob.
type Knob struct{ Name, Takes, Doc, Example string }

// Manual tells of each knob, in the order of the names.
func Manual() (all []Knob) {
	for _, name := range Knobs() {
		k := knobs()[name]
		takes, example := k.takes, k.example
		if k.words != nil {
			takes, example = strings.Join(k.words, " | "), k.words[len(k.words)-1]
		}
		all = append(all, Knob{name, takes, k.doc, example})
	}
	return all
}

// Value is what one of the knobs says that take one of a few words, the
// default included; false for any other.
func (d Dialect) Value(name string) (string, bool) {
	k, known := knobs()[name]
	if !known || k.words == nil {
		return "", false
	}
	d = d.normal()
	return k.get(&d), true
}

// knob is one field of a dialect as text.
type knob struct {
	doc     string
	takes   string // and example: of a knob that takes any value of a kind
	example string
	set     func(*Dialect, string) error
	words   []string // of a knob that takes one of a few words; it alone has get and put
	get     func(*Dialect) string
	put     func(*Dialect, string)
}

func knobs() map[string]knob {
	return map[string]knob{
		"id":        choice(func(d *Dialect) *IDShape { return &d.IDShape }, words(Dotted, NoDot, Hex, UUID, Long, Unreserved, Dots, Reserved), "What SessionIDs look like; a client must take one for any string."),
		"id-change": choice(func(d *Dialect) *IDChange { return &d.IDChange }, words(ChangesLast, ChangesFirst, ChangesNever), "Which part of a SessionID changes from answer to answer."),
		"valid":     choice(func(d *Dialect) *Valid { return &d.Valid }, words(ValidUnacknowledged, ValidNewest, ValidAny), "Which of the ids that were given a request may carry."),
		"repeat":    choice(func(d *Dialect) *Repeat { return &d.Repeat }, words(RepeatReplays, RepeatExecutes, RepeatRejected), "What becomes of a request that was carried out before: it is answered again, carried out again, or refused."),
		"overlap":   choice(func(d *Dialect) *Overlap { return &d.Overlap }, overlapFates(), "What becomes of a second request while one is out."),
		"gw-ip":     choice(func(d *Dialect) *GatewayIP { return &d.GatewayIP }, words(GatewayFixed, GatewayMoving, GatewayName, GatewayEcho), "How GW-IP is chosen: one address, several in turn, a name, or what the open said."),
		"png":       choice(func(d *Dialect) *PNG { return &d.PNG }, words(PNGRefused, PNGPasses), "What becomes of PNG, which no client should send over HTTP."),
		"split":     choice(func(d *Dialect) *Split { return &d.Split }, words(SplitWhole, SplitAnywhere), "Whether an answer may end in the middle of a command."),
		"closing":   choice(func(d *Dialect) *Closing { return &d.Closing }, words(CloseAlone, CloseWithBody, CloseNever), "How the client is told that the server has ended the session."),
		"out":       choice(func(d *Dialect) *Out { return &d.Out }, words(OutCloses, OutPlain), "How the request that carries OUT is answered."),
		"header":    choice(func(d *Dialect) *HeaderStyle { return &d.Header }, words(HeaderStandard, HeaderReordered, HeaderTight, HeaderWide, HeaderVaried, HeaderBare), "How X-MSN-Messenger is laid out."),
		"long-poll": choice(func(d *Dialect) *LongPoll { return &d.LongPoll }, words(LongPollIgnored, LongPollHonoured), "Whether a poll that asks to be held is."),
		"binding":   choice(func(d *Dialect) *Binding { return &d.Binding }, words(Unbound, Bound, ByAddress), "What a session hangs on: nothing, its connection, or the address that opened it."),
		"machines":  choice(func(d *Dialect) *Machines { return &d.Machines }, words(OneMachine, Apart, Separate), "Whether the addresses of the gateway are doors of one machine, or machines that share no sessions: then each id is known where the answer that gave it led (apart), or where its session was opened (separate)."),
		"time-out":  choice(func(d *Dialect) *Timeout { return &d.Timeout }, words(TimeoutUntold, TimeoutTold), "Whether each answer tells in X-MSN-SessionTimeout how long a session may be idle."),
		"port-1863": choice(func(d *Dialect) *Door { return &d.Door }, words(DoorRefuses, DoorDrops, DoorOpen), "What becomes of who connects to the port of MSNP without HTTP."),
		"family":    choice(func(d *Dialect) *Family { return &d.Family }, words(IPv4, IPv6), "Of which family the gateway's addresses are; with ipv6 its names and GW-IP lead there alone."),
		"front":     choice(func(d *Dialect) *Front { return &d.Front }, words(FrontPlain, FrontTLS, FrontNamed, FrontUnknown, FrontAnother, FrontExpired), "What stands before the gateway's port: nothing (HTTP, port 80), or TLS (https, port 443), which with tls-by-name takes those alone that name a host in SNI. With the last three its certificate is one that no client may take: of an authority that nobody trusts, of another host, or expired."),

		"think":  duration(func(d *Dialect) *time.Duration { return &d.Think }, "How long an answer takes.", "2s"),
		"settle": duration(func(d *Dialect) *time.Duration { return &d.Settle }, "How much longer at most, until the server has replied to a command.", "1s"),
		"idle":   duration(func(d *Dialect) *time.Duration { return &d.Idle }, "Without a request for so long a session ends.", "30s"),
		"addresses": {
			set: setAddresses,
			doc: "What GW-IP may name, with spaces between.", takes: "ADDRESS…", example: "10.9.0.80 10.9.0.81",
		},
		"move-every": {set: setMoveEvery, doc: "How many answers there are between two moves of GW-IP.", takes: "N", example: "3"},
	}
}

// choice is a knob that takes one of a few words.
func choice[T ~string](field func(*Dialect) *T, values []T, doc string) knob {
	k := knob{
		doc: doc,
		get: func(d *Dialect) string { return string(*field(d)) },
		put: func(d *Dialect, v string) { *field(d) = T(v) },
	}
	for _, v := range values {
		k.words = append(k.words, string(v))
	}
	last := len(k.words) - 1
	k.takes = strings.Join(k.words[:last], ", ") + " or " + k.words[last]
	k.set = func(d *Dialect, v string) error {
		if !slices.Contains(k.words, v) {
			return fmt.Errorf("no value %q: there are %s", v, strings.Join(k.words, ", "))
		}
		k.put(d, v)
		return nil
	}
	return k
}

// duration is a knob that takes a length of time, as in "50ms".
func duration(field func(*Dialect) *time.Duration, doc, example string) knob {
	return knob{doc: doc, takes: "DURATION", example: example, set: func(d *Dialect, v string) error {
		length, err := time.ParseDuration(v)
		if err == nil && length < 0 {
			err = fmt.Errorf("%s is negative", v)
		}
		if err == nil {
			*field(d) = length
		}
		return err
	}}
}

func setAddresses(d *Dialect, v string) error {
	d.Addresses = strings.Fields(v)
	return nil
}

func setMoveEvery(d *Dialect, v string) error {
	n, err := strconv.Atoi(v)
	if err == nil && n < 1 {
		err = fmt.Errorf("%d is below 1", n)
	}
	if err == nil {
		d.MoveEvery = n
	}
	return err
}
