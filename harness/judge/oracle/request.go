package oracle

import (
	"bufio"
	"bytes"
	"net/http"
	"net/textproto"
	"strings"

	"gauntlet/harness/msn/msnhttp"
	"gauntlet/harness/msn/msnp"
)

// method, target and version are the words of the request line; empty where
// there are fewer.
func (r *Request) line() (method, target, version string) {
	line, _, _ := bytes.Cut(bytes.TrimLeft(r.Head, "\r\n"), []byte("\n"))
	fields := strings.Fields(string(line))
	fields = append(fields, "", "", "")
	return fields[0], fields[1], fields[2]
}

// fields are the request's header fields, by canonical name.
func (r *Request) fields() textproto.MIMEHeader {
	_, rest, _ := bytes.Cut(bytes.TrimLeft(r.Head, "\r\n"), []byte("\n"))
	h, _ := textproto.NewReader(bufio.NewReaderSize(bytes.NewReader(rest), len(rest))).ReadMIMEHeader() // what precedes an error was read
	return h
}

// authority is the host that the request is addressed to: that of an
// absolute-form target, else the field Host; without the default port.
func (r *Request) authority() string {
	_, target, _ := r.line()
	authority, _, _ := msnhttp.ParseTarget(target)
	if authority == "" {
		authority = r.fields().Get("Host")
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
