package gateway

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/msn/msnhttp"
)

// desk works a table by hand: time and the messenger are the test's.
type desk struct {
	testing.TB
	*table
	now time.Time
}

func newDesk(t testing.TB, dialect string, turn ...func(*Dialect)) *desk {
	d, known := Dialects()[dialect]
	if !known {
		t.Fatalf("no dialect %q", dialect)
	}
	for _, f := range turn {
		f(&d)
	}
	return &desk{TB: t, table: newTable(d, Limits{}, 1), now: time.Unix(1000, 0)}
}

// open opens an NS session; what the messenger says comes before the answer.
func (d *desk) open(says string) (*session, *answer) {
	d.Helper()
	return d.openAt(NS, says)
}

func (d *desk) openAt(server Server, says string) (*session, *answer) {
	d.Helper()
	r := &request{action: msnhttp.ActionOpen, server: server, ip: "messenger.hotmail.com", body: []byte("VER 1 MSNP8 CVR0\r\n")}
	if no := d.reserve(d.now, r); no != nil {
		d.Fatalf("open refused: %v", no.reason)
	}
	p := d.table.open(d.now, r)
	p.session.deliver([]byte(says))
	d.finish(d.now, p)
	return p.session, p.answer
}

func ask(id, body string) *request {
	r := &request{id: id, action: actionCommand, body: []byte(body)}
	if body == "" {
		r.action = msnhttp.ActionPoll
	}
	return r
}

// start begins a request that must not be refused.
func (d *desk) start(id, body string) (*reply, bool) {
	d.Helper()
	p, first, no := d.begin(d.now, ask(id, body))
	if no != nil {
		d.Fatalf("%q refused: %s", body, no.reason)
	}
	return p, first
}

// do begins a request and settles it at once.
func (d *desk) do(id, body string) *answer {
	d.Helper()
	p, first := d.start(id, body)
	if first {
		d.finish(d.now, p)
	}
	if p.answer == nil {
		d.Fatalf("%q got no answer", body)
	}
	return p.answer
}

// refused begins a request that must be refused for reason.
func (d *desk) refused(id, body, reason string) *refusal {
	d.Helper()
	_, _, no := d.begin(d.now, ask(id, body))
	if no == nil || no.reason != reason {
		d.Fatalf("%q: refusal %+v, want %q", body, no, reason)
	}
	return no
}

// has checks an answer's body and flag.
func (d *desk) has(a *answer, body string, closing bool) {
	d.Helper()
	h, err := msnhttp.ParseSessionHeader(a.header)
	if err != nil || string(a.body) != body || h.Close != closing {
		d.Fatalf("answer %q %q, want %q, close %v (%v)", a.header, a.body, body, closing, err)
	}
}

// kinds are the events since the last call, in short.
func (d *desk) kinds() string {
	var all []string
	for _, e := range d.journal.collect() {
		word := string(e.Kind)
		if e.Kind == history.SessionEnded || e.Kind == history.Rejected {
			word += "(" + e.Text + ")"
		}
		all = append(all, word)
	}
	return strings.Join(all, " ")
}

func idOf(a *answer) string {
	h, _ := msnhttp.ParseSessionHeader(a.header)
	return h.SessionID
}

func TestPollCommandAndQueue(t *testing.T) {
	d := newDesk(t, "documented")
	s, a := d.open("VER 1 MSNP8 CVR0\r\n")
	d.has(a, "VER 1 MSNP8 CVR0\r\n", false)
	b := d.do(idOf(a), "")
	d.has(b, "", false)
	if idOf(a) == idOf(b) || strings.Split(idOf(a), ".")[0] != strings.Split(idOf(b), ".")[0] {
		t.Fatalf("ids %q, %q: the last part changes, the first never", idOf(a), idOf(b))
	}
	s.unsent()
	c := d.do(idOf(b), "CVR 2 x\r\n")
	if up := s.unsent(); len(up) != 1 || string(up[0]) != "CVR 2 x\r\n" {
		t.Fatalf("to the messenger: %q", up)
	}
	s.deliver([]byte("CVR 2 y\r\nMSG a b 5\r\nhel"))
	e := d.do(idOf(c), "")
	d.has(e, "CVR 2 y\r\n", false) // no command is split
	s.deliver([]byte("lo"))
	d.has(d.do(idOf(e), ""), "MSG a b 5\r\nhello", false)
}

