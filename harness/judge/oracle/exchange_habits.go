package oracle

import "strings"

// exchangeHabits tells whether a client sends what the official one does
// (S55, S58).
func exchangeHabits(e *Evidence) (f finding) {
	want := [][2]string{{"Proxy-Connection", "keep-alive"}, {"Pragma", "no-cache"}, {"User-Agent", "msmsgs"}}
	for _, r := range e.Requests {
		if r.Ordinal == 0 {
			continue
		}
		head := r.head()
		for _, w := range want {
			if !strings.EqualFold(head.Get(w[0]), w[1]) {
				f.fail([]int{r.Ordinal}, "request %d has %s %q; the official client sends %q", r.Ordinal, w[0], head.Get(w[0]), w[1])
			}
		}
		f.ok()
	}
	f.missing("no request was seen")
	return f
}
