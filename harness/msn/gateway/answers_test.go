//go:build unix

package gateway

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/msn/msnhttp"
	"gauntlet/proxies/network/networktest"
)

// What is known of a session stands in the events about it, and of none what
// the request said.
func TestWhatEventsSay(t *testing.T) {
	d := newDesk(t, "documented")
	_, a := d.open("")
	d.do(idOf(a), "USR 3 TWN I alice@example.com\r\n")
	d.refused("1.2", "", ReasonUnknown)
	p, _ := d.start(idOf(a), "")
	d.refused(idOf(a), "SYN 1 0\r\n", ReasonOverlap)
	d.finish(d.now, p)
	if no := d.reserve(d.now, &request{action: "open", server: SB, body: []byte("PNG\r\n")}); no == nil {
		t.Fatal("PNG with an open")
	}
	var got []string
	for _, e := range d.journal.collect() {
		got = append(got, fmt.Sprint(e.Kind, " ", e.Session, e.Server, e.User, " ", e.ID != "", e.NewID != "", " ", e.Action, len(e.Data), e.Status))
		if e.From != history.AtGateway {
			t.Errorf("from %q: %+v", e.From, e)
		}
	}
	want := []string{
		"session opened 1NS false true 18 0", "processed 1NS false true open18 0",
		"session identified 1NSalice@example.com false false 0 0", "processed 1NSalice@example.com true true command31 0",
		"rejected 0 true false poll0 400", "processed 1NSalice@example.com true true poll0 0",
		"rejected 1NSalice@example.com true false command9 400", "session ended 1NSalice@example.com false false 0 0",
		"rejected 0SB false false open5 400",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q\nwant %q", got, want)
	}
}

// A client that says who it is once more says nothing new.
func TestIdentifiedOnce(t *testing.T) {
	d := newDesk(t, "documented")
	s, a := d.open("")
	d.kinds()
	a = d.do(idOf(a), "USR 3 TWN I a@b\r\nUSR 4 TWN I a@b\r\n")
	a = d.do(idOf(a), "USR 5 TWN I a@b\r\n")
	if got := d.kinds(); strings.Count(got, "identified") != 1 || s.info.User != "a@b" {
		t.Errorf("%s; %s", got, s.info.User)
	}
	if info, known := d.lookup(idOf(a)); !known || info != (Info{1, "NS", "a@b"}) {
		t.Errorf("%+v", info)
	}
}

func TestReady(t *testing.T) {
	for name, c := range map[string]struct {
		before func(*desk, *session)
		ready  bool
	}{
		"nothing":          {func(*desk, *session) {}, false},
		"half a command":   {func(_ *desk, s *session) { s.deliver([]byte("MSG a b 5\r\nhel")) }, false},
		"a command":        {func(_ *desk, s *session) { s.deliver([]byte("QNG\r\n")) }, true},
		"the end":          {func(_ *desk, s *session) { s.hungUp() }, true},
		"an overlap":       {func(d *desk, s *session) { d.overlaps.whole(claim{session: s}) }, true},
		"the session's":    {func(d *desk, s *session) { d.cutOff(d.now, s, EndedByIdling) }, true},
		"the client's OUT": {func(d *desk, s *session) { d.inspect(s, []byte("OUT\r\n")) }, true},
	} {
		d := newDesk(t, "documented")
		s, a := d.open("")
		p, _ := d.start(idOf(a), "")
		one, early := d.ready(s, p.entry)
		two, _ := d.ready(s, p.entry)
		if early || one == nil || one != two {
			t.Errorf("%s: ready before, or two who wait are not woken together", name)
		}
		c.before(d, s)
		_, ready := d.ready(s, p.entry)
		woken := false
		select {
		case <-one:
			woken = true
		default:
		}
		if ready != c.ready || ready && name != "the client's OUT" && !woken {
			t.Errorf("%s: ready %v, woken %v", name, ready, woken)
		}
	}
}

