package rig

import (
	"fmt"
	"strings"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/oracle"
	"gauntlet/proxies/http1"
)

// Excerpt shows exchanges of hop 0, a line each, with the faults that struck
// them: those up to the ones that a verdict speaks of, or from the first one
// that a fault struck, or the last ones.
func (o Outcome) Excerpt(v oracle.Verdict, lines int) []string {
	events := o.events()
	exchanges := history.Exchanges(events, 0)
	end := excerptEnd(exchanges, events, v, lines)
	var out []string
	for _, x := range exchanges[max(0, end-lines):end] {
		out = append(out, describe(x, faultOn(events, x)))
	}
	return out
}

func excerptEnd(exchanges []*history.Exchange, events []history.Event, v oracle.Verdict, lines int) int {
	for i, x := range exchanges {
		switch {
		case len(v.Exchanges) > 0 && x.Ordinal == v.Exchanges[len(v.Exchanges)-1]:
			return min(len(exchanges), i+2)
		case len(v.Exchanges) == 0 && faultOn(events, x) != "":
			return min(len(exchanges), i+lines-1)
		}
	}
	return len(exchanges)
}

func describe(x *history.Exchange, fault string) string {
	fate := fmt.Sprintf("%d, %d bytes", x.Status, len(x.AnswerBody))
	switch {
	case x.Status == 0 && x.Ended < 0:
		fate = "no answer"
	case x.Status == 0:
		fate = fmt.Sprintf("no answer; connection lost after %.3fs", (x.Ended - x.Began).Seconds())
	case !x.Answered:
		fate = fmt.Sprintf("%d, answer cut", x.Status)
	}
	number := fmt.Sprint(x.Ordinal)
	if x.Ordinal == 0 {
		number = "cut" // it has no number: its head never came whole
	}
	return fmt.Sprintf("%9.3fs  connection %-3d request %-3s %-60s → %s%s", x.Began.Seconds(), x.Conn, number, requestLine(x), fate, fault)
}

func requestLine(x *history.Exchange) string {
	line := string(http1.StartLine(x.Head))
	line = strings.TrimSuffix(strings.TrimPrefix(line, "POST "), " HTTP/1.1")
	if i := strings.Index(line, "?"); i >= 0 {
		line = line[i+1:]
	}
	first, _, _ := strings.Cut(string(x.Body), "\r\n")
	line = strings.TrimSpace(line + "  " + first)
	if len(line) > 90 {
		line = line[:90] + "…"
	}
	return fmt.Sprintf("%q", line)
}

func faultOn(events []history.Event, x *history.Exchange) string {
	for _, e := range events {
		if e.Kind == history.Fired && e.Hop == x.Hop && e.Conn == x.Conn && e.Exchange == x.Ordinal {
			return "   ⚡ " + e.Fault
		}
	}
	return ""
}