func TestLostAnswerRepeated(t *testing.T) {
	d := newDesk(t, "documented")
	s, a := d.open("")
	s.unsent()
	p, first := d.start(idOf(a), "CVR 2 x\r\n")
	s.deliver([]byte("CVR 2 y\r\n"))
	if !first {
		t.Fatal("processed by somebody else")
	}
	d.finish(d.now, p)
	s.deliver([]byte("ILN later\r\n"))
	d.kinds()
	for range 3 {
		again := d.do(idOf(a), "CVR 2 x\r\n")
		if again.header != p.answer.header || string(again.body) != "CVR 2 y\r\n" {
			t.Fatalf("again %q %q, first %q", again.header, again.body, p.answer.header)
		}
	}
	if got := d.kinds(); got != "repeated repeated repeated" {
		t.Fatal(got)
	}
	if up := s.unsent(); len(up) != 1 {
		t.Fatalf("executed %d times", len(up))
	}
	d.has(d.do(idOf(p.answer), ""), "ILN later\r\n", false)
}

func TestTwoLossesInARow(t *testing.T) {
	d := newDesk(t, "documented")
	s, a := d.open("")
	s.deliver([]byte("ONE\r\n"))
	lost1 := d.do(idOf(a), "")
	s.deliver([]byte("TWO\r\n"))
	lost2 := d.do(idOf(a), "CVR 2 x\r\n") // another request with the old id: all after it
	d.has(lost2, "ONE\r\nTWO\r\n", false)
	again := d.do(idOf(a), "") // the poll repeated: what it got then
	d.has(again, "ONE\r\n", false)
	if again.header != lost1.header {
		t.Fatalf("again %q, first %q", again.header, lost1.header)
	}
	s.deliver([]byte("THREE\r\n"))
	last := d.do(idOf(again), "CVR 2 x\r\n") // the command repeated, with the id of then
	d.has(last, "TWO\r\n", false)
	if last.header != lost2.header || len(s.log) != 1 {
		t.Fatalf("%q, first %q, %d in the log", last.header, lost2.header, len(s.log))
	}
}

func TestStaleAndUnknownIDsLeaveTheSessionUntouched(t *testing.T) {
	d := newDesk(t, "documented")
	s, a := d.open("")
	b := d.do(idOf(a), "")
	c := d.do(idOf(b), "")
	d.kinds()
	d.now = d.now.Add(59 * time.Second)
	d.refused(idOf(a), "", ReasonStale)
	d.refused("1.2", "", ReasonUnknown)
	d.refused(idOf(c)+"x", "", ReasonUnknown)
	d.refused(d.issuer.id(1, 99), "", ReasonUnknown)
	d.refused(d.issuer.id(2, 1), "", ReasonUnknown)
	if got := d.kinds(); got != strings.TrimSpace("rejected(stale SessionID) "+strings.Repeat("rejected(unknown SessionID) ", 4)) {
		t.Fatal(got)
	}
	d.now = d.now.Add(time.Second)
	if d.expire(d.now, s); s.phase != closed {
		t.Fatal("refused requests kept the session alive")
	}
	d.refused(idOf(c), "", ReasonEnded)
}

func TestDuplicateWhilePendingGetsTheSameAnswer(t *testing.T) {
	d := newDesk(t, "documented")
	s, a := d.open("")
	p, first := d.start(idOf(a), "CVR 2 x\r\n")
	q, second := d.start(idOf(a), "CVR 2 x\r\n")
	if !first || second || q.answer != nil {
		t.Fatal("the duplicate must wait")
	}
	s.deliver([]byte("CVR 2 y\r\n"))
	d.finish(d.now, p)
	d.has(p.answer, "CVR 2 y\r\n", false)
	if p.answer.header != q.answer.header || string(p.answer.body) != string(q.answer.body) {
		t.Fatalf("%+v and %+v", p.answer, q.answer)
	}
}

