package html

import (
	"fmt"
	"slices"

	"gauntlet/harness/judge/history"
)

// view is what is shown of a history: stretches of it.
type view struct {
	spans  []span
	total  int // events in the history
	events []history.Event
}

// gap is what is left out before an event that is shown, or at the end.
type gap struct {
	before  int // place in view.events
	missing int // events
}

func (v view) gaps() []gap {
	var list []gap
	shown, end := 0, 0
	for _, s := range append(slices.Clone(v.spans), span{v.total, v.total}) {
		if s.from > end {
			list = append(list, gap{shown, s.from - end})
		}
		shown, end = shown+s.to-s.from, s.to
	}
	return list
}

// cutOff marks the exchanges that go on where nothing is shown: they are not
// unanswered. At the end of the history there is nothing to go on to.
func (v view) cutOff(d *detail) {
	for _, g := range v.gaps() {
		if g.before == 0 {
			continue
		}
		last := micro(v.events[g.before-1].At)
		for i := range d.Exchanges {
			x := &d.Exchanges[i]
			if x.From <= last && !x.Beyond && (x.To < 0 || (x.To > last && !x.Answered)) {
				x.Beyond, x.To = true, -1
			}
		}
	}
}

// leaveOut puts a row where events are not shown.
func (v view) leaveOut(d *detail) {
	for _, g := range v.gaps() {
		at, place := d.End, len(d.Rows)
		if g.before < len(v.events) {
			next := v.events[g.before]
			at = micro(next.At)
			if i := slices.IndexFunc(d.Rows, func(r row) bool { return r.seq >= next.Seq }); i >= 0 {
				place = i
			}
		}
		d.Rows = slices.Insert(d.Rows, place, row{
			At: at, Kind: gapRow, To: len(d.Lanes) - 1, Connection: -1, Exchange: -1,
			Text: fmt.Sprintf("%d events are not shown here; the history has them", g.missing),
		})
	}
}
