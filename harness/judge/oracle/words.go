package oracle

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Name is what a request is called in reasons: poll, NS open, MSG, …
func (r *Request) Name() string {
	server := ""
	if r.Session != nil {
		server = r.Session.Server + " "
	}
	switch {
	case r.Garbled != "":
		return "not the gateway's: " + r.Garbled
	case r.Query.Action == "open":
		return strings.TrimSpace(r.Query.Server + " open")
	case r.Query.Action != "":
		return server + r.Query.Action
	}
	name, _, _ := strings.Cut(string(r.Body), " ")
	return strings.TrimSpace(server + strings.TrimSpace(name))
}

// clock prints a time of the run for a reason.
func clock(d time.Duration) string { return fmt.Sprintf("%.3fs", d.Seconds()) }

// texts prints a list of messages for a reason.
func texts(list []string) string {
	quoted := make([]string, len(list))
	for i, t := range list {
		quoted[i] = fmt.Sprintf("%q", t)
	}
	if len(quoted) > 5 {
		quoted = append(slices.Clone(quoted[:5]), fmt.Sprintf("and %d more", len(list)-5))
	}
	return strings.Join(quoted, ", ")
}