// What is still being answered is acknowledged by nobody, where others may come meanwhile:
// its duplicate gets the same answer.
func TestADuplicateOfWhatOthersHaveOvertaken(t *testing.T) {
	d := newDesk(t, "documented", func(d *Dialect) { d.Overlap = OverlapAllowed })
	_, a := d.open("")
	p, _ := d.start(idOf(a), "CVR 2 x\r\n")
	b := d.do(idOf(d.do(idOf(a), "SYN 3 0\r\n")), "")
	again, first := d.start(idOf(b), "CVR 2 x\r\n")
	if d.finish(d.now, p); first || again.answer == nil || again.answer.header != p.answer.header {
		t.Errorf("first %t, %+v, %+v", first, again.answer, p.answer)
	}
}

func TestOverlap(t *testing.T) {
	d := newDesk(t, "documented")
	s, a := d.open("")
	p, _ := d.start(idOf(a), "")
	d.kinds()
	if no := d.refused(idOf(a), "CVR 2 x\r\n", ReasonOverlap); no.status != 400 || !no.ends {
		t.Fatalf("%+v", no)
	}
	d.refused(idOf(a), "SYN 3 0\r\n", ReasonOverlap)
	s.deliver([]byte("LAST\r\n"))
	d.finish(d.now, p)
	d.has(p.answer, "LAST\r\n", true)
	want := "rejected(" + ReasonOverlap + ") rejected(" + ReasonOverlap + ") session ended(overlap)"
	if got := d.kinds(); got != want {
		t.Fatal(got)
	}
	d.has(d.do(idOf(a), ""), "LAST\r\n", true) // its answer lost, repeated
	d.refused(idOf(a), "CVR 2 x\r\n", ReasonEnded)
	d.refused(idOf(p.answer), "", ReasonEnded)
}

func TestLastAnswerIsKeptForTheIdleTimeOut(t *testing.T) {
	d := newDesk(t, "documented")
	s, a := d.open("")
	b := d.do(idOf(a), "OUT\r\n")
	d.has(b, "", true)
	if kept := len(s.down.kept); !s.deliver([]byte("late")) || len(s.down.kept) != kept {
		t.Error("what comes after the end is kept, or held back")
	}
	if !strings.HasSuffix(d.kinds(), "session ended(OUT)") {
		t.Fatal("not ended by OUT")
	}
	d.now = d.now.Add(DefaultIdle - 1)
	d.has(d.do(idOf(a), "OUT\r\n"), "", true)
	d.now = d.now.Add(1)
	d.refused(idOf(a), "OUT\r\n", ReasonEnded)
	d.purge(d.now)
	if len(d.known) != 0 || len(d.retired) != 0 {
		t.Fatal("kept for ever")
	}
	d.refused(idOf(a), "OUT\r\n", ReasonEnded)
	if info, known := d.lookup(idOf(b)); !known || info.Session != 1 {
		t.Fatalf("%+v %v", info, known)
	}
}

// A session is idle from its last answer on, however long that took.
func TestIdleFromTheAnswerOn(t *testing.T) {
	d := newDesk(t, "documented")
	s, a := d.open("")
	p, _ := d.start(idOf(a), "")
	d.now = d.now.Add(DefaultIdle)
	if again := d.expire(d.now, s); again != DefaultIdle || s.phase == closed {
		t.Errorf("while a request is out it is looked at again after %v", again)
	}
	d.finish(d.now, p)
	d.now = d.now.Add(DefaultIdle - 1)
	if left := d.expire(d.now, s); left != 1 {
		t.Errorf("%v are left", left)
	}
	d.now = d.now.Add(1)
	d.expire(d.now, s)
	if got := d.kinds(); !strings.HasSuffix(got, "session ended(idle)") {
		t.Error(got)
	}
}

// What takes longer than the idle time-out may be asked for again meanwhile: a session that
// is at work is not idle.
func TestADuplicateOfALongPoll(t *testing.T) {
	d := newDesk(t, "documented")
	s, a := d.open("")
	p, _ := d.start(idOf(a), "")
	d.now = d.now.Add(2 * DefaultIdle)
	again, first := d.start(idOf(a), "")
	if first {
		t.Error("it is taken for another")
	}
	s.deliver([]byte("late"))
	d.finish(d.now, p)
	d.has(p.answer, "late", false)
	d.has(again.answer, "late", false)
	d.has(d.do(idOf(p.answer), ""), "", false)
}

