package proxies

import "net/http"

// A faithful box adds no header field of its own. net/http does: User-Agent to
// requests that lack it, Cache-Control to those with Pragma, Date and a guessed
// Content-Type to answers.
//
// Quirk `invents-fields` (Quirks.InventsFields): all of these are added.

// keepOwnFields undoes what net/http invented, or would, for a request whose
// head came as original. A present key without a value keeps net/http silent.
func keepOwnFields(h http.Header, original *head) {
	if !original.has("Cache-Control") {
		h.Del("Cache-Control")
	}
	if !original.has("User-Agent") {
		h["User-Agent"] = nil
	}
}

// inventNothing does the same for an answer.
func inventNothing(h http.Header) {
	for _, key := range []string{"Date", "Content-Type"} {
		if _, given := h[key]; !given {
			h[key] = nil
		}
	}
}
