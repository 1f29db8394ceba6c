package oracle

// notLost holds that what the user sent arrived at the switchboard, or that
// the user was told of the doubt (S10, S17).
func notLost(e *Evidence) (f finding) {
	sent := e.submitted()
	lost := lostFrom(lostFrom(sent, e.relayed(e.User)), e.doubted())
	f.checked = len(sent)
	if len(lost) > 0 {
		f.fail(nil, "%d of %d messages never arrived and the user was not told: %s", len(lost), len(sent), texts(lost))
	}
	f.missing("the user sent no message")
	return f
}