// What a messenger says that is no MSNP is given as it comes: nobody can tell where a command
// of it ends.
func TestWhatIsNoMSNPIsGivenAsItComes(t *testing.T) {
	d := newDesk(t, "documented")
	s, a := d.open("VER 1 MSNP8\r\nCV")
	d.has(a, "VER 1 MSNP8\r\n", false)
	s.deliver([]byte("R\r\nMSG a b many\r\nhal"))
	a = d.do(idOf(a), "")
	d.has(a, "CVR\r\nMSG a b many\r\nhal", false)
	s.deliver([]byte("f\r\nan"))
	d.has(d.do(idOf(a), ""), "f\r\nan", false)
}

// What the messenger says is cut behind whole commands, as servers say them: theirs are not
// framed as a client's.
func TestCutBehindWholeCommands(t *testing.T) {
	d := newDesk(t, "documented")
	s, a := d.open("")
	s.deliver([]byte("QRY 5\r\nMSG bob Bob 10\r\nhal"))
	a = d.do(idOf(a), "")
	d.has(a, "QRY 5\r\n", false)
	s.deliver([]byte("f of it"))
	d.has(d.do(idOf(a), ""), "MSG bob Bob 10\r\nhalf of it", false)
}

// What a messenger that has hung up did not take is due to nobody.
func TestNothingIsDueToAMessengerThatIsGone(t *testing.T) {
	d := newDesk(t, "documented")
	s, a := d.open("")
	s.unsent()
	a = d.do(idOf(a), "CVR 2 x\r\n")
	s.hungUp()
	d.do(idOf(a), "SYN 3 0\r\n")
	if due := s.unsent(); len(due) != 0 || s.queued != 0 {
		t.Errorf("%q, %d bytes", due, s.queued)
	}
}

// A message may be as long as a body: what stands behind it is still understood.
func TestALongMessageIsUnderstood(t *testing.T) {
	d := newDesk(t, "documented")
	_, a := d.open("")
	a = d.do(idOf(a), "MSG 1 N 200000\r\n"+strings.Repeat("x", 200_000))
	d.has(d.do(idOf(a), "OUT\r\n"), "", true)
}

// A session that an overlap has doomed can still end before its last answer.
func TestADoomedSessionIsCutOff(t *testing.T) {
	d := newDesk(t, "documented")
	s, a := d.open("")
	p, _ := d.start(idOf(a), "")
	d.refused(idOf(a), "CVR 2 x\r\n", ReasonOverlap)
	d.kinds()
	d.cutOff(d.now, s, EndedByForgetting)
	if got := d.kinds(); got != "session ended(forgotten)" || s.phase != closed || d.live() != 0 {
		t.Errorf("%s, phase %v", got, s.phase)
	}
	d.finish(d.now, p)
	if p.answer != nil || d.kinds() != "" {
		t.Errorf("it is answered all the same: %+v", p.answer)
	}
}

// The last answer of a session that hung on a connection may be asked for by another.
func TestWhatHasEndedHangsOnNothing(t *testing.T) {
	d := newDesk(t, "documented", func(d *Dialect) { d.Binding = Bound })
	_, a := d.open("")
	d.has(d.do(idOf(a), "OUT\r\n"), "", true)
	r := ask(idOf(a), "OUT\r\n")
	r.lane = &lane{}
	if p, first, no := d.begin(d.now, r); no != nil || first {
		t.Errorf("%+v, refused %+v", p, no)
	}
}

func TestMessengerCloses(t *testing.T) {
	for closing, bodies := range map[Closing][]string{
		CloseAlone: {"BYE a\r\nBY", "|close"}, CloseWithBody: {"BYE a\r\nBY|close"}, CloseNever: {"BYE a\r\nBY", "", ""},
	} {
		d := newDesk(t, "documented", func(d *Dialect) { d.Closing = closing })
		s, a := d.open("")
		s.deliver([]byte("BYE a\r\nBY"))
		if s.hungUp(); !s.deliver([]byte("late")) {
			t.Error("what nobody will get is waited for")
		}
		id := idOf(a)
		for _, want := range bodies {
			body, flag, _ := strings.Cut(want, "|")
			a = d.do(id, "")
			d.has(a, body, flag == "close")
			id = idOf(a)
		}
	}
}

