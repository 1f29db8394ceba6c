package oracle

import (
	"strings"

	"gauntlet/harness/msn/msnhttp"
)

// idEscaped holds that characters of a SessionID which mean something in a
// query are percent-encoded (S48).
func idEscaped(e *Evidence) (f finding) {
	newest := map[*Session]string{}
	last := "" // given to anybody: an unescaped id may name no session at all
	for _, r := range e.Requests {
		id := newest[r.Session]
		if r.Session == nil {
			id = last
		}
		if !r.IsOpen() && id != msnhttp.EscapeID(id) {
			judgeEscape(&f, r, id)
		}
		if r.Served() {
			newest[r.Session], last = r.Header.SessionID, r.Header.SessionID
		}
	}
	f.missing("no SessionID needed escaping")
	return f
}

func judgeEscape(f *finding, r *Request, id string) {
	_, target, _ := r.line()
	_, raw, _ := strings.Cut(target, "SessionID=")
	raw, _, _ = strings.Cut(raw, "&")
	if msnhttp.Unescape(raw) == id && !strings.ContainsAny(raw, meaningful) {
		f.ok()
		return
	}
	f.fail([]int{r.Ordinal}, "request %d writes the SessionID %q as %q; in a query it is %q", r.Ordinal, id, raw, msnhttp.EscapeID(id))
}

// meaningful are the characters that one reader or another of a query takes
// for something else than themselves.
const meaningful = "&#+; []"
