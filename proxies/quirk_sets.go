package proxies

import (
	"net/http"
	"net/textproto"
	"strings"
)

// A faithful box leaves the fields of a message as they are.
//
// Quirks `sets-in-request A:1,B:2` (Quirks.SetsInRequest) and `sets-in-answer`
// (Quirks.SetsInAnswer): it adds these, or puts its own value in place of the
// one that came. Names and values are without spaces and commas.

func areFields(text string) bool {
	for part := range strings.SplitSeq(text, ",") {
		if name, value, ok := strings.Cut(part, ":"); !ok || name == "" || value == "" {
			return false
		}
	}
	return true
}

func splitFields(text string) []field {
	if text == "" {
		return nil
	}
	var fields []field
	for part := range strings.SplitSeq(text, ",") {
		name, value, _ := strings.Cut(part, ":")
		fields = append(fields, field{name: name, value: value})
	}
	return fields
}

// setFields writes the names as they are spelled.
func setFields(h http.Header, fields []field) {
	for _, f := range fields {
		delete(h, textproto.CanonicalMIMEHeaderKey(f.name))
		h[f.name] = []string{f.value}
	}
}
