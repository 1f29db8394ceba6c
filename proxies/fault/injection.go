package fault

import (
	"bytes"
	"slices"
	"strconv"
	"time"

	"gauntlet/proxies/http1"
)

// Injection is a fault at work on one connection: the primitives of which
// effects are made. None blocks: they change the state of the connection, and
// the connection obeys. The first that acts records that the fault has fired;
// they do nothing where there is nothing left to act upon. proxies/wire
// implements it.
type Injection interface {
	// Refuse turns an attempt to connect away.
	Refuse()
	// Ignore leaves an attempt to connect without an answer.
	Ignore()
	// End ends the connection on both faces, by FIN or RST: the box reads the end
	// or ECONNRESET.
	End(how string)
	// CutPeer ends the connection for the peer alone. What the box writes from then
	// on is swallowed, and nothing more reaches it.
	CutPeer(how string)
	// CutBox ends the connection for the box alone, as if the peer had ended it. The
	// peer waits; the box's Close does not reach it.
	CutBox(how string)
	// HalfClose ends one direction. To the peer: it gets FIN after what it was given;
	// what it sends still reaches the box, what the box writes is swallowed, and the
	// connection ends when the peer leaves it. To the box: it reads the end after
	// what it was given, and what it writes still reaches the peer.
	HalfClose(d Direction)
	// Stall lets nothing more flow, either way. The connection stays open until the
	// peer leaves, of which the box is told; the box's own Close does not reach the
	// peer.
	Stall()
	// Blackhole swallows whatever either side sends. Neither is told that the other
	// leaves.
	Blackhole()
	// Move takes the peer's machine to another network: all its connections are as in
	// Blackhole or ForgetFlow, and its next ones come from another address.
	Move()
	// Pace lets p decide, from this landmark on, how fast the direction flows, until
	// the fault's time is over. Faults that pace one direction stand one behind the
	// other. A Pacer serves one connection and one direction.
	Pace(d Direction, p Pacer)
	// Swallow drops what is sent in the direction, from now on; the other one flows,
	// and each end is told when the other leaves.
	Swallow(d Direction)
	// Limit lets n more bytes pass in the direction, and ends the connection by FIN
	// or RST when they have; where n is 0, when the first wants to.
	Limit(d Direction, n int, how string)
	// DelayEnd has the end of the direction come so much later.
	DelayEnd(d Direction, t time.Duration)
	// After has then called after a while, unless the connection ends before; then
	// acts by the same Injection.
	After(t time.Duration, then func())
	// Hold lets nothing pass in the direction for so long; then all goes on. What
	// the box writes to a peer that has left meanwhile fails.
	Hold(d Direction, t time.Duration)
	// Flow does something on the path between the two ends, if there is one; t is
	// for how long, 0 for ever. Direction and time are those of LoseFlow.
	Flow(f Flow, d Direction, t time.Duration)

	// EditHead lets edit change a head as raw bytes: at the landmark forward the
	// request's, elsewhere the answer's. The body is handed on as it is. The fault
	// has fired when edit returns other bytes than it got. It means something up to
	// the landmark answer; edit must not keep or change its argument.
	EditHead(edit func(head []byte) []byte)
	// EditBody does so with a body as it stands on the wire.
	EditBody(edit func(body []byte) []byte)
	// Precede puts an interim answer before the answer, behind those that are there.
	Precede(interim []byte)
	// EditAnswer lets edit put another answer in the place of the box's. Nothing is
	// handed on before the box's is whole; one that never becomes so is handed on
	// as far as it came, unchanged. The fault has fired when edit returns another
	// answer than it got.
	EditAnswer(edit func(Answer) Answer)
	// Replace gives the peer this answer. At the landmark forward the box never
	// sees the request; at answer the box's own answer is dropped.
	Replace(a Answer)
	// Repeat gives the box the request once more, on the same connection: at once
	// if the peer gets the first answer, after the first answer if it gets the
	// second. The other answer is swallowed. It means something at the landmark
	// forward.
	Repeat(gives Which)

	// Earlier is an answer that the hop gave before, if there is one.
	Earlier(which Source) (Answer, bool)
	// RequestHead is the head of the request; nil outside of exchanges.
	RequestHead() []byte
	// Lead lets edit change what somebody is told who has looked up a name. It means
	// something at a lookup; the fault has fired when edit has been asked.
	Lead(edit func(Found) Found)
	// Draw is the n-th of the numbers from 0 to 1 that chance gives this firing.
	Draw(n int) float64
}

