package messenger

// Listed is one other user on somebody's lists, as the contact services of
// later clients show it.
type Listed struct {
	ID, Email, Nick                 string
	Forward, Allow, Block, Reversed bool
}

// Person is what there is to know of an account.
type Person struct {
	ID, Email, Nick string
	Lists           []Listed
}

// Person tells of an account; false if there is none.
func (m *Messenger) Person(email string) (Person, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	a := m.accounts[key(email)]
	if a == nil {
		return Person{}, false
	}
	p := Person{ID: guid(a.email), Email: a.email, Nick: a.nick}
	for _, e := range m.roster(a) {
		l := Listed{
			ID: guid(e.email), Email: e.email, Nick: e.email,
			Forward: e.bits&forward != 0, Allow: e.bits&allow != 0, Block: e.bits&block != 0, Reversed: e.bits&reverse != 0,
		}
		if other := m.accounts[key(e.email)]; other != nil {
			l.Nick = other.nick
		}
		p.Lists = append(p.Lists, l)
	}
	return p, true
}

// Rename gives an account another nickname, and tells whoever watches it. An
// account that there is not keeps none.
func (m *Messenger) Rename(email, nick string) {
	m.do(func() {
		a := m.accounts[key(email)]
		if a == nil {
			return
		}
		a.nick = nick
		if a.visible() {
			m.tellWatchers(a, a.presence)
		}
	})
}
