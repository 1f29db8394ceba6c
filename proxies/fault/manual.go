package fault

// Entry says what a part of a fault's line means.
type Entry struct {
	Word    string // as it is looked up
	Form    string // as it is written; N is a number, D a duration
	Doc     string
	Example string // a whole line
}

// Manual is what can stand in a fault's line besides effects: when it strikes, at
// which point of an exchange, and how often.
func Manual() []Entry {
	return append(triggersManual(), append(landmarksManual(), oftenManual()...)...)
}

func triggersManual() []Entry {
	return []Entry{
		{"on", "on [QUALIFIER…] WORD N", "the trigger: the Nth exchange of that word at the hop, counted over the run, repeats included; qualifiers (NS, SB, a user) narrow it", "hop 0: on NS poll 3, answer: reset"},
		{"saying", `on WORD saying "TEXT" N`, "the trigger: the Nth of those whose head or body has the text in it; it is known when the request is complete", `hop 0: on request saying "MSG 5" 1, forward: reset`},
		{"connection", "on connection N", "the trigger: the Nth attempt to connect at the hop", "hop 0: on connection 2: refuse, 3 times"},
		{"lookup", "on lookup N", "the trigger: the Nth time that a name is looked up by whoever connects to the hop: at hop 0 by the client, behind a box by that box", "hop 0: on lookup 2: no such name"},
		{"after idle", "after idle D", "the trigger: a connection on which nothing has happened for so long since the last answer", "hop 0: after idle 30s: close"},
		{"after bytes", "after N bytes", "the trigger: a connection that has given the client so many bytes of answers, to the byte", "hop 0: after 5000 bytes: reset"},
		{"at", "at D", "the trigger: that moment since the run began, on all connections that are open then, whatever is under way", "hop 0: at 30s: blackhole"},
	}
}

func landmarksManual() []Entry {
	entry := func(p Place, doc string) Entry {
		l := Landmark{At: p, Byte: 40, Field: "X-MSN-Messenger", After: 500 * burst}
		return Entry{p.String(), p.form(), "the landmark: " + doc, "hop 0: on poll 2, " + l.String() + ": close"}
	}
	return []Entry{
		entry(AtHead, "the request's head is complete, and nothing of it handed to the box"),
		entry(AtRequestByte, "so many bytes of the request were handed to the box, head included"),
		entry(AtForward, "the request is complete, and its last byte withheld from the box"),
		entry(AtAnswer, "the answer is ready, and nothing of it given to the client"),
		entry(AtStatusLine, "the answer's first line was given to the client"),
		entry(AtField, "the answer's head was given up to and with this field"),
		entry(AtResponseByte, "so many bytes of the answer were given to the client, head included"),
		entry(AtEnd, "the whole answer was given"),
		entry(AtIdle, "so long after its end, nothing having come in between; without one, a later exchange that has such a pause"),
	}
}

func oftenManual() []Entry {
	return []Entry{
		{"once", "once", "how often: the ordinal that the trigger names alone; so it is without a word", "hop 0: on poll 3, answer: reset, once"},
		{"times", "N times", "how often: so many from the trigger's ordinal on, then all works again", "hop 0: on poll 3, answer: reset, 2 times"},
		{"every", "every Nth", "how often: each Nth from the trigger's ordinal on", "hop 0: on poll 3, answer: reset, every 5th"},
		{"with p", "with p=X", "how often: each from the trigger's ordinal on with this probability; the seed decides", "hop 0: on poll 3, answer: reset, with p=0.1"},
		{"from", "from D [until D]", "how often: what comes since that moment of the run; what comes before is not counted", "hop 0: on poll 1, forward: status 502, from 20s until 2m20s"},
		{"until", "until D", "how often: what comes before that moment of the run", "hop 0: on poll 1, forward: status 502, until 20s"},
	}
}