func TestPNG(t *testing.T) {
	d := newDesk(t, "documented")
	s, a := d.open("")
	s.unsent()
	b := d.do(idOf(a), "PN")
	s.unsent()
	d.kinds()
	if no := d.refused(idOf(b), "G\r\n", ReasonPNG); no.status != 400 || !no.ends {
		t.Fatalf("%+v", no)
	}
	if got := d.kinds(); got != "session ended(PNG) rejected("+ReasonPNG+")" || len(s.unsent()) > 0 {
		t.Fatal(got)
	}
	d.refused(idOf(b), "", ReasonEnded)
	d = newDesk(t, "documented")
	s, a = d.open("")
	d.do(idOf(a), "MSG 3 N 5\r\nPNG\r\n") // inside a payload it is no command
	if s.phase != idle {
		t.Fatal("a payload ended the session")
	}
}

func TestStrict(t *testing.T) {
	d := newDesk(t, "strict")
	_, a := d.open("")
	b := d.do(idOf(a), "CVR 2 x\r\n")
	d.refused(idOf(a), "CVR 2 x\r\n", ReasonStale)
	p, _ := d.start(idOf(b), "")
	d.refused(idOf(b), "", ReasonOverlap)
	d.finish(d.now, p)
	d.has(p.answer, "", true)
}

func TestNaive(t *testing.T) {
	d := newDesk(t, "naive")
	s, a := d.open("")
	s.unsent()
	s.deliver([]byte("ONE\r\n"))
	d.has(d.do(idOf(a), "CVR 2 x\r\n"), "ONE\r\n", false)
	d.has(d.do(idOf(a), "CVR 2 x\r\n"), "", false) // lost is lost
	if n := len(s.unsent()); n != 2 || len(s.log) != 0 {
		t.Fatalf("executed %d times, %d in the log", n, len(s.log))
	}
}

func TestEscargot(t *testing.T) {
	d := newDesk(t, "escargot")
	s, a := d.open("")
	if h, _ := msnhttp.ParseSessionHeader(a.header); len(h.SessionID) != 36 || h.GatewayIP != "messenger.hotmail.com" {
		t.Fatalf("%+v", h)
	}
	p, _ := d.start(idOf(a), "")
	q, first := d.start(idOf(a), "PNG\r\n")
	if !first {
		t.Fatal("not executed")
	}
	s.deliver([]byte("QNG\r\n"))
	d.finish(d.now, q)
	d.finish(d.now, p)
	d.has(q.answer, "QNG\r\n", false)
	d.has(p.answer, "", false)
	d.has(d.do(idOf(a), "OUT\r\n"), "", false)
	s.hungUp()
	d.has(d.do(idOf(a), ""), "", false) // a zombie until it is idle
}

