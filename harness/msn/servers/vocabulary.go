package servers

import (
	"maps"
	"slices"
	"strings"

	"gauntlet/harness/msn/gateway"
	"gauntlet/harness/msn/msnhttp"
	"gauntlet/harness/msn/msnp"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/protocol"
	"gauntlet/proxies"
	"gauntlet/proxies/fault"
	"gauntlet/proxies/http1"
	"gauntlet/proxies/syntax"
)

// Vocabulary is what the words in a case may be. The profiles are boxes with
// names; without them no chain can name one.
func Vocabulary(profiles proxies.Profiles) catalogue.Vocabulary {
	var dialects []string
	for name := range gateway.Dialects() {
		dialects = append(dialects, name)
	}
	slices.Sort(dialects)
	words := Words()
	words.Qualifiers = []string{string(gateway.NS), string(gateway.SB)}
	return catalogue.Vocabulary{Dialects: dialects, Knobs: gateway.Knobs(), Turn: checkKnob, Boxes: profiles, Faults: words}
}

// Word is one of the gateway's, and what there is to say of it.
type Word struct{ Name, Form, Doc, Example string }

// Knobs are what a case can turn of the gateway.
func Knobs() (all []Word) {
	for _, k := range gateway.Manual() {
		all = append(all, Word{k.Name, k.Name + ": " + k.Takes, k.Doc, k.Name + ": " + k.Example})
	}
	return all
}

// Dialects are the gateways that a case can name.
func Dialects() (all []Word) {
	for _, name := range slices.Sorted(maps.Keys(gateway.Dialects())) {
		all = append(all, Word{Name: name, Doc: gateway.Dialects()[name].Doc})
	}
	return all
}

// checkKnob says what is wrong with a value for a knob of the gateway's in a run.
func checkKnob(knob, value string) error {
	if _, err := (gateway.Dialect{}).With(knob, value); err != nil || knob != "addresses" {
		return err
	}
	return reachable(value)
}

// Words are what a fault may call a request wherever one is seen: LabelHead and
// LabelBody find them.
func Words() fault.Vocabulary {
	return fault.Vocabulary{
		Head: []string{"poll", "open", "command", fault.Connect},
		Body: []string{"MSG", "OUT", "USR", "VER", "CVR", "SYN", "CHG", "XFR", "CAL", "ANS", "QRY", "PNG"},
	}
}

// LabelHead names a request by its head, for the hops: they know labels, not
// MSN. more adds what is known of a session;
// nil if nothing is.
func LabelHead(more func(sessionID string) []string) func(head []byte) []string {
	return func(head []byte) []string {
		fields := strings.Fields(string(http1.StartLine(head)))
		switch {
		case len(fields) < 2:
			return nil
		case fields[0] == fault.Connect:
			return []string{fault.Connect}
		}
		_, q, err := msnhttp.ParseTarget(fields[1])
		switch {
		case err != nil:
			return nil
		case q.Action == msnhttp.ActionOpen:
			return []string{"open", q.Server}
		}
		return labels(q, more)
	}
}

func labels(q msnhttp.Query, more func(string) []string) []string {
	word := map[string]string{"": "command", msnhttp.ActionPoll: "poll"}[q.Action]
	switch {
	case word == "":
		return nil
	case more == nil:
		return []string{word}
	}
	return append([]string{word}, more(q.SessionID)...)
}

// LabelBody names the commands in a body.
func LabelBody(body []byte) []string {
	commands, _ := msnp.Decode(msnp.Client, body) // what precedes an error was decoded
	var names []string
	for _, c := range commands {
		names = append(names, c.Name)
	}
	return names
}

// reachable wants addresses that lead to the gateway: with any other as GW-IP no
// client gets on.
func reachable(addresses string) error {
	leading := protocol.Protocol{Names: names(), Doors: doors()}
	wrong := &syntax.Error{Problem: "only these lead to the gateway", Allowed: leading.GatewayAddresses()}
	if strings.TrimSpace(addresses) == "" {
		wrong.Offset = len(addresses)
		return wrong
	}
	for _, word := range strings.Fields(addresses) {
		wrong.Offset += strings.Index(addresses[wrong.Offset:], word)
		if wrong.Word = word; !slices.Contains(wrong.Allowed, word) {
			return wrong
		}
		wrong.Offset += len(word)
	}
	return nil
}
