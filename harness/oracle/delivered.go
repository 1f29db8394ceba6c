package oracle

// delivered holds that what the contact sent was shown to the user once and in
// order (S11, S36). It needs the client's own word; a client that says nothing
// is not judged.
func delivered(e *Evidence) (f finding) {
	queued, shown := e.relayed(e.Contact), e.shown()
	if len(queued) == 0 || len(shown) == 0 && !e.speaks() {
		f.missing("the client does not say what it shows, or nothing was sent to it")
		return f
	}
	f.checked = len(queued)
	if lost := lostFrom(queued, shown); len(lost) > 0 {
		f.fail(nil, "%d of %d messages to the user were never shown: %s", len(lost), len(queued), texts(lost))
	}
	if twice := doubled(shown); len(twice) > 0 {
		f.fail(nil, "%d messages were shown more than once: %s", len(twice), texts(twice))
	}
	if earlier, later, wrong := swapped(queued, shown); wrong {
		f.fail(nil, "%q was shown after %q, but was sent before it", earlier, later)
	}
	return f
}
