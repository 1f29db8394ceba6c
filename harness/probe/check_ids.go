package probe

import (
	"fmt"
	"regexp"
	"strings"

	"gauntlet/harness/msn/gateway"
)

func idNext(p *prober) (outcome, error) {
	s, err := p.open()
	if err != nil {
		return outcome{}, err
	}
	defer s.leave()
	for i := range 10 {
		if _, err := s.poll(); err != nil {
			return fail("poll %d with the id of the answer before it %v", i+1, err)
		}
	}
	return pass("it is")
}

// idShape is asked for what it tells: no shape is wrong (S48).
func idShape(p *prober) (outcome, error) {
	s, err := usual(p)
	if err != nil {
		return outcome{}, err
	}
	defer s.leave()
	var ids []string
	for _, a := range s.answers {
		ids = append(ids, a.session.SessionID)
	}
	p.learn("id", shapeOf(ids[0]))
	change := changeOf(ids)
	p.learn("id-change", change)
	return pass("%s, as in %q; what changes: %s", shapeOf(ids[0]), clip(ids[0]), change)
}

func shapeOf(id string) string {
	if len(id) > 500 {
		return string(gateway.Long)
	}
	for _, s := range []struct {
		shape   gateway.IDShape
		pattern string
	}{
		{gateway.Dotted, `^\d+\.\d+$`},
		{gateway.Dots, `^[.\d]*\.\d*\.[.\d]*$`},
		{gateway.NoDot, `^\d+$`},
		{gateway.UUID, `^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`},
		{gateway.Hex, `^[0-9A-Fa-f]+$`},
		{gateway.Unreserved, `^[-._~0-9A-Za-z]+$`},
	} {
		if regexp.MustCompile(s.pattern).MatchString(id) {
			return string(s.shape)
		}
	}
	return string(gateway.Reserved)
}

// changeOf tells which part differs: what all ids begin with stands, or what
// all end with.
func changeOf(ids []string) string {
	first := ids[0]
	begin, end := len(first), len(first)
	for _, id := range ids[1:] {
		if id == first {
			continue
		}
		begin, end = min(begin, common(first, id)), min(end, common(reversed(first), reversed(id)))
	}
	switch {
	case begin == len(first):
		return string(gateway.ChangesNever)
	case end > begin:
		return string(gateway.ChangesFirst)
	}
	return string(gateway.ChangesLast)
}

func common(a, b string) (n int) {
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

func reversed(s string) string {
	b := []byte(s)
	for i, j := 0, len(b)-1; i < j; i, j = i+1, j-1 {
		b[i], b[j] = b[j], b[i]
	}
	return string(b)
}

func idEncoded(p *prober) (outcome, error) {
	s, err := p.open()
	if err != nil {
		return outcome{}, err
	}
	defer s.leave()
	var all strings.Builder
	for _, b := range []byte(s.id) {
		fmt.Fprintf(&all, "%%%02X", b)
	}
	if _, err := s.ask(p.request(script+"?Action=poll&SessionID="+all.String(), "")); err != nil {
		return fail("with every byte as %%XX: %v", err)
	}
	return pass("it is")
}

func idUnknown(p *prober) (outcome, error) {
	c, err := p.dial()
	if err != nil {
		return outcome{}, err
	}
	defer c.Close()
	a, err := c.ask(p.request(poll("1234567890.4242"), ""))
	switch {
	case err != nil:
		return pass("%v", err)
	case a.status < 400:
		return fail("got %s", a.line)
	}
	return pass("got %s", a.line)
}

// idOlder asks again with an id that was not acknowledged, then with one that
// was.
func idOlder(p *prober) (outcome, error) {
	s, err := p.open()
	if err != nil {
		return outcome{}, err
	}
	defer s.leave()
	first := s.id
	if _, err := s.poll(); err != nil {
		return outcome{}, err
	}
	if s.id == first {
		p.learn("valid", string(gateway.ValidAny), string(gateway.ValidNewest), string(gateway.ValidUnacknowledged))
		return pass("there are none: the id never changes")
	}
	newest := s.id
	ask, _ := p.information()
	a, err := s.c.ask(p.request(command(first), ask))
	if err != nil || a.status != 200 {
		p.learn("valid", string(gateway.ValidNewest))
		return pass("none: the one before the newest got %s", a.line)
	}
	return p.older(s, first, newest, a)
}

// idApart runs two sessions side by side.
func idApart(p *prober) (outcome, error) {
	one, err := p.open()
	if err != nil {
		return outcome{}, err
	}
	defer one.leave()
	other, err := p.open()
	if err != nil {
		return outcome{}, err
	}
	defer other.leave()
	asks := map[*session]string{}
	for _, s := range []*session{one, other} {
		ask, reply := p.information()
		asks[s] = reply
		if _, err := s.say(ask); err != nil {
			return outcome{}, err
		}
	}
	if one.id == other.id {
		return fail("two sessions have one id: %q", clip(one.id))
	}
	for s, reply := range asks {
		if err := s.until(reply); err != nil {
			return outcome{}, err
		}
	}
	if strings.Contains(one.heard, asks[other]) || strings.Contains(other.heard, asks[one]) {
		return fail("a reply came in somebody else's session")
	}
	return pass("it does")
}
