package child

import (
	"fmt"
	"net"
	"regexp"
	"strings"

	"gauntlet/harness/run/adapter"
	"gauntlet/proxies"
)

// placeholders are what a command and an environment may hold, and what each
// stands for. What does not apply is empty: there is no proxy on a direct route.
var placeholders = []struct {
	name  string
	value func(adapter.Setup) string
}{
	{"Gateway", func(s adapter.Setup) string { return s.Gateway }},
	{"Scheme", scheme}, // http, or https of a gateway behind TLS
	{"GatewayAddress", func(s adapter.Setup) string { return s.GatewayAddress }},
	{"Proxy", func(s adapter.Setup) string { return s.Route.Proxy }},
	{"ProxyKind", func(s adapter.Setup) string { return kindOf(s.Route) }},
	{"ProxyURL", proxyURL}, // its kind, with the password that it wants
	{"ProxyHost", func(s adapter.Setup) string { return hostOf(s.Route.Proxy) }},
	{"ProxyPort", func(s adapter.Setup) string { return portOf(s.Route.Proxy) }},
	{"ProxyUser", func(s adapter.Setup) string { return s.Route.User }},
	{"ProxyPassword", func(s adapter.Setup) string { return s.Route.Password }},
	{off, func(s adapter.Setup) string { return s.ProxyOff }}, // one that is set down, and not to be used
	{off + "URL", func(s adapter.Setup) string { return proxyURL(adapter.Setup{Route: switchedOff(s)}) }},
	{off + "Host", func(s adapter.Setup) string { return hostOf(s.ProxyOff) }},
	{off + "Port", func(s adapter.Setup) string { return portOf(s.ProxyOff) }},
	{pac, func(s adapter.Setup) string { return s.PAC }}, // where a file tells which proxy is for whom
	{"Socks", func(s adapter.Setup) string {
		if strings.HasPrefix(kindOf(s.Route), "socks") {
			return s.Route.Proxy
		}
		return ""
	}},
	{"User", func(s adapter.Setup) string { return s.Email }},
	{"Password", func(s adapter.Setup) string { return s.Password }},
	{"CA", func(s adapter.Setup) string { return s.CA }},
	{"Case", func(s adapter.Setup) string { return s.Case }},
	{"Contact", func(s adapter.Setup) string { return s.Contact }},
}

func scheme(s adapter.Setup) string {
	if s.Trust != nil {
		return "https"
	}
	return "http"
}

// pac is the name of what tells where the proxy auto-configuration lies.
const pac = "PAC"

// off begins the names of what tells of a proxy that is switched off.
const off = "ProxyOff"

// switchedOff is the way that such a proxy would be.
func switchedOff(s adapter.Setup) proxies.Route {
	if s.ProxyOff == "" {
		return proxies.Route{}
	}
	return proxies.Route{Kind: proxies.HTTPProxy, Proxy: s.ProxyOff}
}

// hostOf and portOf are the parts of an address; empty if there is none.
func hostOf(address string) string {
	host, _, _ := net.SplitHostPort(address) // ours
	return host
}

func portOf(address string) string {
	_, port, _ := net.SplitHostPort(address)
	return port
}

// kindOf is the name of a route's kind, as clients are told it.
func kindOf(r proxies.Route) string {
	if u := r.URL(); u != nil {
		return u.Scheme
	}
	return ""
}

func proxyURL(s adapter.Setup) string {
	if u := s.Route.URL(); u != nil {
		return u.String()
	}
	return ""
}

// inBraces finds all that looks like a placeholder.
var inBraces = regexp.MustCompile(`\{\{[^{}]*\}{0,2}`)

// checkText finds the first placeholder that there is not, and where it begins,
// counted in characters.
func checkText(text string) (offset int, err error) {
	for _, at := range inBraces.FindAllStringIndex(text, -1) {
		if _, known := valueOf(text[at[0]:at[1]]); !known {
			return len([]rune(text[:at[0]])), fmt.Errorf("unknown placeholder %s; allowed: %s", text[at[0]:at[1]], allPlaceholders())
		}
	}
	return 0, nil
}

func valueOf(placeholder string) (func(adapter.Setup) string, bool) {
	for _, p := range placeholders {
		if placeholder == "{{."+p.name+"}}" {
			return p.value, true
		}
	}
	return nil, false
}

func allPlaceholders() string {
	list := make([]string, len(placeholders))
	for i, p := range placeholders {
		list[i] = "{{." + p.name + "}}"
	}
	return strings.Join(list, ", ")
}

// fill puts the values in; what is not a placeholder was refused when the file
// was read.
func fill(text string, s adapter.Setup) string {
	return inBraces.ReplaceAllStringFunc(text, func(p string) string {
		if value, known := valueOf(p); known {
			return value(s)
		}
		return p
	})
}
