package mutants

// wrong are the clients with a defect.
func wrong() []Mutant {
	return []Mutant{
		absent, asksTheDead, balks, believesNoName, caseSensitive, clings, comesBack, countsCharacters, countsNone, countsRefusals, criesWolf, cutsAtDash, cutsAtDot, diesOfChunks,
		diesOfHTTP10, diesOfVia, directFirst,
		doubles, drags, dropsLast, dropsLate, eatsPage, firstAddress, firstLength,
		followsRedirect, fortyChars, fourBytes, givesUp, greets, halves, hammers,
		hangs, hasty, hurries, hushes, ignoresClose, ignoresGWIP, ignoresSwitch, insists, isElsewhere, keepsAddress, keepsFirstID, keepsMum, keepsOpen, knowsBetter, leaks,
		leavesOpen, letsGo, loses, measuresCharacters, minds, miscounts, missesStale, namesNobody, namesNoServer, needsAddress, needsDot, needsOrder, needsProxy, neverPolls, numeric, oneFamily, onePlace, opensOnAndOn,
		overhears, overlaps, oversleeps, panics, pastProxy, pings, pipelines, pollsBlank, pollsOn, port80, port80Always, postsForFile, rawID, readsBackwards, readsLater, readsOn, readsOneProxy, reopens,
		reorders, reposts, rushesID, saysAgain, showsOnce, slinksAway, speaksHTTP, spins, staysOn, storms, sulks, swallowsCut, takesContinue, takesHints, trustsAnybody, twoHosts, waitsForFile, waitsForever, waitsItsTurn,
		wrongAction, wrongHost, wrongServer, wrongSwitchboard,
	}
}

// odd are the clients that differ from the reference client and are right.
func odd() []Mutant {
	return []Mutant{
		absoluteForm, bareHead, batches, emptyOpen, encodes, fiveSeconds, hostPort, longPolls, lowerCase,
		reconnects, replays, slow, strayCRLF,
	}
}
