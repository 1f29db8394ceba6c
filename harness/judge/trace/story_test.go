package trace_test

import (
	"fmt"
	"time"

	"gauntlet/harness/judge/history"
	. "gauntlet/harness/judge/trace"
	"gauntlet/harness/msn/reading"
)

const alice = "alice@example.com"

// story is a history that is written by hand, at times in milliseconds.
type story struct {
	events []history.Event
	now    time.Duration
	asked  int         // requests at hop 0
	newest map[int]int // of each connection
}

func at(ms int) *story { return (&story{newest: map[int]int{}}).at(ms) }

func ms(n int) time.Duration { return time.Duration(n) * time.Millisecond }

// at is when what follows happens.
func (s *story) at(n int) *story { s.now = ms(n); return s }

func (s *story) add(e history.Event) *story {
	e.At = s.now
	s.events = append(s.events, e)
	return s
}

// session is the gateway's: opened, with its first token.
func (s *story) session(number int, server, token string) *story {
	return s.gateway(history.Event{Kind: history.SessionOpened, Session: number, Server: server, NewID: token})
}

func (s *story) gateway(e history.Event) *story {
	e.From = history.AtGateway
	return s.add(e)
}

func (s *story) hop(conn int, kind history.Kind, data string) *story {
	e := history.Event{From: history.AtHop, Conn: conn, Kind: kind, Data: []byte(data)}
	if kind != history.RequestBegan {
		e.Exchange = s.newest[conn]
	}
	return s.add(e)
}

// ask is a whole request at hop 0: "poll 1.1" and "open NS" have no body, any
// other word is a token that a command follows.
func (s *story) ask(conn int, what string) *story {
	return s.head(conn, what).body(conn, what)
}

func (s *story) head(conn int, what string) *story {
	var word, argument, query string
	switch _, _ = fmt.Sscan(what, &word, &argument); word {
	case "open":
		query = "Action=open&Server=" + argument + "&IP=h"
	case "poll":
		query = "Action=poll&SessionID=" + argument
	default:
		query = "SessionID=" + word
	}
	return s.raw(conn, "POST /gateway/gateway.dll?"+query+" HTTP/1.1\r\nHost: Gateway:80\r\n\r\n")
}

func (s *story) raw(conn int, head string) *story {
	s.asked++
	s.newest[conn] = s.asked
	return s.hop(conn, history.RequestBegan, "").hop(conn, history.RequestHead, head)
}

func (s *story) body(conn int, what string) *story {
	var word, command string
	if n, _ := fmt.Sscan(what, &word, &command); n < 2 || word == "open" || word == "poll" {
		command = ""
	} else {
		command = what[len(word)+1:]
	}
	return s.hop(conn, history.RequestDone, command)
}

// answer is a whole answer to the connection's newest request: a token, one with "close", or
// a status without either.
func (s *story) answer(conn, status int, given string) *story {
	return s.begin(conn, status, given).hop(conn, history.AnswerDone, "")
}

// begin is the answer's head alone.
func (s *story) begin(conn, status int, given string) *story {
	head := fmt.Sprintf("HTTP/1.1 %d X\r\n", status)
	if given != "" {
		head += "X-MSN-Messenger: SessionID=" + given + "\r\n"
	}
	s.hop(conn, history.AnswerHead, head+"\r\n")
	s.events[len(s.events)-1].Status = status
	return s
}

func (s *story) close(conn int, by, how string) *story {
	return s.add(history.Event{From: history.AtHop, Conn: conn, Kind: history.Closed, By: by, How: how})
}

// strikes is a fault on a connection at hop 0.
func (s *story) strikes(conn int, fault string) *story {
	return s.add(history.Event{From: history.AtHop, Conn: conn, Kind: history.Fired, Fault: fault})
}

func (s *story) rig(kind history.Kind, text string) *story {
	return s.add(history.Event{From: history.AtRig, Kind: kind, Text: text})
}

func (s *story) read() *Trace { return New(s.events, Facts{Reader: reading.MSN{}, User: alice}) }
