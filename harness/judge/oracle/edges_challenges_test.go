package oracle_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"gauntlet/harness/judge/history"
	. "gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
)

func TestChallenges(t *testing.T) { tryEdges(t, doorEdges(), schemeEdges()) }

// turnedAway is a client that a proxy answers with 407 so many times, each so long
// after the other.
func (t *tale) turnedAway(times int, every time.Duration) *tale {
	for range times {
		t.wait(every).shows("").page(407, "Proxy-Authenticate: Negotiate\r\n")
	}
	return t
}

// atTheDoor is one that does not get in, and says so.
func atTheDoor(times int, every time.Duration) *tale {
	t := newTale().proxied().step("fail to sign in 60s").connect(proxyAddress)
	return t.turnedAway(1, 0).says(history.Failed, "407").turnedAway(times-1, every)
}

// toldNobody is one that tries once and says nothing, for so long.
func toldNobody(long time.Duration) *tale {
	return newTale().proxied().says(history.Quit, "").connect(proxyAddress).turnedAway(1, 0).over(long)
}

// toldAfter is one that tries once, says so after a while, and is watched for two minutes.
func toldAfter(while time.Duration) *tale {
	t := newTale().proxied().says(history.Quit, "").connect(proxyAddress).turnedAway(1, 0)
	return t.wait(while).says(history.Failed, "407").over(2*time.Minute - while)
}

func (t *tale) over(after time.Duration) *tale { return t.wait(after).rig(history.RunEnded, "") }

func doorEdges() map[string]edge {
	const id = requirement.ID("route.challenge-told")
	mute := func() *tale { return newTale().proxied().says(history.Quit, "").connect(proxyAddress) }
	late := mute().turnedAway(5, 5*time.Second).over(15*time.Second).says(history.Failed, "407").over(time.Second)
	met := mute().turnedAway(2, time.Second)
	met.shows("").answer(200, "", "").over(time.Minute)
	between := func(status int) *tale {
		t := mute().turnedAway(2, time.Second).says(history.Failed, "407").wait(time.Second)
		t.shows("").page(status, "").turnedAway(10, 5*time.Second).over(0)
		return t
	}
	inside := start().idle(3).turnedAway(3, 5*time.Second)
	leaves := inside.step("sign out").over(time.Minute)
	return map[string]edge{
		"told, and patient":            {id, Pass, atTheDoor(10, 5*time.Second).over(0)},
		"tells, and tries once":        {id, Pass, atTheDoor(1, 0).over(time.Minute)},
		"tells nobody":                 {id, Fail, mute().turnedAway(10, 5*time.Second).over(0)},
		"tries once, tells nobody":     {id, Fail, mute().turnedAway(1, 0).over(31 * time.Second)},
		"tells too late":               {id, Fail, late},
		"told before another page":     {id, Pass, between(502)},
		"told before it was served":    {id, Fail, between(200)},
		"has time left":                {id, Inconclusive, mute().turnedAway(3, time.Second).over(20 * time.Second)},
		"was asked to leave":           {id, Inconclusive, leaves},
		"a try a second":               {id, Fail, atTheDoor(61, 970*time.Millisecond).over(0)},
		"every second, for a while":    {id, Pass, atTheDoor(20, 900*time.Millisecond).over(20 * time.Second)},
		"every two seconds":            {id, Fail, atTheDoor(40, 2*time.Second).over(0)}, // a should
		"a handshake of two steps":     {id, Inconclusive, met},
		"nobody asks":                  {id, Inconclusive, start().idle(5)},
		"says nothing, and is patient": {id, Pass, newTale().proxied().connect(proxyAddress).turnedAway(10, 5*time.Second).over(0)},
	}
}

func schemeEdges() map[string]edge {
	const id = requirement.ID("route.credentials")
	digest := asked("http proxy").shows("").page(407, "Proxy-Authenticate: Digest realm=\"x\"\r\n").shows("").answer(200, "", "")
	basic := asked("http proxy").shows("").page(407, "Proxy-Authenticate: Basic realm=\"x\"\r\n").shows("").answer(200, "", "")
	return map[string]edge{
		"another scheme":               {id, Inconclusive, digest},
		"in plain text":                {id, Fail, basic},
		"stale once":                   {id, Pass, digests("1 stale", "2")},
		"stale in both sessions":       {id, Pass, digests("1 stale", "1 stale", "2")},
		"and a third time":             {id, Fail, digests("1 stale", "1 stale", "1 stale")},
		"three that were good once":    {id, Pass, digests("1", "1 stale", "2", "2 stale", "3", "3 stale", "4")},
		"two, and nothing new":         {id, Inconclusive, digests("1 stale", "1 stale")},
		"a wrong one, on and on":       {id, Inconclusive, digests("1 wrong", "1 wrong", "1 wrong", "1 wrong")},
		"counted":                      {id, Pass, digests("1 stale", "2 number 1", "2 number 2")},
		"a number once more":           {id, Fail, digests("1 stale", "2 number 2", "2 number 2")},
		"a number left out":            {id, Pass, digests("1 stale", "2 number 2", "2 number 4")},
		"a number of another nonce":    {id, Pass, digests("1 stale number 2", "2 number 2", "2 number 3")},
		"counted down":                 {id, Fail, digests("1 stale", "2 number 2", "2 number 1")},
		"anew for another nonce":       {id, Pass, digests("1 stale number 3", "2 number 1")},
		"from nought":                  {id, Fail, digests("1 number 0")},
		"a stale one that gets a page": {id, Pass, digests("1 stale", "1 stale", "1", "2")},
	}
}

// digests are requests with digests of these nonces, and what the proxy says of each. They
// are counted, if they have no number of their own.
func digests(shown ...string) *tale {
	const challenge = "Proxy-Authenticate: Digest realm=\"x\", nonce=\"n\", qop=\"auth\", algorithm=MD5"
	t, used := asked("http proxy").shows("").page(407, challenge+"\r\n"), map[string]int{}
	for _, one := range shown {
		one, count, counts := strings.Cut(one, " number ")
		nonce, refused, is := strings.Cut(one, " ")
		if used[nonce]++; !counts {
			count = strconv.Itoa(used[nonce])
		}
		t.raw("POST http://h/x HTTP/1.1\r\nHost: h\r\nProxy-Authorization: Digest username=\"a\", realm=\"x\", nonce=\""+nonce+"\", uri=\"/x\", response=\"0\", qop=auth, nc=0000000"+count+", cnonce=\"c\"\r\n\r\n", "")
		switch {
		case !is:
			t.answer(200, "", "")
		case refused == "stale":
			t.page(407, challenge+", stale=true\r\n")
		default:
			t.page(407, challenge+"\r\n")
		}
	}
	return t
}

func TestImpatienceIsOfTwoDegrees(t *testing.T) {
	for every, want := range map[time.Duration]requirement.Level{2 * time.Second: requirement.Should, 900 * time.Millisecond: requirement.Must, 500 * time.Millisecond: requirement.Must} {
		if v := verdictOn("route.challenge-told", atTheDoor(90, every).over(0)); v.Status != Fail || v.Level != want {
			t.Errorf("every %s: %+v, want a %s", every, v, want)
		}
	}
}
