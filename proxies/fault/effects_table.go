package fault

import "maps"

// Effects is the registry of effects by name. proxies/wire implements each.
func Effects() map[string]Kind {
	all := connectionEffects()
	maps.Copy(all, messageEffects())
	maps.Copy(all, roadEffects())
	return all
}

// connectionEffects are those that know nothing of messages.
func connectionEffects() map[string]Kind {
	accepted := []Place{AtAccept, AtHead, AtRequestByte, AtForward, AtAnswer, AtResponseByte, AtEnd, AtIdle}
	whole := []Place{AtAccept, AtHead, AtForward, AtAnswer, AtResponseByte, AtEnd, AtIdle} // half a request that never ends is a stall
	return map[string]Kind{
		"close":      {At: accepted, Doc: "the connection is closed: the client gets FIN, the box sees its end"},
		"reset":      {At: accepted, Arguments: []Argument{{Name: "side", Form: Choice, Words: sides(), Optional: true}}, Doc: "the connection is reset: the client gets RST, the box ECONNRESET; with a side, the other does not notice"},
		"cut":        {At: accepted, Arguments: []Argument{{Name: "side", Form: Choice, Words: sides()}}, Doc: "the connection is closed for one side, and the other does not notice"},
		"half-close": {At: accepted, Doc: "the client gets FIN after what it was given; what it sends still reaches the box, and what the box writes is lost"},
		"stall":      {At: accepted, Arguments: []Argument{{Name: "time", Form: Duration, Before: "for", Optional: true}}, Doc: "nothing more flows either way and the connection stays open, until the client leaves or the time is over"},
		"blackhole":  {At: whole, Withholds: true, Doc: "what either side sends is swallowed, at forward the whole request; nothing closes, and neither notices that the other leaves"},
		"delay":      {At: accepted, Arguments: []Argument{{Name: "time", Form: Duration}, {Name: "most that is added by chance", Form: Duration, Before: "jitter", Optional: true}}, Doc: "from here on whatever is sent, either way, takes so much longer"},
		"bandwidth":  {At: accepted, Arguments: []Argument{{Name: "bytes a second", Form: Number, Low: 1}}, Doc: "from here on so many bytes a second flow, either way"},
		"dribble": {At: accepted, Arguments: []Argument{{Name: "count", Form: Number, Low: 1}, {Name: "unit", Form: Choice, Words: []string{"bytes"}},
			{Name: "time", Form: Duration, Before: "every"}, {Name: "side", Form: Choice, Words: sides(), Before: "to", Optional: true}},
			Doc: "from here on the bytes flow in small pieces, either way or to one side"},
		"refuse": {At: []Place{AtAccept}, Doc: "the attempt to connect is turned away"},
	}
}

// messageEffects are those that change an answer or a request as a whole.
func messageEffects() map[string]Kind {
	answer, instead, request := []Place{AtAnswer}, []Place{AtForward, AtAnswer}, []Place{AtForward}
	field := []Argument{{Name: "header field's name", Form: Name}}
	return map[string]Kind{
		"status": {At: instead, Withholds: true, Arguments: []Argument{{Name: "status", Form: Choice, Words: statuses()}},
			Doc: "a proxy's page with this status is the answer; at forward the box never sees the request, at answer the gateway has processed it"},
		"redirect": {At: instead, Withholds: true, Arguments: []Argument{{Name: "host", Form: Text, Before: "to", Optional: true}},
			Doc: "302 with a Location elsewhere is the answer; at forward the box never sees the request"},
		"portal":             {At: instead, Withholds: true, Doc: "the page of a captive portal, with 200, is the answer; at forward the box never sees the request"},
		"cached":             {At: request, Withholds: true, Doc: "the last answer to a request of the same kind is given again, and the box never sees the request"},
		"repeat":             {At: request, Doc: "the box gets the request twice; the client gets the first answer"},
		"repeat after drop":  {At: request, Doc: "the box gets the request again once it has answered, as from a proxy that lost the answer; the client gets the second answer"},
		"stale answer":       {At: answer, Doc: "the answer before, of the same connection, is given again in place of this one"},
		"crossed answer":     {At: answer, Doc: "the newest answer of another connection is given in place of this one"},
		"hold":               {At: answer, Arguments: []Argument{{Name: "time", Form: Duration}}, Doc: "the answer is held back for so long"},
		"coalesce":           {At: answer, Arguments: []Argument{{Name: "time", Form: Duration}}, Doc: "the answer is collected whole and handed on in one piece, so long after it began"},
		"continue":           {At: answer, Doc: "100 Continue, which nobody asked for, comes before the answer"},
		"chunked":            {At: answer, Doc: "the answer's body comes in chunks, without Content-Length"},
		"gzip":               {At: answer, Doc: "the answer's body comes compressed, although nobody may have asked for that"},
		"http1.0":            {At: answer, Doc: "the answer is one of HTTP/1.0: not chunked, and the connection is kept only if the request asked for that by name"},
		"length wrong":       {At: answer, Arguments: []Argument{{Name: "difference", Form: Signed}}, Doc: "Content-Length is so much too large or too small"},
		"length missing":     {At: answer, Doc: "the answer has no Content-Length and ends with the connection"},
		"length twice":       {At: answer, Doc: "Content-Length is given twice, with the same value"},
		"truncate":           {At: answer, Arguments: []Argument{{Name: "bytes of the body that arrive", Form: Number}}, Doc: "the head arrives unchanged, then so much of the body, then FIN"},
		"drop header":        {At: answer, Arguments: field, Doc: "the field is missing from the answer's head"},
		"duplicate header":   {At: answer, Arguments: field, Doc: "the field comes twice"},
		"recase header":      {At: answer, Arguments: field, Doc: "the field's name is spelt as it stands here"},
		"fold header":        {At: answer, Arguments: field, Doc: "the field's value goes on in a second line, as was once allowed"},
		"add header":         {At: answer, Arguments: append(field, Argument{Name: "value", Form: Text}), Doc: "a field is added at the end of the head"},
		"lower-case headers": {At: answer, Doc: "the names of all fields are in lower case"},
		"reorder headers":    {At: answer, Doc: "the fields come in reverse order"},
	}
}

// roadEffects are those that only a kernel on the way can have.
func roadEffects() map[string]Kind {
	places := []Place{AtForward, AtAnswer, AtEnd, AtIdle}
	return map[string]Kind{
		"kill flow":   {Road: true, At: places, Doc: "the kernel at the box's end ends the connection by itself: the client gets RST"},
		"forget flow": {Road: true, At: places, Doc: "the client's router forgets that it translates the connection's addresses: nothing gets through any more, and nobody is told"},
		"reject flow": {Road: true, At: []Place{AtEnd, AtIdle}, Doc: "a router answers what the client sends next by RST; the box hears of nothing"},
		"lose flow": {Road: true, At: places, Arguments: []Argument{{Name: "side", Form: Choice, Words: sides(), Before: "to"}, {Name: "time", Form: Duration, Before: "for", Optional: true}},
			Doc: "a router loses what is sent to one side; once the time is over TCP repeats it, and what was sent arrives late"},
	}
}

func sides() []string { return []string{"client", "box"} }

func statuses() []string {
	return []string{"400", "403", "404", "407", "417", "429", "500", "502", "503", "504"}
}
