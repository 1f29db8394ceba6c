package proxies

import (
	"net"
	"regexp"
	"slices"
	"strings"

	"gauntlet/proxies/streams"
	"gauntlet/proxies/syntax"
)

// Chain is the boxes between a client and a gateway, the client's first. The
// empty chain is a direct connection.
type Chain []Spec

// direct is the text of the empty chain.
const direct = "direct"

// String is the one-line form: `forward port 3128 → relay port 8080`.
func (c Chain) String() string {
	if len(c) == 0 {
		return direct
	}
	boxes := make([]string, len(c))
	for i, s := range c {
		boxes[i] = s.String()
	}
	return strings.Join(boxes, arrow)
}

const arrow = " → "

// ParseChain reads boxes joined by arrows (→ or ->), or `direct`. A chain that
// cannot work is an error as well. Errors are *syntax.Error with offsets into the
// whole text.
func (p Profiles) ParseChain(text string) (Chain, error) {
	if strings.TrimSpace(text) == direct {
		return nil, nil
	}
	var chain Chain
	var begins []word
	for _, part := range betweenArrows(text) {
		words := scan(text, part[0], part[1])
		if words.more() {
			begins = append(begins, words.words[0])
		}
		spec, err := p.parse(words)
		if err != nil {
			return nil, err
		}
		chain = append(chain, spec)
	}
	if i, problem := chain.flaw(); problem != "" {
		return nil, &syntax.Error{In: "box", Text: text, Offset: begins[i].offset, Word: begins[i].text, Problem: problem}
	}
	return chain, nil
}

var arrows = regexp.MustCompile(`→|->`)

// betweenArrows returns the stretches of text that the arrows leave.
func betweenArrows(text string) [][2]int {
	var parts [][2]int
	from := 0
	for _, arrow := range arrows.FindAllStringIndex(text, -1) {
		parts = append(parts, [2]int{from, arrow[0]})
		from = arrow[1]
	}
	return append(parts, [2]int{from, len(text)})
}

// Check reports what keeps the chain from ever working, or what is wrong with
// one of its boxes. Its errors are *syntax.Error.
func (c Chain) Check() error {
	for _, s := range c {
		if err := s.Check(); err != nil {
			return err
		}
	}
	i, problem := c.flaw()
	if problem == "" {
		return nil
	}
	at := 0
	for _, s := range c[:i] {
		at += len(s.String() + arrow)
	}
	return &syntax.Error{In: "box", Text: c.String(), Offset: at, Word: c[i].self()[0], Problem: problem}
}

// flaw finds the first box that cannot stand where it does.
func (c Chain) flaw() (int, string) {
	for i, s := range c {
		alone := len(s.Phases()) == 1
		switch {
		case i > 0 && s.Kind == Socks4 && c[:i].dials():
			return i, "a box before it dials names, and SOCKS 4 carries addresses only; use socks4a"
		case i > 0 && c[i-1].Kind == Portal && len(c[i-1].Phases()) == 1:
			return i, "nothing gets past a portal; it can only be the last, or a time: portal for 1m then relay"
		case i > 0 && c[i-1].Kind == Down && len(c[i-1].Phases()) == 1:
			return i, "nothing gets past a box that is down; it can only be for a time: down for 3s then relay"
		case i+1 < len(c) && slices.ContainsFunc(s.Phases(), func(p Spec) bool { return p.Machines() > 0 }):
			return i, "the machines over which it balances are gateways, so that it can only be the last"
		case s.speaksHTTP2() && i+1 < len(c) && !c[i+1].takesHTTP2():
			return i, "it speaks HTTP/2 with what comes next, which can only be a forward or an intercepting box, or the gateway"
		case s.wantsCredentials() && i > 0 && c[:i].dials() && alone && !c[:i].handsOnCredentials() && s.Kind != Connect:
			return i, "the box before it hides the client's password from it"
		}
	}
	return 0, ""
}

// dials reports whether any of the boxes opens connections of its own to what
// requests name, rather than carrying the client's bytes.
func (c Chain) dials() bool {
	for _, s := range c {
		if s.Kind != Relay {
			return true
		}
	}
	return false
}

// handsOnCredentials reports whether a Proxy-Authorization gets through them: a
// box that wants one itself keeps it.
func (c Chain) handsOnCredentials() bool {
	for _, s := range c {
		if s.wantsCredentials() {
			return false
		}
	}
	return true
}

// Streams are the hops at which requests are streams of HTTP/2: those behind the
// boxes that speak it.
func (c Chain) Streams() (hops []int) {
	for i, s := range c {
		if s.speaksHTTP2() {
			hops = append(hops, i+1)
		}
	}
	return hops
}

// Listen is l as what stands behind that hop serves it: a connection for each stream,
// where requests come as such.
func (c Chain) Listen(hop int, l net.Listener) net.Listener {
	if !slices.Contains(c.Streams(), hop) {
		return l
	}
	return streams.Listen(l, hop < len(c) && c[hop].Kind.Explicit())
}
