package proxies

import (
	"regexp"
	"strings"
)

// Chain is the boxes between a client and a gateway, the client's first. The
// empty chain is a direct connection.
type Chain []Spec

// Direct is the text of the empty chain.
const Direct = "direct"

// String is the one-line form: `forward port 3128 → relay port 8080`.
func (c Chain) String() string {
	if len(c) == 0 {
		return Direct
	}
	boxes := make([]string, len(c))
	for i, s := range c {
		boxes[i] = s.String()
	}
	return strings.Join(boxes, arrow)
}

const arrow = " → "

// ParseChain reads boxes joined by arrows (→ or ->), or `direct`. A chain that
// cannot work is an error as well. Errors are *SpecError with offsets into the
// whole text.
func (p Profiles) ParseChain(text string) (Chain, error) {
	if strings.TrimSpace(text) == Direct {
		return nil, nil
	}
	var chain Chain
	var begins []word
	for _, part := range between(text) {
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
		return nil, &SpecError{Text: text, Offset: begins[i].offset, Word: begins[i].text, Problem: problem}
	}
	return chain, nil
}

// ParseChain is Profiles.ParseChain without profiles.
func ParseChain(text string) (Chain, error) { return Profiles(nil).ParseChain(text) }

// between gives the stretches of text that the arrows leave.
func between(text string) [][2]int {
	var parts [][2]int
	from := 0
	for _, arrow := range regexp.MustCompile(`→|->`).FindAllStringIndex(text, -1) {
		parts = append(parts, [2]int{from, arrow[0]})
		from = arrow[1]
	}
	return append(parts, [2]int{from, len(text)})
}
