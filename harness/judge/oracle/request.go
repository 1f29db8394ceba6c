package oracle

import (
	"net/http"
	"strings"

	"gauntlet/harness/msn/msnhttp"
	"gauntlet/harness/msn/msnp"
	"gauntlet/proxies/http1"
)

// method, target and version are the words of the request line; empty where
// there are fewer.
func (r *Request) line() (method, target, version string) {
	fields := strings.Fields(string(http1.StartLine(r.Head)))
	fields = append(fields, "", "", "")
	return fields[0], fields[1], fields[2]
}

// head is the request's head, taken apart.
func (r *Request) head() http1.Head { return http1.Parse(r.Head) }

// authority is the host that the request is addressed to: that of an
// absolute-form target, else the field Host; without the default port.
func (r *Request) authority() string {
	_, target, _ := r.line()
	authority, _, _ := msnhttp.ParseTarget(target)
	if authority == "" {
		head := r.head()
		authority = head.Get("Host")
	}
	return bare(authority)
}

// bare is a host without the default port.
func bare(authority string) string { return strings.TrimSuffix(strings.ToLower(authority), ":80") }

// commands are the names of the MSNP commands in the body.
func (r *Request) commands() []string {
	list, _ := msnp.Decode(msnp.Client, r.Body) // what precedes an error was decoded
	names := make([]string, len(list))
	for i, c := range list {
		names[i] = c.Name
	}
	return names
}

// Served tells whether the gateway's own answer was handed on whole.
func (r *Request) Served() bool {
	return r.Answered && r.Status == http.StatusOK && r.Header != nil
}

// announcedClose tells whether the answer said that the connection ends.
func (r *Request) announcedClose() bool {
	head := strings.ToLower(string(r.AnswerHead))
	kept := strings.Contains(head, "\nconnection: keep-alive") || strings.Contains(head, "\nproxy-connection: keep-alive")
	return strings.Contains(head, "\nconnection: close") || strings.Contains(head, "\nproxy-connection: close") ||
		(strings.HasPrefix(head, "http/1.0") && !kept)
}
