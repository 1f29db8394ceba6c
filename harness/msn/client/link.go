package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"gauntlet/harness/msn/msnp"
	"gauntlet/harness/msn/session"
)

var errSessionOver = errors.New("the session is over")

// link is MSNP over one gateway session: it numbers commands, finds the
// replies to them, and hands the rest to hear. The session is opened by the
// first command.
type link struct {
	options carrierOptions
	hear    func(msnp.Command)
	over    func(session.Cause) // runs once, in a goroutine of its own, when the session is over
	spawn   func(func())

	decoder msnp.Decoder // only touched from the session's goroutine

	mu      sync.Mutex
	session *carrier
	trid    uint32
	waiting map[uint32]question
	ended   bool
}

type question struct {
	name  string
	reply chan msnp.Command
}

func (u *User) newLink(server, ip string, hear func(msnp.Command), over func(session.Cause)) *link {
	l := &link{
		hear: hear, over: over, spawn: u.work.Go,
		waiting: map[uint32]question{}, decoder: msnp.Decoder{From: msnp.Server},
	}
	l.options = carrierOptions{
		Network: u.opt.Network, Ways: &u.ways, Secure: u.opt.Secure, AnswerTimeout: u.opt.AnswerTimeout,
		Config: session.Config{
			Server: server, Authority: u.opt.Gateway, IP: ip,
			PollEvery: u.opt.PollEvery,
			Once:      func(command []byte) bool { return bytes.HasPrefix(command, []byte("MSG ")) },
		},
		Brain: u.opt.Brain, Deliver: l.deliver,
		Trouble: func(err error) { u.report(Trouble, "", server+" session, still trying: "+err.Error()) },
	}
	return l
}

// noReply is after how long the user is told that the server says nothing to a command,
// although the gateway may answer each request: longer than AnswerTimeout and a repeat take.
const noReply = 45 * time.Second

// ask sends a numbered command and waits for the reply to it: the first one
// with that number which has the same name or is an error.
func (l *link) ask(ctx context.Context, name string, args ...string) (msnp.Command, error) {
	q := question{name: name, reply: make(chan msnp.Command, 1)}
	command := msnp.Numbered(name, l.expect(q), args...)
	if !l.submit(command) {
		return msnp.Command{}, fmt.Errorf("%s: %w", name, errSessionOver)
	}
	silence := time.NewTimer(noReply)
	defer silence.Stop()
	for {
		select {
		case c, ok := <-q.reply:
			return c, judge(name, c, ok)
		case <-ctx.Done():
			return msnp.Command{}, fmt.Errorf("%s: no reply: %w", name, context.Cause(ctx))
		case <-silence.C:
			l.options.Trouble(fmt.Errorf("%s: no reply", name))
		}
	}
}

func judge(name string, reply msnp.Command, ok bool) error {
	if !ok {
		return fmt.Errorf("%s: %w", name, errSessionOver)
	}
	if code, is := reply.ErrorCode(); is {
		return fmt.Errorf("%s: the server says %s", name, code)
	}
	return nil
}

func (l *link) nextTrID() uint32 {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.trid++
	return l.trid
}

func (l *link) expect(q question) uint32 {
	trid := l.nextTrID()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting[trid] = q
	return trid
}

// submit queues a command; false if the session is over.
func (l *link) submit(c msnp.Command) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended {
		return false
	}
	if l.session != nil {
		l.session.Submit(c.Bytes())
		return true
	}
	s := open(l.options, c.Bytes())
	l.session = s
	l.spawn(func() { l.watch(s) })
	return true
}

// watch waits for the session's end and lets nobody wait for replies any more.
func (l *link) watch(s *carrier) {
	<-s.Done()
	l.mu.Lock()
	l.ended = true
	for _, q := range l.waiting {
		close(q.reply)
	}
	l.mu.Unlock()
	l.over(s.End())
}

// deliver takes what the server sent. A stream that is not MSNP ends the
// session: a foreign page must never be taken for commands.
func (l *link) deliver(b []byte) {
	l.decoder.Feed(b)
	for {
		c, ok, err := l.decoder.Next()
		if err != nil || !ok {
			return
		}
		if !l.replied(c) {
			l.hear(c)
		}
	}
}

func (l *link) replied(c msnp.Command) bool {
	trid, _ := c.TrID() // 0 if it has none, which no question has
	l.mu.Lock()
	defer l.mu.Unlock()
	q, asked := l.waiting[trid]
	if _, isError := c.ErrorCode(); !asked || (c.Name != q.name && !isError) {
		return false
	}
	delete(l.waiting, trid)
	q.reply <- c
	return true
}

// leave says OUT and waits until it is answered or the session is over.
func (l *link) leave(ctx context.Context) error {
	l.submit(msnp.New("OUT"))
	l.mu.Lock()
	s := l.session
	l.mu.Unlock()
	if s == nil {
		return nil
	}
	s.Leave()
	select {
	case <-s.Done():
		return nil
	case <-ctx.Done():
		return fmt.Errorf("leave: %w", context.Cause(ctx))
	}
}

// ending tells why the session ended, if it has.
func (l *link) ending() (cause session.Cause, over bool) {
	l.mu.Lock()
	s, over := l.session, l.ended
	l.mu.Unlock()
	if s == nil || !over {
		return "", false
	}
	return s.End(), true
}

// drop ends the session without a word to the server.
func (l *link) drop() {
	l.mu.Lock()
	s := l.session
	l.ended = true
	l.mu.Unlock()
	if s != nil {
		s.Close()
	}
}
