package oracle

import "slices"

// noPNG holds that a client never sends PNG over HTTP (S20).
func noPNG(e *Evidence) (f finding) {
	for _, r := range e.Requests {
		names := r.commands()
		switch {
		case slices.Contains(names, "PNG"):
			f.fail([]int{r.Ordinal}, "request %d at %s carries PNG", r.Ordinal, clock(r.Began))
		case len(names) > 0:
			f.ok()
		}
	}
	f.missing("no command was seen")
	return f
}
