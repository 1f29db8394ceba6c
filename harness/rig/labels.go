package rig

import (
	"bytes"
	"slices"
	"strings"

	"gauntlet/harness/catalogue"
	"gauntlet/harness/gateway"
	"gauntlet/harness/msnhttp"
	"gauntlet/harness/msnp"
	"gauntlet/proxies"
	"gauntlet/proxies/fault"
)

// Vocabulary is what the words in a case may be. The profiles are boxes with
// names; without them no chain can name one.
func Vocabulary(profiles proxies.Profiles) catalogue.Vocabulary {
	var dialects []string
	for name := range gateway.Dialects() {
		dialects = append(dialects, name)
	}
	slices.Sort(dialects)
	turn := func(knob, value string) error {
		_, err := gateway.Dialect{}.With(knob, value)
		return err
	}
	return catalogue.Vocabulary{Dialects: dialects, Knobs: gateway.Knobs(), Turn: turn, Boxes: profiles, Faults: fault.Vocabulary{
		Head:       []string{"poll", "open", "command"},
		Body:       []string{"MSG", "OUT", "USR", "VER", "CVR", "SYN", "CHG", "XFR", "CAL", "ANS", "QRY", "PNG"},
		Qualifiers: []string{"NS", "SB"},
	}}
}

// labelHead names a request by its head, for the hops: they know labels, not
// MSN. The gateway tells to which kind of server a SessionID belongs.
func labelHead(g *gateway.Gateway) func([]byte) []string {
	return func(head []byte) []string {
		line, _, _ := bytes.Cut(bytes.TrimLeft(head, "\r\n"), []byte("\n"))
		fields := strings.Fields(string(line))
		if len(fields) < 2 {
			return nil
		}
		_, q, err := msnhttp.ParseTarget(fields[1])
		if err != nil {
			return nil
		}
		return labels(q, g)
	}
}

func labels(q msnhttp.Query, g *gateway.Gateway) []string {
	switch {
	case q.Action == msnhttp.ActionOpen:
		return []string{"open", q.Server}
	case q.Action != "" && q.Action != msnhttp.ActionPoll:
		return nil
	}
	word := "command"
	if q.Action == msnhttp.ActionPoll {
		word = "poll"
	}
	if info, ok := g.Lookup(q.SessionID); ok {
		return []string{word, info.Server}
	}
	return []string{word}
}

// labelBody names the commands in a body.
func labelBody(body []byte) []string {
	commands, _ := msnp.Decode(msnp.Client, body) // what precedes an error was decoded
	var names []string
	for _, c := range commands {
		names = append(names, c.Name)
	}
	return names
}
