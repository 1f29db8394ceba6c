// Package recording reads what other tools wrote down of a client's traffic, in HAR
// logs, packet captures and debug logs of libpurple. What comes of it is a history of
// hop 0, which is judged like one of our own, by what can be seen there.
//
// It knows HTTP, TCP and the files, and nothing of what is said in messages. A file
// may come from anybody: how much is read of it is bounded, and what cannot be read
// is an error in one line. What a file has no place for is told (Sight, Notes) and
// never made up.
package recording

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"gauntlet/harness/judge/history"
)

// Recording is traffic at hop 0 as somebody's tool wrote it down.
type Recording struct {
	Format string // such as HAR
	By     string // what wrote it; "" if the file does not say
	Sight  Sight
	Events []history.Event // in order; times count from the first
	Notes  []string        // what was left out, and what the file cannot show
}

// Sight is what a recording shows beside requests and answers. Whatever it does
// not show cannot be judged by it.
type Sight struct {
	Requests    bool          // requests and answers as they went over the wire, and not commands alone
	Form        bool          // the fields of requests as the client wrote them
	Times       bool          // finely enough to see what overlaps
	Connections bool          // on which connection each went
	Whole       bool          // from the first request on and without holes
	Ties        time.Duration // up to this an overlap is put down to the clock
}

// Requests is how many requests are in it, or commands where it shows no requests.
func (r Recording) Requests() int {
	return len(history.Exchanges(r.Events, 0))
}

// What is read of a file at most.
const (
	MostBytes    = 256 << 20
	mostMessages = 200_000
	mostBody     = 16 << 20
	mostStreams  = 20_000
	mostMissing  = 64 << 20
)

// errTooMany is told with what there is too much of, and how to make it less.
func errTooMany(what string, most int) error {
	return fmt.Errorf("more than %d %s; cut the recording down to one session", most, what)
}

var errUnknown = errors.New("not a recording that can be read: it is no HAR log (.har, as browsers and proxies write them) and no packet capture (.pcapng, .pcap) and no debug log of libpurple's MSN")

// Read reads a recording of whatever format its bytes show.
func Read(data []byte) (Recording, error) {
	if len(data) == 0 {
		return Recording{}, errors.New("the file is empty")
	}
	for _, f := range formats {
		if f.is(data) {
			r, err := f.read(data)
			if err == nil && len(r.Events) == 0 {
				err = errors.New("no HTTP request is in it; was the traffic encrypted, or recorded elsewhere?")
			}
			if err != nil {
				return Recording{}, fmt.Errorf("%s: %w", f.name, err)
			}
			r.Format = f.name
			return r, nil
		}
	}
	return Recording{}, errUnknown
}

// format is a kind of file, known by how it begins.
type format struct {
	name string
	is   func([]byte) bool
	read func([]byte) (Recording, error)
}

var formats = []format{
	{"HAR", isHAR, readHAR},
	{"pcapng", isNG, readNG},
	{"pcap", isPCAP, readPCAP},
	{"debug log", isPurple, readPurple},
}

// teller puts events together that are told connection by connection.
type teller struct {
	events []event
	conns  int
	told   map[string]int // notes, and how often
	order  []string
}

// event is one whose exchange has no ordinal yet, but the place of its request
// among all that were told.
type event struct {
	history.Event
	at      time.Time
	request int
}

// note keeps a remark, once however often it is made.
func (t *teller) note(text string) {
	if t.told == nil {
		t.told = map[string]int{}
	}
	if t.told[text]++; t.told[text] == 1 {
		t.order = append(t.order, text)
	}
}

// notes are the remarks in the order in which they were first made.
func (t *teller) notes() []string {
	list := make([]string, len(t.order))
	for i, text := range t.order {
		if list[i] = text; t.told[text] > 1 {
			list[i] = fmt.Sprintf("%s (%d times)", text, t.told[text])
		}
	}
	return list
}

func (t *teller) tell(at time.Time, conn, request int, e history.Event) {
	e.From, e.Conn = history.AtHop, conn
	t.events = append(t.events, event{e, at, request})
}

// told puts the events in order and numbers the exchanges by their heads.
func (t *teller) history() []history.Event {
	slices.SortStableFunc(t.events, func(a, b event) int { return a.at.Compare(b.at) })
	ordinals, list := map[int]int{}, make([]history.Event, 0, len(t.events))
	for i, e := range t.events {
		if e.Kind == history.RequestHead {
			ordinals[e.request] = len(ordinals) + 1
		}
		e.Seq, e.At = i+1, e.at.Sub(t.events[0].at)
		if e.request > 0 && e.Kind != history.RequestBegan {
			e.Exchange = ordinals[e.request]
		}
		list = append(list, e.Event)
	}
	return list
}

// begins reports whether data begins with one of these, blanks before it aside.
func begins(data []byte, with ...string) bool {
	data = bytes.TrimLeft(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), " \t\r\n")
	return slices.ContainsFunc(with, func(w string) bool { return bytes.HasPrefix(data, []byte(w)) })
}

// later is the later of two times.
func later(a, b time.Time) time.Time {
	if cmp.Compare(a.UnixNano(), b.UnixNano()) < 0 {
		return b
	}
	return a
}
