package client

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"gauntlet/harness/msn/msnp"
	"gauntlet/harness/msn/session"
)

// notificationHost is the IP argument of an NS open: the server that a direct
// connection would have gone to.
const notificationHost = "messenger.hotmail.com"

// User is one account that signs in and chats. Its methods are safe for
// concurrent use.
type User struct {
	opt     Options
	ctx     context.Context
	stop    context.CancelFunc
	work    sync.WaitGroup
	invited chan *Chat
	ways    ways

	mu      sync.Mutex
	ns      *link
	chats   map[*Chat]bool
	phase   phase
	reopens int
	tried   chan struct{} // closed when the newest sign-in has come about, or has failed
}

type phase int

const (
	signedOut phase = iota
	signedIn
	leaving
)

// NewUser prepares an account; SignIn connects it. Close it in the end.
func NewUser(opt Options) *User {
	u := &User{opt: opt.withDefaults(), chats: map[*Chat]bool{}, invited: make(chan *Chat, 16)}
	u.ctx, u.stop = context.WithCancel(context.Background())
	return u
}

// SignIn opens an NS session and signs in; it returns when the contacts can
// see the user.
func (u *User) SignIn(ctx context.Context) error {
	err := u.ways.learn(ctx, u.opt)
	if err == nil {
		err = u.signIn(ctx)
	}
	for err != nil && u.forgotten() {
		u.report(Reopened, "", "session forgotten while signing in")
		err = u.signIn(ctx)
	}
	u.settle(err)
	if err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	return nil
}

// settle notes how a sign-in ended, and reports its failure unless the user is leaving. A
// session that ended before the sign-in was over is handled as lost now.
func (u *User) settle(err error) {
	u.mu.Lock()
	stays, ns := u.phase != leaving, u.ns
	if stays && err == nil {
		u.phase = signedIn
	}
	u.mu.Unlock()
	switch {
	case !stays:
	case err != nil:
		u.report(Trouble, "", "sign in: "+err.Error())
	default:
		if cause, over := ns.ending(); over {
			u.sessionOver(cause)
		}
	}
}

// forgotten reports whether the gateway has forgotten the session in the middle
// of the sign-in, and whether it may be opened again.
func (u *User) forgotten() bool {
	ns := u.notification()
	if ns == nil {
		return false // the user was closed
	}
	cause, over := ns.ending()
	u.mu.Lock()
	defer u.mu.Unlock()
	again := over && cause == session.Forgotten && u.phase == signedOut && u.reopens < u.opt.Reopens
	if again {
		u.reopens++
	}
	return again
}

// signIn walks the MSNP8 sequence, one command a request (S40). If the answer
// to the open is lost the session makes further ones by itself.
func (u *User) signIn(ctx context.Context) error {
	ns := u.newLink("NS", notificationHost, u.hearNotification, u.sessionOver)
	over := u.takesOn(ns)
	if over == nil {
		return errSessionOver
	}
	defer over()
	for _, step := range [][]string{
		{"VER", "MSNP8", "CVR0"},
		{"CVR", "0x0409", "winnt", "5.1", "i386", "MSNMSGR", "5.0.0544", "MSMSGS", u.opt.Email},
		{"USR", "TWN", "I", u.opt.Email},
		{"USR", "TWN", "S", u.ticket()},
		{"SYN", "0"},
		{"CHG", "NLN"},
	} {
		if _, err := ns.ask(ctx, step[0], step[1:]...); err != nil {
			return err
		}
	}
	return nil
}

// takesOn makes a link the user's, unless the user was closed: then nobody would
// drop it any more. What it returns is to be called when the sign-in is over.
func (u *User) takesOn(ns *link) (over func()) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.ctx.Err() != nil {
		return nil
	}
	tried := make(chan struct{})
	u.ns, u.tried = ns, tried
	return func() { close(tried) }
}

// signedInLink is the link to the notification server, when the sign-in on it is
// over: what is asked sooner ends the session.
func (u *User) signedInLink(ctx context.Context) (*link, error) {
	u.mu.Lock()
	tried := u.tried
	u.mu.Unlock()
	select {
	case <-tried:
		return u.notification(), nil
	case <-ctx.Done():
		return nil, fmt.Errorf("not signed in: %w", context.Cause(ctx))
	}
}

func (u *User) ticket() string {
	if u.opt.Password != "" {
		return "t=" + u.opt.Password
	}
	return "t=ticket&p=profile"
}

// hearNotification handles what the notification server says unasked.
func (u *User) hearNotification(c msnp.Command) {
	ns := u.notification()
	switch c.Name {
	case "CHL":
		ns.submit(msnp.ChallengeAnswer(ns.nextTrID(), c.Arg(1)))
	case "RNG":
		u.rung(c)
	case "OUT":
		u.report(Trouble, "", "signed out by the server: "+c.Arg(0))
	}
}

func (u *User) notification() *link {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.ns
}

func (u *User) setPhase(p phase) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.phase = p
}

// sessionOver signs in anew, a bounded number of times, if the gateway has
// forgotten the session of a user who was signed in, and the user is told.
func (u *User) sessionOver(end session.Cause) {
	u.mu.Lock()
	lost := u.phase == signedIn && u.ctx.Err() == nil
	again := lost && end != session.ByServer && u.reopens < u.opt.Reopens
	if again {
		u.reopens++
	}
	if lost {
		u.phase = signedOut
	}
	u.mu.Unlock()
	if !lost {
		return
	}
	if !again {
		u.report(Closed, "", "session over: "+string(end))
		return
	}
	u.report(Reopened, "", "session "+string(end))
	_ = u.SignIn(u.ctx) // it reports its error to the user
}

// SignOut leaves the open chats, says OUT (S51) and waits for the end of the
// session.
func (u *User) SignOut(ctx context.Context) error {
	u.setPhase(leaving)
	var errs []error
	for _, c := range u.openChats() {
		errs = append(errs, c.Leave(ctx))
	}
	if ns := u.notification(); ns != nil {
		errs = append(errs, ns.leave(ctx))
	}
	u.report(Closed, "", "")
	return errors.Join(errs...)
}

func (u *User) openChats() []*Chat {
	u.mu.Lock()
	defer u.mu.Unlock()
	chats := make([]*Chat, 0, len(u.chats))
	for c := range u.chats {
		chats = append(chats, c)
	}
	return chats
}

// Close drops whatever is open, without a word to the server, and waits for
// the user's goroutines.
func (u *User) Close() {
	u.setPhase(leaving)
	u.stop()
	for _, c := range u.openChats() {
		c.drop()
	}
	if ns := u.notification(); ns != nil {
		ns.drop()
	}
	u.work.Wait()
}

func (u *User) report(kind ReportKind, from, text string) {
	if u.opt.Report != nil {
		u.opt.Report(Report{Kind: kind, From: from, Text: text})
	}
}
