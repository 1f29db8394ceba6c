package gateway

import (
	"strings"

	"gauntlet/harness/msn/msnhttp"
)

// layout formats the header's value. Everything but the standard style is
// legal and breaks one real client or another.
func layout(h msnhttp.SessionHeader, style HeaderStyle, seq uint64) string {
	if style == HeaderVaried {
		turns := []HeaderStyle{HeaderStandard, HeaderReordered, HeaderTight, HeaderWide}
		style = turns[seq%uint64(len(turns))]
	}
	switch style {
	case HeaderReordered:
		return strings.Join(elements(h, "=", true), "; ")
	case HeaderTight:
		return strings.Join(elements(h, "=", false), ";")
	case HeaderWide:
		return strings.Join(elements(h, " = ", false), " ;  ")
	}
	return h.String()
}

func elements(h msnhttp.SessionHeader, equals string, backwards bool) []string {
	list := []string{"SessionID" + equals + h.SessionID, "GW-IP" + equals + h.GatewayIP}
	if h.Close {
		list = append(list, "Session"+equals+"close")
	}
	if backwards {
		for i, j := 0, len(list)-1; i < j; i, j = i+1, j-1 {
			list[i], list[j] = list[j], list[i]
		}
	}
	return list
}
