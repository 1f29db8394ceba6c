// Package har writes one hop of a run as a HAR 1.2 log: each exchange as it was
// seen on the accepting side, with the faults that struck it. What a log has no
// field for stands in comments and in fields that begin with an underscore, as
// the format allows.
//
// It reads heads leniently and judges nothing. Dates count from the year 2000,
// where the run's clock begins.
package har

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/report/inert"
	"gauntlet/harness/run/rig"
)

type document struct {
	Log log `json:"log"`
}

type log struct {
	Version string  `json:"version"`
	Creator creator `json:"creator"`
	Entries []entry `json:"entries"`
	Comment string  `json:"comment"`
	Mode    string  `json:"_mode"` // of the run: in virtual time the times are exact
	Opaque  []piece `json:"_opaque,omitempty"`
}

type creator struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// piece is what was sent that is not HTTP.
type piece struct {
	Started    string `json:"startedDateTime"`
	Connection string `json:"connection"`
	Upstream   bool   `json:"upstream"` // towards the gateway
	Data       []byte `json:"data"`     // in Base64
	Comment    string `json:"comment,omitempty"`
}

type entry struct {
	Started    string   `json:"startedDateTime"`
	Time       float64  `json:"time"` // milliseconds, as all times of the format
	Request    request  `json:"request"`
	Response   response `json:"response"`
	Cache      struct{} `json:"cache"`
	Timings    timings  `json:"timings"`
	Connection string   `json:"connection"`
	Comment    string   `json:"comment,omitempty"`
	Exchange   int      `json:"_exchange"`
	Labels     []string `json:"_labels,omitempty"`
	Faults     []string `json:"_faults,omitempty"`
	End        End      `json:"_end"`
}

// End is how an exchange ended: whether the request was cut, whether all of the
// answer was handed on and, if the connection ended with it, who closed that (peer,
// box or fault) and how (FIN, RST).
type End struct {
	Cut      bool   `json:"cut,omitempty"`
	Answered bool   `json:"answered"`
	By       string `json:"by,omitempty"`
	How      string `json:"how,omitempty"`
}

type timings struct {
	Send    float64 `json:"send"`
	Wait    float64 `json:"wait"`
	Receive float64 `json:"receive"`
}

// Write writes hop of an outcome, which holds its events and had its secrets
// masked.
func Write(out io.Writer, o rig.Outcome, hop int) error {
	events, err := o.Recorded()
	if err != nil {
		return fmt.Errorf("har: %w", err)
	}
	connections := history.Connections(events, hop)
	l := log{Version: "1.2", Creator: creator{"gauntlet", rig.Version()}, Entries: []entry{}, Comment: comment(o, hop, connections), Mode: string(o.Result.Mode)}
	l.Opaque = pieces(events, hop)
	fired, last := faults(events, hop), lastOf(connections)
	for _, x := range history.InOrder(connections) {
		if len(x.Head) > 0 {
			l.Entries = append(l.Entries, entryOf(x, fired[place{x.Conn, x.Ordinal}], last[x]))
		}
	}
	if err := json.NewEncoder(out).Encode(document{l}); err != nil {
		return fmt.Errorf("har: %w", err)
	}
	return nil
}

// lastOf are the last exchanges of connections that were closed.
func lastOf(connections []*history.Connection) map[*history.Exchange]*history.Connection {
	last := map[*history.Exchange]*history.Connection{}
	for _, c := range connections {
		if n := len(c.Exchanges); n > 0 && c.Closed >= 0 {
			last[c.Exchanges[n-1]] = c
		}
	}
	return last
}

// endOf is how an exchange ended, and the connection with it: one that was idle for
// a while before it ended is not told of.
func endOf(x *history.Exchange, closed *history.Connection) End {
	e := End{Cut: !x.Received, Answered: x.Answered}
	if closed != nil && (!x.Answered || x.ByReset) {
		e.By, e.How = closed.By, closed.How
	}
	return e
}

func entryOf(x *history.Exchange, faults []string, closed *history.Connection) entry {
	e := entry{
		Started: date(x.Began), Time: took(x),
		Request: requestOf(x), Response: responseOf(x), Connection: fmt.Sprint(x.Conn),
		Comment: fate(x), Exchange: x.Ordinal, Labels: inertAll(x.Labels), Faults: faults,
		End: endOf(x, closed),
	}
	e.Timings.Wait = e.Time
	return e
}

func date(at time.Duration) string {
	return history.Epoch().Add(at).Format("2006-01-02T15:04:05.000000000Z")
}

// pieces are the bytes at a hop that are in no exchange.
func pieces(events []history.Event, hop int) []piece {
	var list []piece
	for _, e := range events {
		if e.Hop == hop && (e.Kind == history.Opaque || e.Kind == history.OpaqueRest) {
			list = append(list, piece{date(e.At), fmt.Sprint(e.Conn), e.By == "peer", e.Data, inert.Line(e.Text)})
		}
	}
	return list
}

// took is how long an exchange lasted; one that never ended has no time.
func took(x *history.Exchange) float64 {
	if x.Ended < x.Began {
		return 0
	}
	return float64(x.Ended-x.Began) / float64(time.Millisecond)
}

// fate says what is special about how an exchange ended.
func fate(x *history.Exchange) string {
	switch {
	case x.Ordinal == 0:
		return "the head of the request did not arrive whole"
	case !x.Received:
		return "the request did not arrive whole"
	case x.Answered && x.ByReset:
		return "the connection was reset right after the answer"
	case x.Answered:
		return ""
	case x.Status != 0:
		return "the answer was cut"
	case x.Ended < 0:
		return "no answer"
	}
	return "no answer: the connection ended"
}

// place is an exchange on a connection.
type place struct{ conn, exchange int }

func faults(events []history.Event, hop int) map[place][]string {
	fired := map[place][]string{}
	for _, e := range events {
		if e.Kind == history.Fired && e.Hop == hop {
			at := place{e.Conn, e.Exchange}
			fired[at] = append(fired[at], inert.Line(e.Fault))
		}
	}
	return fired
}

func inertAll(texts []string) []string {
	var out []string
	for _, text := range texts {
		out = append(out, inert.Line(text))
	}
	return out
}

// comment says what the log is of, and what no entry shows.
func comment(o rig.Outcome, hop int, connections []*history.Connection) string {
	text := fmt.Sprintf("case %s, client %s, %s; hop %d, counted from the client", o.Result.ID, o.Result.Client, o.Result.Status, hop)
	if streams := len(slices.DeleteFunc(slices.Clone(connections), func(c *history.Connection) bool { return c.Sort == "" })); streams > 0 {
		text += fmt.Sprintf("; %d of %d connections are each a stream of HTTP/2, told as HTTP/1.1", streams, len(connections))
	}
	for _, c := range connections {
		if len(c.Opaque) > 0 {
			text += fmt.Sprintf("; connection %d carried what is not HTTP, beginning with % x", c.Number, c.Opaque[:min(16, len(c.Opaque))])
		}
	}
	return inert.Line(text)
}
