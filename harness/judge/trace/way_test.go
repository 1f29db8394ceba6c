package trace_test

import (
	"slices"
	"testing"
	"time"

	"gauntlet/harness/judge/history"
	. "gauntlet/harness/judge/trace"
	"gauntlet/harness/msn/reading"
)

// carrier is an exchange that begins at that time, with that target and body.
func carrier(began time.Duration, target, body string) *history.Exchange {
	return &history.Exchange{Began: began, Head: []byte("POST " + target + " HTTP/1.1\r\n\r\n"), Body: []byte(body), Received: true}
}

// half is one whose body was cut off.
func half(x *history.Exchange) *history.Exchange {
	x.Received = false
	return x
}

func TestCarriedOn(t *testing.T) {
	const path = "/gateway/gateway.dll?"
	poll := func(at time.Duration, id string) *history.Exchange {
		return carrier(at, path+"Action=poll&SessionID="+id, "")
	}
	list := func(l ...*history.Exchange) []*history.Exchange { return l }
	for name, c := range map[string]struct {
		before, here []*history.Exchange
		want         []int
	}{
		"each its own":              {list(poll(1, "a"), poll(2, "b")), list(poll(3, "b"), poll(4, "a")), []int{1, 0}},
		"what begins later":         {list(poll(5, "a")), list(poll(4, "a")), []int{-1}},
		"what begins at once":       {list(poll(5, "a")), list(poll(5, "a")), []int{0}},
		"another id":                {list(poll(1, "a")), list(poll(2, "b")), []int{-1}},
		"another action":            {list(poll(1, "a")), list(carrier(2, path+"SessionID=a", "")), []int{-1}},
		"another server":            {list(carrier(1, path+"Action=open&Server=NS", "")), list(carrier(2, path+"Action=open&Server=SB", "")), []int{-1}},
		"another body":              {list(carrier(1, path+"SessionID=a", "x")), list(carrier(2, path+"SessionID=a", "y")), []int{-1}},
		"a body cut off here":       {list(carrier(1, path+"SessionID=a", "xy")), list(half(carrier(2, path+"SessionID=a", "x"))), []int{0}},
		"a body cut off before":     {list(half(carrier(1, path+"SessionID=a", "x"))), list(carrier(2, path+"SessionID=a", "")), []int{0}},
		"a repeat by the client":    {list(poll(1, "a"), poll(3, "a")), list(poll(2, "a"), poll(4, "a")), []int{0, 1}},
		"only the repeat came":      {list(poll(1, "a"), poll(3, "a")), list(poll(4, "a")), []int{1}},
		"the first comes last":      {list(poll(1, "a"), poll(3, "a")), list(poll(4, "a"), poll(40, "a")), []int{1, 0}},
		"and the box repeats":       {list(poll(1, "a"), poll(3, "a")), list(poll(4, "a"), poll(40, "a"), poll(41, "a")), []int{1, 0, 1}},
		"a repeat by the box":       {list(poll(1, "a")), list(poll(2, "a"), poll(3, "a")), []int{0, 0}},
		"spelt another way":         {list(poll(1, "a.b")), list(poll(2, "a%2Eb")), []int{0}},
		"an absolute target":        {list(carrier(1, "http://h"+path+"SessionID=a", "")), list(carrier(2, path+"SessionID=a", "")), []int{0}},
		"nobody's affair":           {list(carrier(1, "http://login/a?b", "")), list(carrier(2, "/a?b", "")), []int{0}},
		"nor that, with other args": {list(carrier(1, "http://login/a?b", "")), list(carrier(2, "/a?c", "")), []int{-1}},
		"a tunnel":                  {list(carrier(1, "h:443", "")), list(carrier(2, "h:443", "")), []int{0}},
		"another tunnel":            {list(carrier(1, "h:443", "")), list(carrier(2, "i:443", "")), []int{-1}},
		"nothing":                   {nil, list(poll(1, "a")), []int{-1}},
	} {
		if got := CarriedOn(reading.MSN{}, c.before, c.here); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// command is what is asked in the stories of stages.
const command = "1.1 CHG 3 NLN\r\n"

// far is an event of the gateway's hop, behind one box, on that request there.
func (s *story) far(ordinal int, kind history.Kind, data string) *story {
	s.add(history.Event{From: history.AtHop, Hop: 1, Conn: 1, Exchange: ordinal, Kind: kind, Data: []byte(data)})
	if kind == history.AnswerHead {
		s.events[len(s.events)-1].Status = 200
	}
	return s
}

// beyond is the command at the gateway's hop, as far as its head.
func (s *story) beyond() *story {
	return s.far(0, history.RequestBegan, "").far(1, history.RequestHead, "POST /gateway/gateway.dll?SessionID=1.1 HTTP/1.1\r\n\r\n")
}

func (s *story) whole() *story { return s.beyond().far(1, history.RequestDone, command[4:]) }

// taken is the gateway's word that it had the command.
func (s *story) taken(kind history.Kind) *story {
	return s.gateway(history.Event{Kind: kind, Session: 1, ID: "1.1", NewID: "1.2", Data: []byte(command[4:])})
}

func (s *story) fires(ordinal int, fault string) *story {
	return s.add(history.Event{From: history.AtHop, Conn: 1, Exchange: ordinal, Kind: history.Fired, Fault: fault})
}

// How far a request came, with one box on the way or none, each stage by the
// least that shows it.
func TestStages(t *testing.T) {
	asked := func() *story { return at(1).session(1, "NS", "1.1").ask(1, command).at(2) }
	answered := func(s *story) *story { return s.far(1, history.AnswerHead, "HTTP/1.1 200 OK\r\n\r\n") }
	another := asked().whole().gateway(history.Event{Kind: history.Processed, Session: 1, ID: "1.1", Data: []byte("PNG\r\n")})
	early := at(0).session(1, "NS", "1.1").taken(history.Processed).at(1).ask(1, command).whole()
	for name, c := range map[string]struct {
		boxes int
		story *story
		want  Stage
	}{
		"a part of its head":          {1, at(1).hop(1, history.RequestBegan, "").hop(1, history.RequestCut, "POST"), LeftClient},
		"its head":                    {1, at(1).head(1, command), LeftClient},
		"whole":                       {1, asked(), ReachedBox},
		"withheld":                    {1, asked().fires(1, "hop 0: on request 1, forward: close"), LeftClient},
		"another is withheld":         {1, asked().fires(2, "hop 0: on request 2, forward: close"), ReachedBox},
		"struck later":                {1, asked().fires(1, "hop 0: on request 1, answer: close"), ReachedBox},
		"withheld, it seems":          {1, asked().fires(1, "hop 0: on request 1, forward: repeat").whole(), ReachedGateway},
		"its head, beyond the box":    {1, asked().beyond(), ReachedGateway},
		"whole, beyond the box":       {1, asked().whole(), ReachedGateway},
		"half of it is complained of": {1, answered(asked().beyond()), ReachedGateway},
		"half of it is not processed": {1, asked().beyond().taken(history.Processed), ReachedGateway},
		"processed":                   {1, asked().whole().taken(history.Processed), Processed},
		"repeated from the log":       {1, asked().whole().taken(history.Repeated), Processed},
		"refused":                     {1, asked().whole().taken(history.Rejected), Processed},
		"something else is processed": {1, another, ReachedGateway},
		"something before it is":      {1, early, ReachedGateway},
		"the session ends":            {1, asked().whole().taken(history.SessionEnded), ReachedGateway},
		"its answer began":            {1, answered(asked().whole().taken(history.Processed)), AnswerLeft},
		"and nobody says processed":   {1, answered(asked().whole()), AnswerLeft},
		"processed after its answer":  {1, answered(asked().whole()).taken(history.Processed), AnswerLeft},
		"answered in part":            {1, answered(asked().whole().taken(history.Processed)).begin(1, 200, given), AnswerLeft},
		"answered":                    {1, answered(asked().whole().taken(history.Processed)).answer(1, 200, given), AnswerArrived},
		"answered by whom":            {1, asked().answer(1, 200, given), AnswerArrived},
		"a page of the box's":         {1, asked().answer(1, 502, ""), ReachedBox},
		"a page when it is processed": {1, asked().whole().taken(history.Processed).answer(1, 502, ""), Processed},
		"no box":                      {0, asked(), ReachedGateway},
		"no box, its head":            {0, at(1).head(1, command), LeftClient},
		"no box, withheld":            {0, asked().fires(1, "hop 0: on request 1, forward: close"), LeftClient},
		"no box, processed":           {0, asked().taken(history.Processed), Processed},
		"no box, answered in part":    {0, asked().taken(history.Processed).begin(1, 200, given), AnswerLeft},
		"no box, a fault's page":      {0, asked().answer(1, 502, ""), ReachedGateway},
		"a box that nobody watches":   {1, asked().taken(history.Processed), ReachedBox},
	} {
		read := New(c.story.events, Facts{Reader: reading.MSN{}, User: alice, Boxes: c.boxes})
		if got := read.Requests[0].Stage(); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// A fault further on strikes the request at hop 0 that is carried on there.
func TestStruck(t *testing.T) {
	read := at(1).session(1, "NS", "1.1").ask(1, "poll 9.9").ask(1, command).whole().read()
	for at, want := range map[[2]int]int{{0, 1}: 1, {0, 2}: 2, {1, 1}: 2, {1, 2}: 0, {0, 0}: 0, {0, 3}: 0, {2, 1}: 0} { // hop and exchange
		got := 0
		if r := read.FiredOn(&history.Event{Hop: at[0], Exchange: at[1]}); r != nil {
			got = r.Ordinal
		}
		if got != want {
			t.Errorf("exchange %d at hop %d: request %d, want %d", at[1], at[0], got, want)
		}
	}
}