// Every other answer ends in mid command, and no byte is lost or given twice;
// less than two bytes cannot be cut.
func TestCutPoints(t *testing.T) {
	d := newDesk(t, "documented", func(d *Dialect) { d.Split = SplitAnywhere })
	s, a := d.open("")
	var sent, got string
	cut := 0
	for i := range 40 {
		line := fmt.Sprintf("NLN %02d\r\n", i)
		sent += line
		s.deliver([]byte(line))
		before := s.down.end() - s.down.given
		a = d.do(idOf(a), "")
		got += string(a.body)
		if len(a.body) == 0 {
			t.Fatalf("answer %d is empty", i)
		}
		if int64(len(a.body)) < before {
			cut++
			if s.issued%2 == 0 {
				t.Errorf("answer %d is cut, too", s.issued)
			}
		}
	}
	d.has(d.do(idOf(a), ""), sent[len(got):], false)
	if !strings.HasPrefix(sent, got) || cut < 15 {
		t.Errorf("%d cut; got %q of %q", cut, got, sent)
	}
	for length := range int64(4) {
		s := newSession(Info{}, d.now, &request{})
		s.dialect, s.limits = d.dialect, d.limits
		s.down.append([]byte("abc")[:length])
		for seq := uint64(1); seq < 100; seq += 2 {
			to := d.cutPoint(s, &entry{seq: seq})
			if length < 2 && to != length || length >= 2 && (to < 1 || to >= length) {
				t.Errorf("%d bytes are cut at %d", length, to)
			}
		}
	}
}

// The time that a dialect thinks is spent, and a poll with a Lifespan is held.
func TestThinksAndHolds(t *testing.T) {
	for _, c := range []struct {
		dialect Dialect
		poll    string
		takes   time.Duration
	}{
		{Dialect{}, "", 0},
		{Dialect{Think: time.Second}, "", time.Second},
		{Dialect{}, "&Lifespan=9", 0},
		{Dialect{LongPoll: LongPollHonoured}, "&Lifespan=9", 9 * time.Second},
		{Dialect{LongPoll: LongPollHonoured, Think: time.Second}, "&Lifespan=9", 10 * time.Second},
		{Dialect{LongPoll: LongPollHonoured}, "&Lifespan=900", 2 * time.Minute},
		{Dialect{Settle: time.Second}, "", 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			c.dialect.Idle = time.Hour
			g := New(Options{Dial: networktest.DialSilent, Dialect: c.dialect})
			defer func() { _ = g.Close() }()
			r := served(t, g, "POST", "/gateway/gateway.dll?Action=open&Server=NS", "", 0)
			h, _ := msnhttp.ParseSessionHeader(r.Header.Get(msnhttp.HeaderName))
			began := time.Now()
			r = served(t, g, "POST", "/gateway/gateway.dll?Action=poll&SessionID="+h.SessionID+c.poll, "", 0)
			if took := time.Since(began); r.StatusCode != 200 || took != c.takes {
				t.Errorf("%+v %s: %d after %v, want %v", c.dialect, c.poll, r.StatusCode, took, c.takes)
			}
		})
	}
}

// One body may be longer than what may be queued; a second must wait.
func TestBacklog(t *testing.T) {
	d := newDesk(t, "documented")
	s, a := d.open("")
	s.unsent()
	d.limits.Queued = 10
	a = d.do(idOf(a), "SYN 123456 0\r\n")
	if no := d.refused(idOf(a), "SYN 2 0\r\n", ReasonBacklog); no.status != 503 || no.ends {
		t.Errorf("%+v", no)
	}
	s.unsent()
	a = d.do(idOf(a), "1234")
	a = d.do(idOf(a), "567890") // just as much as may be
	d.refused(idOf(a), "1", ReasonBacklog)
	d.do(idOf(a), "")
	s.unsent()
	called := false
	s.call = func() { called = true }
	if d.do(idOf(a), ""); len(s.unsent()) > 0 || called {
		t.Error("a poll has something for the messenger")
	}
}

// The last answer of a session gives all there is, also half a command.
func TestTheLastAnswerGivesAll(t *testing.T) {
	d := newDesk(t, "documented")
	s, a := d.open("")
	p, _ := d.start(idOf(a), "")
	s.deliver([]byte("MSG a b 5\r\nhel"))
	d.refused(idOf(a), "SYN 1 0\r\n", ReasonOverlap)
	d.finish(d.now, p)
	d.has(p.answer, "MSG a b 5\r\nhel", true)
}

