package oracle

// withoutProxy holds that a client which is told of no proxy, or to leave it,
// is served (S30).
func withoutProxy(e *Evidence) (f finding) {
	if how, _, _ := e.told(); how != toldDirect && how != toldOff {
		f.missing("the client was told to use a proxy")
		return f
	}
	for _, r := range e.Requests {
		if r.answered() {
			f.ok()
		}
	}
	if f.checked == 0 && e.end() > comeBack {
		f.fail(nil, "in %s no request was answered", clock(e.end()))
	}
	return f
}