// Where a session hangs on more than its id, what else a request comes by decides.
func TestWhoMayGoOn(t *testing.T) {
	by := func(b Binding) func(*Dialect) { return func(d *Dialect) { d.Binding = b } }
	machines := func(m Machines) func(*Dialect) {
		return func(d *Dialect) {
			d.Machines, d.GatewayIP, d.MoveEvery, d.Addresses = m, GatewayMoving, 1, []string{"10.0.0.1", "10.0.0.2"}
		}
	}
	named := func(d *Dialect) { machines(Apart)(d); d.GatewayIP = GatewayName }
	here, there := &lane{at: "10.0.0.1"}, &lane{at: "10.0.0.2"}
	for name, c := range map[string]struct {
		turn   func(*Dialect)
		from   string // the session was opened from 192.0.2.1, by the connection here
		lane   *lane
		reason string
	}{
		"nothing but the id":             {by(""), "192.0.2.2", there, ""},
		"its connection":                 {by(Bound), "192.0.2.1", here, ""},
		"another":                        {by(Bound), "192.0.2.1", &lane{at: "10.0.0.1"}, ReasonElsewhere},
		"its address":                    {by(ByAddress), "192.0.2.1", there, ""},
		"another address":                {by(ByAddress), "192.0.2.2", here, ReasonStranger},
		"where it was opened":            {machines(Separate), "192.0.2.1", &lane{at: "10.0.0.1"}, ""},
		"at another machine":             {machines(Separate), "192.0.2.1", there, ReasonMachine},
		"at no machine in particular":    {machines(Separate), "192.0.2.1", nil, ""},
		"where its id leads":             {machines(Apart), "192.0.2.1", here, ""},
		"where it does not":              {machines(Apart), "192.0.2.1", there, ReasonMachine},
		"to no machine in particular":    {machines(Apart), "192.0.2.1", nil, ""},
		"by a name, which leads to each": {named, "192.0.2.1", there, ""},
		"all are one":                    {machines(""), "192.0.2.1", there, ""},
	} {
		d := newDesk(t, "documented", c.turn)
		r := &request{action: msnhttp.ActionOpen, server: NS, from: "192.0.2.1", lane: here}
		if no := d.reserve(d.now, r); no != nil {
			t.Fatal(no.reason)
		}
		p := d.table.open(d.now, r)
		d.finish(d.now, p)
		next := ask(idOf(p.answer), "")
		next.from, next.lane = c.from, c.lane
		_, _, no := d.begin(d.now, next)
		if got := no; (got == nil) != (c.reason == "") || got != nil && got.reason != c.reason {
			t.Errorf("%s: %+v, want %q", name, got, c.reason)
		}
	}
}

