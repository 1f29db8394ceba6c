package proxies

import (
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// headPatience is how long an exposed box waits for a head, a greeting or a
// handshake that was begun, or not even that.
const headPatience = 30 * time.Second

// hurry has an exposed box wait no longer for what a client sends first; relax
// ends that.
func (o Options) hurry(client net.Conn) (relax func()) {
	if !o.Exposed {
		return func() {}
	}
	_ = client.SetReadDeadline(time.Now().Add(headPatience)) // one that is closed is noticed when it is read
	return func() { _ = client.SetReadDeadline(time.Time{}) }
}

// refuseLoop is what an exposed box does with a request that has been here
// before, by the name in its Via, and with one that may go no further. It
// reports whether the request may go on.
func (b *behaviour) refuseLoop(x *exchange, r *http.Request) bool {
	if b.pseudonym != "" && slices.ContainsFunc(r.Header["Via"], func(via string) bool { return names(via, b.pseudonym) }) {
		http.Error(x.w, "this request has been here before: it goes round", http.StatusLoopDetected)
		return false
	}
	if r.Method != http.MethodOptions && r.Method != http.MethodTrace {
		return true
	}
	left, err := strconv.ParseUint(r.Header.Get("Max-Forwards"), 10, 31)
	if err == nil && left == 0 {
		x.w.WriteHeader(http.StatusNoContent)
		return false
	}
	if err == nil {
		r.Header.Set("Max-Forwards", strconv.FormatUint(left-1, 10))
	}
	return true
}

// names reports whether a Via has a name in it.
func names(via, name string) bool {
	for one := range strings.SplitSeq(via, ",") {
		if fields := strings.Fields(one); len(fields) > 1 && strings.EqualFold(fields[1], name) {
			return true
		}
	}
	return false
}
