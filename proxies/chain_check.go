package proxies

// Check tells what keeps the chain from ever working, or what is wrong with
// one of its boxes. Its errors are *SpecError.
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
	return &SpecError{Text: c.String(), Offset: at, Word: c[i].self()[0], Problem: problem}
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
		case s.Quirks.Basic != "" && i > 0 && c[:i].dials() && alone && !c[:i].handsOnCredentials() && s.Kind != Connect:
			return i, "the box before it hides the client's password from it"
		}
	}
	return 0, ""
}

// dials tells whether any of the boxes opens connections of its own to what
// requests name, rather than carrying the client's bytes.
func (c Chain) dials() bool {
	for _, s := range c {
		if s.Kind != Relay {
			return true
		}
	}
	return false
}

// handsOnCredentials tells whether a Proxy-Authorization gets through them: a
// box that wants one itself keeps it.
func (c Chain) handsOnCredentials() bool {
	for _, s := range c {
		if s.Quirks.Basic != "" {
			return false
		}
	}
	return true
}
