package oracle

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/icholy/digest"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/judge/trace"
	"gauntlet/proxies/http1"
)

// toldOfChallenge holds that a client which a proxy turns away, since it cannot show
// what the proxy asks for (407), tells its user, and does not ask on and on: with a
// wrong password that locks the account. A challenge that is met at the next try, or
// after the steps of a scheme that has several, is none of these.
func toldOfChallenge(t *trace.Trace) (f Assessment) {
	f = Moot()
	var told []time.Duration // when the user was told that something failed
	for i := range t.Events {
		if ev := &t.Events[i]; ev.From == history.AtClient && ev.Kind == history.Failed {
			told = append(told, ev.At)
		}
	}
	slices.Sort(told)
	for _, d := range turnedAway(t) {
		d.judgePatience(&f)
		if t.Speaks() { // who says nothing of itself is not asked to
			d.judgeTold(&f, told)
		}
	}
	f.Missing("no proxy turned the client away, or not for long enough to tell")
	return f
}

// doorstep is a time during which a client was answered with nothing but 407.
type doorstep struct {
	tries    []*history.Exchange
	from, to time.Duration // from the first answer until another, or until nobody looked any more
	since    time.Duration // when it was first turned away, and not served from then on
}

// turnedAway are the times during which a proxy would not have the client: three
// challenges in a row are no handshake any more, and one is enough for who did not
// try again.
func turnedAway(t *trace.Trace) (list []doorstep) {
	var now *doorstep
	end := func(at time.Duration, last bool) {
		if now != nil && (len(now.tries) >= requirement.FreeErrors || last) {
			now.to = at
			list = append(list, *now)
		}
		now = nil
	}
	since := never
	for _, x := range history.InOrder(t.Connections) {
		switch {
		case !x.Answered:
		case x.Status != http.StatusProxyAuthRequired:
			end(x.Began, false)
			if x.Status == http.StatusOK {
				since = never
			}
		case now == nil:
			if since == never {
				since = x.Ended
			}
			now = &doorstep{from: x.Ended, since: since, tries: []*history.Exchange{x}}
		default:
			now.tries = append(now.tries, x)
		}
	}
	end(watchedUntil(t, 0), true)
	return list
}

// judgePatience judges how often a client asked in a minute.
func (d doorstep) judgePatience(f *Assessment) {
	judge, at, most, first := f.Slip, time.Duration(0), requirement.ManyChallenges, 0
	for i, x := range d.tries {
		for x.Began-d.tries[first].Began >= time.Minute {
			first++
		}
		if within := i + 1 - first; within > most {
			at, most = x.Began, within
		}
	}
	if most > requirement.MostChallenges {
		judge = f.Fail
	}
	if at > 0 {
		judge([]int{d.tries[0].Ordinal}, "a proxy that the client cannot satisfy answered with 407 since %s, and by %s it had been asked %d times within a minute", Clock(d.from), Clock(at), most)
		return
	}
	f.okIf(d.to-d.from >= requirement.ToldBy)
}

// judgeTold judges whether the user heard of it in time, or had heard before somebody
// else's page came between two challenges, of the times at which they were told anything.
func (d doorstep) judgeTold(f *Assessment, told []time.Duration) {
	i, _ := slices.BinarySearch(told, d.since)
	heard := func(within time.Duration) bool { return i < len(told) && told[i] <= d.from+within }
	silent := func(judge func([]int, string, ...any), within time.Duration) {
		judge([]int{d.tries[0].Ordinal}, "the proxy answered with 407 from %s until %s, and the user was told nothing of it by %s", Clock(d.from), Clock(d.to), Clock(d.from+within))
	}
	switch lasted := d.to - d.from; {
	case heard(requirement.ToldBy):
		f.OK()
	case lasted > requirement.ToldMust && !heard(requirement.ToldMust):
		silent(f.Fail, requirement.ToldMust)
	case lasted > requirement.ToldBy:
		silent(f.Slip, requirement.ToldBy)
	}
}

// asksOtherwise reports whether a proxy asked the client for something else than a
// name and a password in plain text.
func asksOtherwise(t *trace.Trace) bool {
	return slices.ContainsFunc(history.InOrder(t.Connections), func(x *history.Exchange) bool {
		head := http1.Parse(x.AnswerHead)
		asked, _, _ := strings.Cut(head.Get("Proxy-Authenticate"), " ")
		return x.Status == http.StatusProxyAuthRequired && asked != "" && !strings.EqualFold(asked, "Basic")
	})
}

// showsFresh holds that a client does not go on with a nonce that the proxy has called
// stale: the same answer gives it a new one, and nothing else is wrong (RFC 7616,
// section 3.3). Each session may find that out by itself. It also holds that the client
// counts the requests for which it used a nonce, a repeated one too (section 3.4): a proxy
// that sees a count again takes the request for a replay. Each connection may have a count
// of its own. Nothing is asked of a client that sends no digests.
func showsFresh(t *trace.Trace) (f Assessment) {
	f = Moot()
	inVain, counted := map[string][]int{}, map[string]int{}
	for _, x := range history.InOrder(t.Connections) {
		head, answer := http1.Parse(x.Head), http1.Parse(x.AnswerHead)
		shown, err := digest.ParseCredentials(head.Get("Proxy-Authorization"))
		if err != nil || !x.Answered {
			continue
		}
		on := fmt.Sprint(x.Conn, shown.Nonce)
		if shown.QOP != "" && shown.Nc <= counted[on] {
			f.Fail([]int{x.Ordinal}, "the digest of request %d has the nonce count %d; that of an earlier request on this connection was %d", x.Ordinal, shown.Nc, counted[on])
			return f
		}
		counted[on] = shown.Nc
		challenge, err := digest.ParseChallenge(answer.Get("Proxy-Authenticate"))
		if x.Status != http.StatusProxyAuthRequired || err != nil || !challenge.Stale {
			f.okIf(len(inVain) > 0 && inVain[shown.Nonce] == nil)
			continue
		}
		list := append(inVain[shown.Nonce], x.Ordinal)
		inVain[shown.Nonce] = list
		if len(list) > requirement.StaleShown {
			f.Fail(list, "the digest of request %d uses the nonce %q, which the proxy had called stale %d times before, with a new one each time", x.Ordinal, shown.Nonce, requirement.StaleShown)
			return f
		}
	}
	f.Missing("no proxy called a nonce stale that the client used")
	return f
}
