package mutants

import (
	"net/url"

	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/msn/msnhttp"
)

// followsRedirect goes on where a portal sends it.
var followsRedirect = Mutant{
	Name:     "follows-redirect",
	Defect:   "goes on with its session at the host that a 302 names",
	Violates: "gateway-ip.followed",
	Seen:     "papyon: sends the same POST to the new host",
	Needs:    NeedsFault,
	Cases:    []string{"effect-redirect-poll-*"},
	Also: []Collateral{
		{swallowed, []requirement.ID{"close.says-out", "connection.backs-off", "connection.recovers", "command.carried-out", "command.not-lost", "answer.delivered"}},
		{fallsSilent, []requirement.ID{"poll.keeps-going"}},
	},
	New: onAnswers(follow),
}

func follow(a *answer) {
	asked := query(a.asked)
	to, err := url.Parse(a.field("Location"))
	if a.status() != 302 || err != nil || to.Host == "" || asked.SessionID == "" {
		return
	}
	a.lines[0] = "HTTP/1.1 200 OK"
	a.setSession(msnhttp.SessionHeader{SessionID: asked.SessionID, GatewayIP: to.Host})
	a.cutTo(0)
}
