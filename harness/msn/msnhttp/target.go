// Package msnhttp is the grammar of the MSN Messenger HTTP gateway: the query
// of its request targets and the value of its X-MSN-Messenger header, parsed
// and formatted byte for byte. It knows neither connections nor sessions nor
// MSNP; clients, the reference gateway, the recorder's labels and the oracles
// import it. It has no goroutines and no state.
//
// Package net/url is deliberately not used: it drops parameters that contain a
// semicolon and turns "+" into a space, and a SessionID is an arbitrary string
// (S48) that has to come back as it went out.
package msnhttp

import (
	"errors"
	"fmt"
	"strings"
)

const (
	// Path is where the gateway's script lies, on every gateway (S53).
	Path = "/gateway/gateway.dll"
	// HeaderName is the answer header that carries the session (S43), in the one
	// spelling that all real clients understand. net/http canonicalises it to
	// X-Msn-Messenger when Header.Set is used: write the map key directly.
	HeaderName = "X-MSN-Messenger"

	// TimeoutName is the answer header in which later gateways told, in seconds, how
	// long a session may be idle.
	TimeoutName = "X-MSN-SessionTimeout"
	// ContentType is the media type of requests and answers. Some clients send
	// another one; no gateway minds.
	ContentType = "application/x-msn-messenger"
)

var (
	// errTarget says that a request target is neither an origin-form path nor
	// an absolute http or https URL.
	errTarget = errors.New("not a request target")
	// ErrPath says that a request target is well-formed and names something
	// other than the gateway's script.
	ErrPath = errors.New("not the gateway's path")
)

// ParseTarget reads a request target in origin form ("/gateway/gateway.dll?…")
// or absolute form ("http://host/gateway/gateway.dll?…"); real clients send
// either, proxy or not. The authority is empty for the origin form. The query
// is returned even beside ErrPath. errTarget and ErrPath are the only errors:
// which parameters must be there is for the gateway to say.
func ParseTarget(target string) (authority string, q Query, err error) {
	path := target
	if !strings.HasPrefix(target, "/") {
		if authority, path, err = splitAbsolute(target); err != nil {
			return "", Query{}, err
		}
	}
	path, raw, _ := strings.Cut(path, "?")
	q = parseQuery(raw)
	if path != Path {
		return authority, q, fmt.Errorf("%w: %q", ErrPath, clip(path))
	}
	return authority, q, nil
}

// splitAbsolute cuts an absolute URL into its authority and the rest, which
// begins with "/" or "?" or is empty.
func splitAbsolute(target string) (authority, rest string, err error) {
	scheme, after, found := strings.Cut(target, "://")
	if !found || !strings.EqualFold(scheme, "http") && !strings.EqualFold(scheme, "https") {
		return "", "", fmt.Errorf("%w: %q", errTarget, clip(target))
	}
	end := strings.IndexAny(after, "/?")
	if end < 0 {
		end = len(after)
	}
	if end == 0 {
		return "", "", fmt.Errorf("%w: no authority in %q", errTarget, clip(target))
	}
	return after[:end], after[end:], nil
}

// clip keeps what a stranger sent short enough for an error message.
func clip(s string) string {
	const most = 60
	if len(s) <= most {
		return s
	}
	return s[:most] + "…"
}
