package html

import (
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/run/rig"
)

// detail is one client's run of one case, as the page draws it. Times are
// microseconds of the run's own clock. Where one thing refers to another it
// does so by place, in Connections, Exchanges or Data; -1 is none.
type detail struct {
	Result      rig.Result   `json:"result"`
	Problem     string       `json:"problem,omitempty"` // why there is nothing to draw
	Lanes       []string     `json:"lanes"`             // the client, the boxes, the gateway, the messenger
	Total       int          `json:"total"`             // events in the history
	End         int64        `json:"end"`
	Connections []connection `json:"connections"`
	Exchanges   []exchange   `json:"exchanges"`
	Rows        []row        `json:"rows"` // of the diagram, in order
	Data        []string     `json:"data"` // bytes, made harmless; the first is empty
	Files       []File       `json:"files,omitempty"`
}

// connection is a lifeline: between lane Hop and the next.
type connection struct {
	Hop    int    `json:"hop"`
	Number int    `json:"number"`
	From   int64  `json:"from"`
	To     int64  `json:"to"` // -1: open to the end
	Closed string `json:"closed,omitempty"`
	Reset  bool   `json:"reset,omitempty"`
}

// exchange is a request and its answer at one hop.
type exchange struct {
	Hop        int    `json:"hop"`
	Connection int    `json:"connection"`
	Number     int    `json:"number"`
	From       int64  `json:"from"`
	To         int64  `json:"to"` // -1: never ended
	Name       string `json:"name"`
	Status     int    `json:"status"`
	Received   bool   `json:"received"`
	Answered   bool   `json:"answered"`
	Parent     int    `json:"parent"` // the exchange of the hop before that this one carries on
	Head       int    `json:"head"`   // in Data, as are those below
	Body       int    `json:"body"`
	AnswerHead int    `json:"answerHead"`
	AnswerBody int    `json:"answerBody"`
	Edited     int    `json:"edited"`           // the head before a fault changed it
	Faults     string `json:"faults,omitempty"` // that struck it
	Blamed     string `json:"blamed,omitempty"` // requirements whose failed verdicts speak of it
	Quiet      bool   `json:"quiet,omitempty"`  // a poll that brought nothing
	Beyond     bool   `json:"beyond,omitempty"` // it goes on where nothing is shown
}

// newDetail reads the events into what is drawn.
func newDetail(r rig.Result, v view) *detail {
	d := &detail{Result: r, Lanes: lanes(r.Chain, v.events), Total: v.total}
	if n := len(v.events); n > 0 {
		d.End = micro(v.events[n-1].At)
	}
	b := newBuilder(d)
	for hop := range len(d.Lanes) - 2 {
		for _, c := range history.Connections(v.events, hop) {
			b.connection(c)
		}
	}
	b.strike(v.events)
	v.cutOff(d)
	link(d.Exchanges, b.raw)
	for i := range v.events {
		b.row(&v.events[i])
	}
	b.decide()
	v.leaveOut(d)
	d.Data = b.data.list
	return d
}

// lanes are the client, each box, the gateway and the messenger.
func lanes(chain []string, events []history.Event) []string {
	names := append([]string{"client"}, chain...)
	for _, e := range events {
		for e.From == history.AtHop && e.Hop >= len(names) {
			names = append(names, "box") // which the case does not name
		}
	}
	return append(names, "gateway", "messenger")
}

// blamedBy are the requirements that the client broke, by the exchanges at hop
// 0 that the verdicts speak of.
func blamedBy(r rig.Result) map[int][]string {
	blamed := map[int][]string{}
	for _, v := range r.Verdicts {
		if v.Status == oracle.Fail {
			for _, n := range v.Exchanges {
				blamed[n] = append(blamed[n], string(v.Requirement))
			}
		}
	}
	return blamed
}

func micro(d time.Duration) int64 {
	if d < 0 {
		return -1
	}
	return d.Microseconds()
}
