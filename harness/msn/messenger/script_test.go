package messenger

import (
	"fmt"
	"net"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/msn/msnp"
)

// pairs is a listener of in-memory connections.
type pairs struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func newPairs() *pairs { return &pairs{conns: make(chan net.Conn), done: make(chan struct{})} }

func (p *pairs) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pairs) Close() error {
	p.once.Do(func() { close(p.done) })
	return nil
}

func (p *pairs) Addr() net.Addr { return &net.UnixAddr{Name: "pairs", Net: "unix"} }

func (p *pairs) dial() net.Conn {
	ours, theirs := net.Pipe()
	p.conns <- theirs
	return ours
}

// play is a messenger in virtual time, its clients by name, and what was
// observed.
type play struct {
	t        *testing.T
	m        *Messenger
	ns, sb   *pairs
	clients  map[string]*actor
	bound    map[string]string // what {name} stood for
	served   sync.WaitGroup
	mu       sync.Mutex
	observed []history.Event
}

// actor is a client that a script drives.
type actor struct {
	conn    net.Conn
	decoder msnp.Decoder
}

var people = []Account{
	{Email: "alice@example.org", Nick: "Alice Liddell", Contacts: []string{"bob@example.org"}},
	{Email: "bob@example.org", Nick: "Bob", Contacts: []string{"alice@example.org", "carol@example.org"}},
	{Email: "carol@example.org", Password: "s3cret word"},
}

// perform runs a play in a bubble: whatever it starts must end with it.
func perform(t *testing.T, o Options, acts func(p *play)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		p := &play{t: t, ns: newPairs(), sb: newPairs(), clients: map[string]*actor{}, bound: map[string]string{}}
		o.Accounts = people
		o.Observe = p.observe
		p.m = New(o)
		p.served.Go(func() { p.check(p.m.ServeNotification(p.ns)) })
		p.served.Go(func() { p.check(p.m.ServeSwitchboard(p.sb)) })
		acts(p)
		for _, a := range p.clients {
			_ = a.conn.Close()
		}
		p.check(p.m.Close())
		p.served.Wait()
	})
}

func (p *play) check(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Error(err)
	}
}

func (p *play) observe(e history.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.observed = append(p.observed, e)
}

// seen lists the observed events of the given kinds, one line each.
func (p *play) seen(kinds ...history.Kind) (all []string) {
	synctest.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, e := range p.observed {
		for _, k := range kinds {
			if e.Kind == k {
				all = append(all, strings.TrimSpace(fmt.Sprintf("%s %s %s %s", e.Kind, e.User, e.ID, e.Text)))
			}
		}
	}
	return all
}

// script runs lines of these forms:
//
//	alice dials NS
//	alice signs in
//	alice> CHG 6 NLN 0           sends a command
//	alice< CHG 6 NLN 0           expects exactly this next
//	alice< nothing               for 10 s
//	alice< closed
//	alice hangs up
//	wait 2s
//
// A command may end in "text", a plain message as payload, in =code, the answer
// to a challenge, or in <markup> as payload. {name} in an expectation stands for one parameter,
// and from then on for the same.
func (p *play) script(lines string) {
	p.t.Helper()
	for i, line := range strings.Split(strings.TrimSpace(lines), "\n") {
		if line = strings.TrimSpace(line); line != "" && !p.t.Failed() {
			p.line(fmt.Sprintf("line %d, %s", i+1, line), line)
		}
	}
}

func (p *play) line(at, line string) {
	p.t.Helper()
	words := strings.Fields(line)
	rest := strings.TrimSpace(strings.TrimPrefix(line, words[0]))
	name := strings.TrimRight(words[0], "<>")
	switch {
	case words[0] == "wait":
		d, err := time.ParseDuration(rest)
		p.check(err)
		time.Sleep(d)
	case rest == "signs in":
		p.signIn(name)
	case rest == "hangs up":
		p.check(p.clients[name].conn.Close())
		synctest.Wait()
	case rest == "dials NS", rest == "dials SB":
		p.dial(name, rest)
	case strings.HasSuffix(words[0], ">"):
		p.say(at, name, rest)
	default:
		p.expect(at, name, rest)
	}
}