// How long an answer is held is what the request asks for, within limits, where the
// gateway does that at all; for what a command brings it waits as long as it always does.
func TestHowLongAnAnswerIsHeld(t *testing.T) {
	for name, c := range map[string]struct {
		poll LongPoll
		of   request
		want time.Duration
	}{
		"a poll":                   {LongPollIgnored, request{action: msnhttp.ActionPoll, lifespan: time.Minute}, 0},
		"a long one":               {LongPollHonoured, request{action: msnhttp.ActionPoll, lifespan: time.Second}, time.Second},
		"one that is longer":       {LongPollHonoured, request{action: msnhttp.ActionPoll, lifespan: time.Hour}, 20 * time.Second},
		"a command":                {LongPollIgnored, request{body: []byte("CHG 3 NLN\r\n")}, 7 * time.Millisecond},
		"a command, and long poll": {LongPollHonoured, request{body: []byte("CHG 3 NLN\r\n"), lifespan: time.Second}, 7 * time.Millisecond},
		"an open":                  {LongPollHonoured, request{action: msnhttp.ActionOpen}, 7 * time.Millisecond},
	} {
		a := admission{dialect: &Dialect{LongPoll: c.poll, Settle: 7 * time.Millisecond}, limits: &Limits{Hold: 20 * time.Second}}
		if got := a.holding(&c.of); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestForgetful(t *testing.T) {
	d := newDesk(t, "forgetful")
	s, a := d.open("")
	d.now = d.now.Add(4 * time.Second)
	if again := d.expire(d.now, s); again != time.Second {
		t.Fatalf("asks again after %v", again)
	}
	d.now = d.now.Add(time.Second)
	d.expire(d.now, s)
	d.refused(idOf(a), "", ReasonEnded)
	if got := d.kinds(); !strings.Contains(got, "session ended(idle)") {
		t.Fatal(got)
	}
	if d.purge(d.now.Add(5*time.Second - 1)); len(d.known) != 1 {
		t.Error("it is forgotten too soon after its end")
	}
	if d.purge(d.now.Add(5 * time.Second)); len(d.known) != 0 {
		t.Error("it is kept for ever")
	}
}

func TestConnectionBound(t *testing.T) {
	d := newDesk(t, "connection-bound")
	one, other := &lane{}, &lane{}
	r := &request{action: msnhttp.ActionOpen, server: NS, lane: one}
	if no := d.reserve(d.now, r); no != nil {
		t.Fatal(no)
	}
	p := d.table.open(d.now, r)
	d.finish(d.now, p)
	poll := ask(idOf(p.answer), "")
	poll.lane = other
	if _, _, no := d.begin(d.now, poll); no == nil || no.reason != ReasonElsewhere {
		t.Fatalf("%+v", no)
	}
	d.disconnected(d.now, other)
	d.disconnected(d.now, one)
	if got := d.kinds(); !strings.HasSuffix(got, "session ended(connection)") {
		t.Fatal(got)
	}
}

func TestHostileLegalGivesEveryByteOnce(t *testing.T) {
	d := newDesk(t, "hostile-legal")
	s, a := d.open("")
	var sent, got, hosts strings.Builder
	for i := range 200 {
		line := fmt.Sprintf("MSG a b 10\r\n%010d", i)
		sent.WriteString(line)
		s.deliver([]byte(line))
		a = d.do(idOf(a), "")
		got.Write(a.body)
		h, err := msnhttp.ParseSessionHeader(a.header)
		if err != nil {
			t.Fatal(err)
		}
		hosts.WriteString(h.GatewayIP + " ")
	}
	s.hungUp()
	a = d.do(idOf(a), "")
	got.Write(a.body)
	if h, _ := msnhttp.ParseSessionHeader(a.header); !h.Close || got.String() != sent.String() {
		t.Fatalf("%d bytes sent, %d got, %+v", sent.Len(), got.Len(), h)
	}
	if strings.Count(hosts.String(), "207.46.110.19") < 60 {
		t.Fatal("GW-IP does not move")
	}
}

func TestLogIsTrimmedByAcknowledgement(t *testing.T) {
	d := newDesk(t, "documented")
	s, a := d.open("")
	id := idOf(a)
	for i := range 50 {
		a = d.do(id, fmt.Sprintf("SYN %d 0\r\n", i))
	}
	if len(s.log) != 50 || len(s.tickets) != 51 {
		t.Fatalf("%d in the log, %d ids", len(s.log), len(s.tickets))
	}
	d.do(idOf(a), "")
	if len(s.log) != 1 || len(s.tickets) != 2 || len(s.down.kept) != 0 {
		t.Fatalf("%d in the log, %d ids, %d bytes", len(s.log), len(s.tickets), len(s.down.kept))
	}
}

func TestLimits(t *testing.T) {
	d := newDesk(t, "documented")
	d.limits.Unacknowledged, d.limits.Sessions, d.limits.Remembered = 3, 2, 4
	_, a := d.open("")
	d.do(idOf(a), "SYN 1 0\r\n")
	d.do(idOf(a), "SYN 2 0\r\n")
	d.refused(idOf(a), "SYN 3 0\r\n", ReasonUnreceived)
	d.open("")
	if no := d.reserve(d.now, &request{}); no == nil || no.status != 503 {
		t.Fatalf("%+v", no)
	}
	d.do(idOf(a), "SYN 2 0\r\n") // repeating is allowed
	for range 8 {
		d.cutOff(d.now, d.known[d.opened], EndedByIdling)
		d.open("") // takes the place of a closed one
	}
	if _, known := d.lookup(d.issuer.id(2, 1)); known || len(d.infos) != 4 || d.opened != 10 {
		t.Fatalf("remembers %d of %d", len(d.infos), d.opened)
	}
}

func TestIdentify(t *testing.T) {
	for _, c := range []struct{ server, line, want string }{
		{"NS", "USR 3 TWN I alice@example.com\r\n", "alice@example.com"},
		{"NS", "USR 4 TWN S t=1&p=2\r\n", ""},
		{"SB", "USR 1 bob@example.com 17262740.1050826919.32308\r\n", "bob@example.com"},
		{"SB", "ANS 1 carol@example.com;{1-2} 849102291.520491932 11752013\r\n", "carol@example.com"},
		{"NS", "<html>\r\nUSR 3 TWN I alice@example.com\r\n", ""},
	} {
		d := newDesk(t, "documented")
		s := newSession(Info{Session: 1, Server: c.server}, d.now, &request{})
		d.inspect(s, []byte(c.line[:5]))
		d.inspect(s, []byte(c.line[5:]))
		if s.info.User != c.want {
			t.Errorf("%s %q: %q", c.server, c.line, s.info.User)
		}
	}
}
