package proxies

import (
	"net/http"
	"time"
)

// A faithful box adds no Date to an answer without one.
//
// Quirk `dates` (Quirks.Dates): it does, as RFC 9110 bids a recipient with a
// clock do, and as most products do.

func addDate(h http.Header) {
	if h.Get("Date") == "" {
		h["Date"] = []string{time.Now().UTC().Format(http.TimeFormat)}
	}
}
