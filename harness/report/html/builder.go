package html

import (
	"fmt"
	"slices"
	"strings"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/msn/msnp"
	"gauntlet/harness/report/inert"
)

// builder makes a detail of events. It remembers which part of the detail was
// made of which part of the history.
type builder struct {
	d           *detail
	data        *table
	raw         []*history.Exchange // in the order of d.Exchanges
	connections map[[2]int]int      // places, by hop and number
	exchanges   map[[2]int]int      // places, by hop and ordinal
	nameless    map[[2]int]int      // of requests whose head never came, by hop and connection
	blamed      map[int][]string
}

func newBuilder(d *detail) *builder {
	return &builder{
		d: d, data: newTable(), connections: map[[2]int]int{}, exchanges: map[[2]int]int{}, nameless: map[[2]int]int{},
		blamed: blamedBy(d.Result),
	}
}

func (b *builder) connection(c *history.Connection) {
	place := len(b.d.Connections)
	b.connections[[2]int{c.Hop, c.Number}] = place
	b.d.Connections = append(b.d.Connections, connection{
		Hop: c.Hop, Number: c.Number, From: micro(c.Accepted), To: micro(c.Closed),
		Closed: b.closedBy(c.Hop, c.By, c.How), Reset: c.How == "RST",
	})
	for _, x := range c.Exchanges {
		b.exchange(x, place)
	}
}

// closedBy says who ended a connection: the two faces of a hop are the lanes
// on its sides.
func (b *builder) closedBy(hop int, by, how string) string {
	verb := "closed"
	if how == "RST" {
		verb = "reset"
	}
	switch by {
	case "":
		return ""
	case "peer":
		by = b.d.Lanes[hop]
	case "box":
		by = b.d.Lanes[hop+1]
	case "fault":
		by = "the fault"
	}
	return verb + " by " + by
}

func (b *builder) exchange(x *history.Exchange, connection int) {
	if x.Ordinal > 0 {
		b.exchanges[[2]int{x.Hop, x.Ordinal}] = len(b.d.Exchanges)
	} else {
		b.nameless[[2]int{x.Hop, x.Conn}] = len(b.d.Exchanges)
	}
	e := exchange{
		Hop: x.Hop, Connection: connection, Number: x.Ordinal, From: micro(x.Began), To: micro(x.Ended),
		Name: nameOf(x), Status: x.Status, Received: x.Received, Answered: x.Answered, Parent: -1,
		Head: b.data.add(x.Head), Body: b.data.add(x.Body),
		AnswerHead: b.data.add(x.AnswerHead), AnswerBody: b.data.add(x.AnswerBody),
		Quiet: x.Has("poll") && x.Answered && x.Status == 200 && len(x.Body)+len(x.AnswerBody) == 0,
	}
	if x.Hop == 0 {
		e.Blamed = strings.Join(b.blamed[x.Ordinal], ", ")
	}
	b.raw = append(b.raw, x)
	b.d.Exchanges = append(b.d.Exchanges, e)
}

// strike notes which faults struck which exchanges. What was struck or is to
// blame is not quiet.
func (b *builder) strike(events []history.Event) {
	for i := range events {
		e := &events[i]
		place, known := b.exchanges[[2]int{e.Hop, e.Exchange}]
		if e.From != history.AtHop || !known {
			continue
		}
		x := &b.d.Exchanges[place]
		switch e.Kind {
		case history.Fired:
			x.Faults = strings.TrimPrefix(x.Faults+"; "+inert.Line(e.Fault), "; ")
		case history.Edited:
			x.Edited = b.data.add(e.Data)
		}
		x.Quiet = x.Quiet && x.Faults == "" && x.Edited == 0 && x.Blamed == ""
	}
}

// decide marks the exchange after which the failure was certain, if somebody has
// found it.
func (b *builder) decide() {
	place, known := b.exchanges[[2]int{0, b.d.Result.Certain}]
	if !known {
		return
	}
	r := note(0, "certain after request %d: every continuation failed", b.d.Result.Certain)
	r.Bad, r.At = true, max(b.d.Exchanges[place].From, b.d.Exchanges[place].To)
	at := slices.IndexFunc(b.d.Rows, func(o row) bool { return o.At > r.At })
	if at < 0 {
		at = len(b.d.Rows)
	}
	if at > 0 {
		r.seq = b.d.Rows[at-1].seq
	}
	b.d.Rows = slices.Insert(b.d.Rows, at, r)
}

// nameOf is what a request is, in a few words: the kind of request and server,
// and the commands in it.
func nameOf(x *history.Exchange) string {
	var words []string
	for _, l := range x.Labels {
		if l == "open" || l == "poll" || l == "command" || l == "NS" || l == "SB" {
			words = append(words, l)
		}
	}
	if slices.Contains(words, "command") && len(x.Body) > 0 {
		words = slices.DeleteFunc(words, func(w string) bool { return w == "command" })
	}
	if x.Ordinal == 0 {
		return "its head never came"
	}
	if len(words) == 0 && len(x.Body) == 0 {
		return firstLine(x.Head)
	}
	if len(x.Body) > 0 {
		words = append(words, commandsIn(msnp.Client, x.Body))
	}
	return strings.Join(words, " ")
}

// answerOf is what came back, in a few words.
func answerOf(x *history.Exchange, beyond bool) string {
	switch {
	case beyond:
		return fmt.Sprintf("%d …", x.Status)
	case !x.Answered:
		return fmt.Sprintf("%d, cut short", x.Status)
	case len(x.AnswerBody) == 0:
		return fmt.Sprintf("%d, empty", x.Status)
	}
	return fmt.Sprintf("%d %s", x.Status, commandsIn(msnp.Server, x.AnswerBody))
}
