package probe

import "gauntlet/harness/judge/requirement"

// checks are all questions, in the order in which they are put: what the later
// ones rest on comes first.
func checks() []check {
	const must, should, info = requirement.Must, requirement.Should, requirement.Informational
	return []check{
		{"open.answered", must, []int{5, 37, 53}, "does POST /gateway/gateway.dll?Action=open begin a session?", openAnswered},
		{"answer.header", must, []int{43, 45}, "has every 200 X-MSN-Messenger with a SessionID?", answerHeader},
		{"answer.gw-ip", must, []int{44}, "has every 200 a GW-IP?", answerGatewayIP},
		{"answer.spelling", should, []int{43}, "is the header spelt and ordered as real clients need it?", answerSpelling},
		{"answer.length", must, []int{36}, "has every answer a Content-Length, and no chunks?", answerLength},
		{"answer.keeps-connection", should, []int{16, 49}, "does one connection serve a whole session?", answerKeepsConnection},
		{"command.replied", must, []int{9, 11, 36}, "does the reply to a command come, whole and once?", commandReplied},
		{"command.in-order", must, []int{11, 40}, "do replies come in the order of their commands?", commandInOrder},
		{"command.several", should, nil, "may a body hold several commands?", commandSeveral},
		{"open.empty", should, []int{41}, "may an open have no body?", openEmpty},
		{"open.port", should, nil, "may IP= have a port?", openPort},
		{"form.absolute", must, []int{53}, "are requests in absolute-form served?", formAbsolute},
		{"form.origin", must, []int{53}, "are requests in origin-form served?", formOrigin},
		{"form.user-agent", must, []int{59}, "are all User-Agents served alike?", formUserAgent},
		{"form.post", should, []int{35}, "is what is no POST refused?", formPost},
		{"form.expect", should, nil, "is Expect: 100-continue served?", formExpect},
		{"form.http10", should, nil, "are HTTP/1.0 requests served?", formOldVersion},
		{"id.next", must, []int{45}, "is the newest SessionID good for the next request, ten times?", idNext},
		{"id.shape", info, []int{47, 48}, "what does a SessionID look like, and what changes in it?", idShape},
		{"id.encoded", should, []int{48}, "is a percent-encoded SessionID the same id?", idEncoded},
		{"id.unknown", must, []int{45}, "is an id that was never issued refused?", idUnknown},
		{"id.older", info, []int{45}, "which older ids are accepted?", idOlder},
		{"id.apart", must, []int{45}, "does each session get its own replies only?", idApart},
		{"connection.other", should, []int{17, 50}, "does a session go on when its connection is replaced?", connectionOther},
		{"request.repeated", info, []int{17, 50}, "what becomes of a request that is repeated because its answer was lost?", requestRepeated},
		{"request.overlapping", should, []int{14, 15}, "is a request refused that comes before the answer to the one ahead?", requestOverlapping},
		{"ping.refused", should, []int{20}, "does PNG get an HTTP error?", pingRefused},
		{"end.out", should, []int{46, 51}, "does OUT end the session?", endOut},
		{"end.told", should, []int{46}, "is Session=close said when the server has hung up?", endTold},
		{"poll.held", info, []int{42}, "is a poll with a Lifespan held?", pollHeld},
		{"time.quiet", must, []int{12, 52}, "does a session bear eight seconds of silence?", timeQuiet},
		{"time.out", must, []int{52}, "does a session end that nobody asks for?", timeOut},
	}
}