// How a connection ends on the wire.
const (
	FIN = "FIN"
	RST = "RST"
)

// Direction is one direction of a connection.
type Direction int

// The directions.
const (
	ToBox Direction = iota
	ToPeer
)

// Which says which of two answers the peer gets.
type Which int

// The choices.
const (
	First Which = iota
	Second
)

// Source says where an earlier answer comes from.
type Source int

// The sources, the newest answer of each.
const (
	SameConnection  Source = iota
	OtherConnection        // of the hop
	SameKind               // of the hop, to a request with the same labels
)

// Flow is what a kernel or a router on the path does to a connection.
type Flow int

// What they do.
const (
	KillFlow   Flow = iota // the accepting end's kernel ends it by itself
	ForgetFlow             // the router forgets that it translates its addresses
	RejectFlow             // the router answers what the peer sends next by RST
	LoseFlow               // the router drops what is sent in one direction
)

// Pacer decides how fast one direction of a connection flows. It is asked with
// the connection's lock held and must not block.
type Pacer interface {
	// Admit says how many of the waiting bytes may pass now; if it says 0, again
	// is when to ask next.
	Admit(now time.Time, waiting int) (n int, again time.Time)
}

// Answer is the whole of an answer.
type Answer struct {
	Interim []byte // whole answers with 1xx before it
	Head    []byte // start line, fields and blank line
	Body    []byte // as it stands on the wire
	After   []byte // what follows its end and belongs to no answer
	Then    string // FIN: the connection is closed after it, on both faces; "" leaves it open
}

// Bytes are those that go to the peer up to the answer's end.
func (a Answer) Bytes() []byte { return slices.Concat(a.Interim, a.Head, a.Body) }

// Equal reports whether the peer cannot tell the two apart.
func (a Answer) Equal(b Answer) bool {
	return bytes.Equal(a.Bytes(), b.Bytes()) && bytes.Equal(a.After, b.After) && a.Then == b.Then
}

// plain is the body without chunks.
func (a Answer) plain() []byte {
	if f, _ := http1.FramingOf(a.Head); f.Chunked {
		return http1.Unchunk(a.Body)
	}
	return a.Body
}

// framed returns the answer with that body, and field in the place of those
// that framed it before.
func (a Answer) framed(body []byte, field ...http1.Field) Answer {
	h := http1.Parse(a.Head)
	h.Remove("Transfer-Encoding", "Content-Length")
	h.Fields = append(h.Fields, field...)
	a.Head, a.Body = h.Bytes(), body
	return a
}

// sized returns the answer with that body and its length.
func (a Answer) sized(body []byte) Answer { return a.framed(body, lengthField(len(body))) }

func lengthField(n int) http1.Field { return http1.NewField("Content-Length", strconv.Itoa(n)) }

// args are the arguments of an effect, as the fault's text gives them. The
// grammar has seen to their forms.
type args []string

func (a args) number(i int) int {
	n, _ := strconv.Atoi(a[i])
	return n
}

func (a args) duration(i int) time.Duration {
	d, _ := time.ParseDuration(a[i])
	return d
}

// text is an argument without its quotes.
func (a args) text(i int) string { return unquoted(a[i]) }

// each are the arguments that stand after a word that may come again and again,
// without their quotes.
func (a args) each(word string) (texts []string) {
	for i := 0; i+1 < len(a); i++ {
		if a[i] == word {
			i++
			texts = append(texts, a.text(i))
		}
	}
	return texts
}

// after is the argument that stands after a word, "" if it was left out.
func (a args) after(word string) string {
	if all := a.each(word); len(all) > 0 {
		return all[0]
	}
	return ""
}

// durationAfter is that as a duration, 0 if it was left out.
func (a args) durationAfter(word string) time.Duration {
	d, _ := time.ParseDuration(a.after(word))
	return d
}
