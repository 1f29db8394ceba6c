package fault

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// pageEffects give an answer of somebody else's, or a request once more.
func pageEffects() map[string]Kind {
	answer, instead, request := []Place{AtAnswer}, []Place{AtHead, AtForward, AtAnswer}, []Place{AtForward}
	return map[string]Kind{
		"status": {Streams: true, At: instead, Withholds: true, Arguments: []Argument{{Name: "status of an error", Form: Number, Low: 400, High: 599}, fields()},
			Doc:  "a proxy's page with this status, and with fields of its own, is the answer; at head before the request is whole, at forward the box never sees the request, at answer the gateway has processed it",
			Fire: func(i Injection, a args) { i.Replace(statusPage(a.number(0), a.each("with"))) }},
		"redirect": {Streams: true, At: instead, Withholds: true, Arguments: []Argument{{Name: "status", Form: Choice, Words: []string{"301", "302", "303", "307", "308"}, Optional: true}, {Name: "URL", Form: URL, Before: "to", Optional: true}},
			Doc: "a redirect, 302 unless it says another, is the answer; Location is the URL, the login page of a host, or a path here; at forward the box never sees the request", Fire: redirect},
		"portal": {Streams: true, At: instead, Withholds: true, Doc: "the page of a captive portal, with 200, is the answer; at forward the box never sees the request", Fire: func(i Injection, _ args) {
			i.Replace(page("200 OK", "Welcome! Please sign in to use this network", "Cache-Control: no-store"))
		}},
		"cached": {Streams: true, At: request, Withholds: true, Remembers: true, Doc: "the last answer to a request of the same kind is given again, and the box never sees the request", Fire: func(i Injection, _ args) {
			if a, ok := i.Earlier(SameKind); ok {
				i.Replace(a)
			}
		}},
		"repeat":            {Streams: true, At: request, Doc: "the box gets the request twice; the client gets the first answer", Fire: func(i Injection, _ args) { i.Repeat(First) }},
		"repeat after drop": {Streams: true, At: request, Doc: "the box gets the request again once it has answered, as from a proxy that lost the answer; the client gets the second answer", Fire: func(i Injection, _ args) { i.Repeat(Second) }},
		"stale answer":      {At: answer, Remembers: true, Doc: "the answer before, of the same connection, is given again in place of this one", Fire: earlier(SameConnection)},
		"crossed answer":    {At: answer, Remembers: true, Doc: "the newest answer of another connection is given in place of this one", Fire: earlier(OtherConnection)},
	}
}

// earlier puts an answer that was given before in the place of this one.
func earlier(which Source) func(Injection, args) {
	return func(i Injection, _ args) {
		if other, ok := i.Earlier(which); ok {
			i.EditAnswer(func(Answer) Answer { return other })
		}
	}
}

func redirect(i Injection, a args) {
	status := http.StatusFound
	if len(a) > 0 && a[0] != "to" {
		status = a.number(0)
	}
	i.Replace(page(statusLine(status), "Moved", "Location: "+location(a.after("to"))))
}

// location is a URL or a path as it is, and the login page of a host.
func location(to string) string {
	switch {
	case to == "":
		return "http://login.example/login"
	case strings.Contains(to, "/"):
		return to
	}
	return "http://" + to + "/login"
}

// fields are the header fields that a page may be given beside its own.
func fields() Argument {
	return Argument{Name: `header field in quotes: "Name: value"`, Form: FieldLine, Before: "with", Optional: true, Repeats: true}
}

// statusLine is a status with its usual words; those that only products use have
// the products'.
func statusLine(status int) string {
	text := http.StatusText(status)
	if text == "" {
		text = map[int]string{
			420: "Enhance Your Calm", 430: "Request Header Fields Too Large", 440: "Login Time-out", 444: "No Response", 449: "Retry With",
			450: "Blocked by Windows Parental Controls", 498: "Invalid Token", 499: "Client Closed Request", 509: "Bandwidth Limit Exceeded",
			520: "Web Server Returned an Unknown Error", 521: "Web Server Is Down", 522: "Connection Timed Out", 523: "Origin Is Unreachable",
			524: "A Timeout Occurred", 525: "SSL Handshake Failed", 526: "Invalid SSL Certificate", 530: "Site Is Frozen", 598: "Network Read Timeout", 599: "Network Connect Timeout",
		}[status]
	}
	if text == "" {
		text = "Error"
	}
	return fmt.Sprint(status, " ", text)
}

// statusPage is the page for a status, with the fields that belong to it unless
// others of the same name are given.
func statusPage(status int, given []string) Answer {
	usual := map[int]string{
		http.StatusUnauthorized: `WWW-Authenticate: Basic realm="proxy"`, http.StatusMethodNotAllowed: "Allow: GET, HEAD", http.StatusProxyAuthRequired: `Proxy-Authenticate: Basic realm="proxy"`,
		http.StatusTooManyRequests: "Retry-After: 5", http.StatusServiceUnavailable: "Retry-After: 5",
	}[status]
	name, _, _ := strings.Cut(usual, ":")
	same := func(f string) bool { return strings.HasPrefix(strings.ToLower(f), strings.ToLower(name)+":") }
	all := dated(given)
	if strings.Contains(strings.Join(given, ""), "{date") && !slices.ContainsFunc(given, func(f string) bool { return strings.HasPrefix(f, "Date:") }) {
		all = append(all, "Date: "+time.Now().UTC().Format(http.TimeFormat)) // by which a reader knows how long it is until then
	}
	if usual != "" && !slices.ContainsFunc(given, same) {
		all = append([]string{usual}, all...)
	}
	line := statusLine(status)
	_, title, _ := strings.Cut(line, " ")
	a := page(line, title, all...)
	if slices.ContainsFunc(given, func(f string) bool { return strings.EqualFold(strings.ReplaceAll(f, " ", ""), "Connection:close") }) {
		a.Then = FIN
	}
	return a
}

// dated are the fields with {date+D} made the date so long from now (RFC 9110,
// section 5.6.7), as Retry-After may have it.
func dated(fields []string) (out []string) {
	for _, f := range fields {
		before, rest, found := strings.Cut(f, "{date+")
		text, after, closed := strings.Cut(rest, "}")
		if d, err := time.ParseDuration(text); found && closed && err == nil {
			f = before + time.Now().Add(d).UTC().Format(http.TimeFormat) + after
		}
		out = append(out, f)
	}
	return out
}

// page is a proxy's own answer: a short page, and fields as "Name: value".
func page(status, title string, fields ...string) Answer {
	body := fmt.Sprintf("<html><head><title>%s</title></head><body><h1>%s</h1></body></html>\n", title, title)
	head := "HTTP/1.1 " + status + "\r\nContent-Type: text/html\r\n"
	for _, f := range fields {
		head += f + "\r\n"
	}
	head += fmt.Sprintf("Content-Length: %d\r\n\r\n", len(body))
	return Answer{Head: []byte(head), Body: []byte(body)}
}