func (p *play) dial(name, how string) {
	listener := map[string]*pairs{"dials NS": p.ns, "dials SB": p.sb}[how]
	p.clients[name] = &actor{conn: listener.dial(), decoder: msnp.Decoder{From: msnp.Server}}
	synctest.Wait()
}

func (p *play) signIn(name string) {
	p.t.Helper()
	email := name + "@example.org"
	p.script(fmt.Sprintf(`
		%[1]s dials NS
		%[1]s> VER 1 MSNP8 CVR0
		%[1]s< VER 1 MSNP8 CVR0
		%[1]s> USR 3 TWN I %[2]s
		%[1]s< USR 3 TWN S {policy%[1]s}
		%[1]s> USR 4 TWN S t=s3cret%%20word&p=
		%[1]s< USR 4 OK %[2]s {nick%[1]s} 1 0`, name, email))
	p.next(name, name+" awaits the profile", 10*time.Second)
	delete(p.bound, "policy"+name)
}

func (p *play) say(at, name, text string) {
	p.t.Helper()
	data := p.wire(p.fill(text))
	if _, err := p.clients[name].conn.Write(data); err != nil {
		p.t.Errorf("%s: %v", at, err)
	}
	synctest.Wait()
}

// wire is a script's command as bytes.
func (p *play) wire(text string) []byte {
	if head, markup, is := strings.Cut(text, " <"); is {
		return fmt.Appendf(nil, "%s %d\r\n<%s", head, len(markup)+1, markup)
	}
	head, tail, quoted := strings.Cut(text, ` "`)
	if quoted {
		payload := msnp.PlainMessage(strings.TrimSuffix(tail, `"`)).Payload()
		return fmt.Appendf(nil, "%s %d\r\n%s", head, len(payload), payload)
	}
	if head, code, answer := strings.Cut(text, " ="); answer {
		return fmt.Appendf(nil, "%s 32\r\n%s", head, msnp.Challenge(code, msnp.ChallengeKey))
	}
	return []byte(text + "\r\n")
}

// fill replaces the names that stand for something.
func (p *play) fill(text string) string {
	for name, value := range p.bound {
		text = strings.ReplaceAll(text, "{"+name+"}", value)
	}
	return text
}

var placeholder = regexp.MustCompile(`\\\{(\w+)\\\}`)

func (p *play) expect(at, name, want string) {
	p.t.Helper()
	wait := 10 * time.Second
	got := p.next(name, at, wait)
	if want == "closed" || want == "nothing" {
		if got != want {
			p.t.Errorf("%s: got %q", at, got)
		}
		return
	}
	p.match(at, got, string(p.wire(p.fill(want))))
}

func (p *play) match(at, got, want string) {
	p.t.Helper()
	pattern := regexp.MustCompile("^" + placeholder.ReplaceAllString(regexp.QuoteMeta(want), `(?P<$1>[^ \r\n]+)`) + "$")
	found := pattern.FindStringSubmatch(got)
	if found == nil {
		p.t.Errorf("%s: got %q", at, got)
		return
	}
	for i, name := range pattern.SubexpNames() {
		if name != "" {
			p.bound[name] = found[i]
		}
	}
}

// next is the next command's bytes, or "nothing" or "closed".
func (p *play) next(name, at string, wait time.Duration) string {
	p.t.Helper()
	a, buf := p.clients[name], make([]byte, 4096)
	_ = a.conn.SetReadDeadline(time.Now().Add(wait)) // a pipe whose other end is closed refuses; reading tells
	for {
		_, ok, err := a.decoder.Next()
		if err != nil {
			p.t.Fatalf("%s: %v", at, err)
		}
		if ok {
			return string(a.decoder.Raw())
		}
		n, err := a.conn.Read(buf)
		a.decoder.Feed(buf[:n])
		if timeout, is := err.(net.Error); is && timeout.Timeout() {
			return "nothing"
		}
		if err != nil {
			return "closed"
		}
	}
}
