package msnhttp

import (
	"errors"
	"fmt"
	"strings"
)

// errHeader says that a header's value does not follow the grammar of
// X-MSN-Messenger: an empty value, an element without "=", or an element that
// comes twice with different values.
var errHeader = errors.New("malformed " + HeaderName)

// SessionHeader is the value of X-MSN-Messenger: which SessionID to carry next
// (S45), which host to send the next request to (S44), and whether the session
// is being closed (S46).
type SessionHeader struct {
	SessionID    string
	GatewayIP    string // an address or a name, without a port
	Close        bool   // Session=close was there
	HasSessionID bool   // the element was there, if only with an empty value
	HasGatewayIP bool   // likewise
}

// ParseSessionHeader reads a header value with the tolerance that real answers
// ask for: elements in any order, spaces and tabs around ";" and "=", names in
// any case, unknown elements skipped, elements missing, values that contain
// "=". Its errors satisfy errors.Is(err, errHeader) and come beside what could
// be read.
func ParseSessionHeader(value string) (SessionHeader, error) {
	var h SessionHeader
	if trim(value) == "" {
		return h, fmt.Errorf("%w: empty", errHeader)
	}
	var wrong error
	for rest, more := value, true; more; {
		var element string
		element, rest, more = strings.Cut(rest, ";")
		if err := h.take(trim(element)); err != nil && wrong == nil {
			wrong = err
		}
	}
	return h, wrong
}

// take stores one element; an empty one, as behind a last ";", is nothing.
func (h *SessionHeader) take(element string) error {
	if element == "" {
		return nil
	}
	name, value, found := strings.Cut(element, "=")
	if !found {
		return fmt.Errorf("%w: %q has no value", errHeader, clip(element))
	}
	name, value = trim(name), trim(value)
	switch {
	case strings.EqualFold(name, "SessionID"):
		return set(name, value, &h.SessionID, &h.HasSessionID)
	case strings.EqualFold(name, "GW-IP"):
		return set(name, value, &h.GatewayIP, &h.HasGatewayIP)
	case strings.EqualFold(name, "Session"):
		h.Close = h.Close || strings.EqualFold(value, "close")
	}
	return nil
}

// set keeps the first value of an element and complains about another one.
func set(name, value string, field *string, has *bool) error {
	if *has && *field != value {
		return fmt.Errorf("%w: %s comes twice", errHeader, name)
	}
	*field, *has = value, true
	return nil
}

// trim removes optional white space as HTTP defines it.
func trim(s string) string { return strings.Trim(s, " \t") }

// String formats the value as the reference gateway sends it, the only form
// that all real clients can read:
//
//	SessionID=<id>; GW-IP=<host>[; Session=close]
//
// An element is left out if it is empty and not marked as present. Nothing is
// escaped: a value must not contain ";" or begin or end with white space.
func (h SessionHeader) String() string {
	out := make([]byte, 0, len(h.SessionID)+len(h.GatewayIP)+40)
	if h.HasSessionID || h.SessionID != "" {
		out = append(append(out, "SessionID="...), h.SessionID...)
	}
	if h.HasGatewayIP || h.GatewayIP != "" {
		out = append(append(out, separator(out)...), "GW-IP="...)
		out = append(out, h.GatewayIP...)
	}
	if h.Close {
		out = append(append(out, separator(out)...), "Session=close"...)
	}
	return string(out)
}

func separator(before []byte) string {
	if len(before) == 0 {
		return ""
	}
	return "; "
}
