package oracle

// inOrder holds that messages arrived in the order in which the user sent
// them.
func inOrder(e *Evidence) (f finding) {
	arrived := e.relayed(e.User)
	earlier, later, wrong := swapped(e.submitted(), arrived)
	f.checked = len(arrived)
	if wrong {
		f.fail(nil, "%q arrived after %q, but was sent before it", earlier, later)
	}
	f.missing("no message of the user's arrived")
	return f
}
