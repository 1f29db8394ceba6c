package probe

import (
	"strings"

	"gauntlet/harness/msn/gateway"
	"gauntlet/harness/msn/msnp"
)

// commandReplied asks once and counts the replies.
func commandReplied(p *prober) (outcome, error) {
	s, err := p.open()
	if err != nil {
		return outcome{}, err
	}
	defer s.leave()
	ask, reply := p.information()
	if _, err := s.say(ask); err != nil {
		return outcome{}, err
	}
	if err := s.until(reply); err != nil {
		return outcome{}, err
	}
	for range 3 { // for a second copy to come
		if _, err := s.poll(); err != nil {
			return outcome{}, err
		}
	}
	p.learn("split", splitOf(s)...)
	if n := strings.Count(s.heard, reply); n != 1 {
		return fail("the reply %q came %d times", reply, n)
	}
	if rest := incomplete(s.heard); rest > 0 {
		return fail("%d bytes at the end are no whole command: %q", rest, clip(s.heard[len(s.heard)-rest:]))
	}
	return pass("%q came once, in %d bodies", clip(s.heard), len(s.answers))
}

// incomplete is how many bytes at the end are not a whole command; -1 if it is
// no MSNP.
func incomplete(text string) int {
	d := msnp.Decoder{From: msnp.Server}
	d.Feed([]byte(text))
	for {
		_, more, err := d.Next()
		if err != nil {
			return -1
		}
		if !more {
			return d.Buffered()
		}
	}
}

// splitOf reports whether bodies end in mid command.
func splitOf(s *session) []string {
	var all string
	for _, a := range s.answers {
		if all += string(a.body); incomplete(all) > 0 {
			return []string{string(gateway.SplitAnywhere)}
		}
	}
	return []string{string(gateway.SplitWhole), string(gateway.SplitAnywhere)} // that it never happened proves little
}

func commandInOrder(p *prober) (outcome, error) {
	s, err := p.open()
	if err != nil {
		return outcome{}, err
	}
	defer s.leave()
	var last string
	var wanted []string
	for range 5 {
		var ask string
		ask, last = p.information()
		wanted = append(wanted, last)
		if _, err := s.say(ask); err != nil {
			return outcome{}, err
		}
	}
	if err := s.until(last); err != nil {
		return outcome{}, err
	}
	return inOrder(s.heard, wanted)
}

func inOrder(heard string, wanted []string) (outcome, error) {
	at := -1
	for _, w := range wanted {
		next := strings.Index(heard, w)
		if next < 0 {
			return fail("the reply %q never came, but a later one did", w)
		}
		if next < at {
			return fail("the reply %q came before one that was asked for earlier", w)
		}
		at = next
	}
	return pass("%d replies, in order", len(wanted))
}

func commandSeveral(p *prober) (outcome, error) {
	ask, reply := p.information()
	s, err := p.begin(p.request(p.opening(), version+ask))
	if err != nil {
		return outcome{}, err
	}
	defer s.leave()
	if err := s.until(reply); err != nil {
		return outcome{}, err
	}
	return inOrder(s.heard, []string{"VER 1 ", reply})
}

func openEmpty(p *prober) (outcome, error) {
	s, err := p.begin(p.request(p.opening(), ""))
	if err != nil {
		return outcome{}, err
	}
	defer s.leave()
	if _, err := s.say(version); err != nil {
		return outcome{}, err
	}
	if err := s.until("VER 1 "); err != nil {
		return outcome{}, err
	}
	return pass("it may, and commands follow")
}

func openPort(p *prober) (outcome, error) {
	return p.converses(p.request(p.opening()+":1863", version))
}