// Where only the newest id counts, what was given is forgotten at once.
func TestNothingIsKeptOfWhatWasGiven(t *testing.T) {
	for name, kept := range map[string]int{"documented": 5, "strict": 0, "naive": 0} {
		d := newDesk(t, name)
		s, a := d.open("")
		s.deliver([]byte("A 1\r\n"))
		for len(s.room) > 0 {
			<-s.room
		}
		d.do(idOf(a), "")
		if len(s.down.kept) != kept || len(s.room) != 1 && kept == 0 {
			t.Errorf("%s keeps %d bytes, room %d", name, len(s.down.kept), len(s.room))
		}
		if len(s.tickets) != 1 && kept == 0 || len(s.tickets) != 2 && kept > 0 {
			t.Errorf("%s: %d ids", name, len(s.tickets))
		}
	}
}

// The messenger waits from the byte on that fills the session, and what is full
// is given in any piece.
func TestFull(t *testing.T) {
	d := newDesk(t, "documented")
	s, a := d.open("")
	s.unsent()
	d.limits.Queued = 10
	if !s.deliver([]byte("MSG a b 5")) || s.deliver([]byte("\r")) {
		t.Error("it is full at ten bytes, and not at nine")
	}
	d.has(d.do(idOf(a), ""), "MSG a b 5\r", false)
}

func TestDuplicates(t *testing.T) {
	for name, c := range map[string]struct {
		requests []string
		differs  bool
	}{
		"the first":      {[]string{"abc"}, true},
		"the same":       {[]string{"abc", "abc"}, false},
		"so far":         {[]string{"abc", "ab"}, false},
		"longer":         {[]string{"abc", "abcd"}, true},
		"another":        {[]string{"abc", "abd"}, true},
		"a third":        {[]string{"abc", "abc", "abd"}, true},
		"again":          {[]string{"abc", "abd", "abd"}, false},
		"of the first":   {[]string{"abc", "x", "abc"}, true},
		"as long as can": {[]string{strings.Repeat("x", 64<<10), strings.Repeat("x", 64<<10)}, false},
		"too long":       {[]string{strings.Repeat("x", 64<<10+1), strings.Repeat("x", 64<<10+1)}, true},
	} {
		for _, piece := range []int{1, 2, 1 << 20} {
			var d duplicate
			for _, r := range c.requests {
				d.begins()
				for rest := []byte(r); len(rest) > 0; rest = rest[min(piece, len(rest)):] {
					d.comes(rest[:min(piece, len(rest))])
				}
			}
			if d.differs != c.differs || len(d.now) > longestDuplicate {
				t.Errorf("%s, %d bytes at a time: differs %v, keeps %d", name, piece, d.differs, len(d.now))
			}
		}
	}
}

// Of a session that has ended the ids are not stale: it has ended.
func TestStaleIDOfAnEndedSession(t *testing.T) {
	d := newDesk(t, "documented")
	_, a := d.open("")
	b := d.do(idOf(a), "")
	c := d.do(idOf(b), "")
	d.refused(idOf(a), "", ReasonStale)
	d.do(idOf(c), "OUT\r\n")
	d.refused(idOf(a), "", ReasonEnded)
}

// Who shuts down waits for opens under way, also for those that come to nothing.
func TestShutdownWaitsForOpens(t *testing.T) {
	d := newDesk(t, "documented")
	r := &request{action: "open", server: NS}
	for range 2 {
		if no := d.reserve(d.now, r); no != nil {
			t.Fatal(no.reason)
		}
	}
	empty := d.leave()
	over := func() bool {
		select {
		case <-empty:
			return true
		default:
			return false
		}
	}
	if d.abandon(r); over() {
		t.Error("over while another is dialled")
	}
	if d.abandon(r); !over() {
		t.Error("not over when nobody is left")
	}
	if no := d.reserve(d.now, r); no == nil || no.reason != ReasonShuttingDown || no.status != 503 || !no.ends {
		t.Errorf("%+v", no)
	}
}
