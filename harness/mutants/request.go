package mutants

import (
	"bytes"
	"fmt"
	"strings"

	"gauntlet/harness/msn/msnhttp"
)

// target is the request target, query is what it says.
func target(request []byte) string {
	words := strings.SplitN(string(request), " ", 3)
	return words[1] // the reference client wrote it
}

func query(request []byte) msnhttp.Query {
	_, q, _ := msnhttp.ParseTarget(target(request)) // the reference client wrote it
	return q
}

// retarget changes the request target.
func retarget(request []byte, change func(target string) string) []byte {
	old := target(request)
	return bytes.Replace(request, []byte(old), []byte(change(old)), 1)
}

// requery changes what stands behind the question mark.
func requery(request []byte, change func(query string) string) []byte {
	return retarget(request, func(target string) string {
		path, query, _ := strings.Cut(target, "?")
		return path + "?" + change(query)
	})
}

// split cuts a request into its head, with the empty line, and its body.
func split(request []byte) (head, body []byte) {
	i := bytes.Index(request, []byte("\r\n\r\n")) + 4
	return request[:i:i], request[i:]
}

// setField changes the value of a header field.
func setField(request []byte, name, value string) []byte {
	head, body := split(request)
	lines := strings.Split(string(head), "\r\n")
	for i, line := range lines {
		if strings.HasPrefix(line, name+": ") {
			lines[i] = name + ": " + value
		}
	}
	return append([]byte(strings.Join(lines, "\r\n")), body...)
}

// withBody puts another body into a request.
func withBody(request []byte, body string) []byte {
	head, _ := split(setField(request, "Content-Length", fmt.Sprint(len(body))))
	return append(head, body...)
}
