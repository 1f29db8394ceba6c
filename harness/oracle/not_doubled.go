package oracle

// notDoubled holds that what the user sent arrived once.
func notDoubled(e *Evidence) (f finding) {
	arrived := e.relayed(e.User)
	twice := doubled(arrived)
	f.checked = len(arrived)
	if len(twice) > 0 {
		f.fail(nil, "arrived more than once: %s", texts(twice))
	}
	f.missing("no message of the user's arrived")
	return f
}
