package proxies

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/elazarl/goproxy"

	"gauntlet/proxies/http1"
)

// refusalQuirks are about requests that a box does not like.
func refusalQuirks() []Quirk {
	return []Quirk{
		{
			Word: "refuses-chunked",
			Help: "answers a request whose body comes in chunks by this status, as proxies of HTTP/1.0 do",
			effect: takes(choice("411", "501"), func(b *behaviour, status string) {
				b.admit = append(b.admit, func(x *exchange, _ *http.Request) bool {
					return !saysChunked(x.request) || refuse(x, status)
				})
			}),
		},
		{
			Word: "refuses-requests-with",
			Help: "answers a request whose head or body has this text in it by a 403, as content filters do",
			effect: takes(text(isWord, "a word"), func(b *behaviour, word string) {
				b.admit = append(b.admit, func(x *exchange, r *http.Request) bool {
					body, _ := x.whole(r) // what is broken is found out upstream
					said := bytes.Contains(body, []byte(word)) || bytes.Contains(x.request.Bytes(), []byte(word))
					return !said || refuse(x, "403")
				})
			}),
		},
		{
			Word: "refuses-answers-with",
			Help: "takes in the whole of an answer and, if its body has this text in it, gives the client a 403 in its place, as what scans for viruses does",
			effect: takes(text(isWord, "a word"), func(b *behaviour, word string) {
				b.roundTrip = append(b.roundTrip, func(next roundTrip) roundTrip { return filtered(bufferAnswer(next), word) })
			}),
		},
		{
			Word: "drops-request-body",
			Help: "sends a request on without its body, as of length 0 or in chunks of which there is none",
			effect: takes(choice("measured", "chunked"), func(b *behaviour, how string) {
				b.received = append(b.received, func(_ *exchange, r *http.Request) { dropBody(r, how == "chunked") })
			}),
		},
		{
			Word: "connections", kinds: []Kind{Forward, TLS, Intercept},
			Help:   "serves so many connections of a client's address at a time; another one waits until one of them ends",
			effect: takes(number(1, 100), func(b *behaviour, n int) { b.places = &places{most: n, hosts: map[string]*row{}} }),
		},
	}
}

func saysChunked(h *http1.Head) bool {
	return strings.EqualFold(h.Get("Transfer-Encoding"), "chunked")
}

// refuse answers a request by a page.
func refuse(x *exchange, status string) bool {
	n, _ := strconv.Atoi(status) // one of ours
	http.Error(x.w, http.StatusText(n), n)
	return false
}

// filtered is next without the answers that have the word in them.
func filtered(next roundTrip, word string) roundTrip {
	return func(x *exchange, r *http.Request) (*http.Response, error) {
		resp, err := next(x, r)
		if err != nil {
			return nil, err
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body = io.NopCloser(bytes.NewReader(body))
		if err != nil || !bytes.Contains(body, []byte(word)) {
			return resp, err
		}
		x.answer.Store(nil) // the head is another one, too
		return goproxy.NewResponse(r, goproxy.ContentTypeText, http.StatusForbidden, "this content was found to be harmful\n"), nil
	}
}

// dropBody takes a request's body in and away.
func dropBody(r *http.Request, chunked bool) {
	if r.Body != nil {
		_, _ = io.Copy(io.Discard, r.Body) // what is broken is gone as well
	}
	r.ContentLength, r.TransferEncoding, r.Body, r.GetBody = 0, nil, http.NoBody, nil
	if chunked {
		r.ContentLength, r.TransferEncoding, r.Body = -1, []string{"chunked"}, io.NopCloser(bytes.NewReader(nil))
	}
}

// places are those of a box that serves so many connections of a host at a time.
type places struct {
	most int

	mu    sync.Mutex
	hosts map[string]*row
}

// row is a host's connections: how many are served, and who waits.
type row struct {
	served  int
	waiting []chan struct{}
}

// place is what one connection has of it.
type place struct {
	of           *places
	host         string
	gone         chan struct{} // closed when the connection ends
	taken, ended sync.Once
	served       bool
}

func (p *places) placeOf(c net.Conn) *place {
	host, _, err := net.SplitHostPort(c.RemoteAddr().String())
	if err != nil {
		host = c.RemoteAddr().String()
	}
	return &place{of: p, host: host, gone: make(chan struct{})}
}

// take waits, the first time, until the connection is served; false if it has
// ended before.
func (p *place) take() bool {
	p.taken.Do(func() {
		turn := p.of.enter(p.host)
		select {
		case <-turn:
			p.served = true
		case <-p.gone:
			p.served = !p.of.giveUp(p.host, turn)
		}
	})
	return p.served
}

// leave makes room for the next.
func (p *place) leave() {
	p.ended.Do(func() {
		close(p.gone)
		p.taken.Do(func() {}) // what waits has given up, and nobody begins
		if p.served {
			p.of.leave(p.host)
		}
	})
}

// enter gives a channel that is closed when it is one's turn.
func (p *places) enter(host string) chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := p.hosts[host]
	if r == nil {
		r = &row{}
		p.hosts[host] = r
	}
	turn := make(chan struct{})
	if r.served < p.most {
		r.served++
		close(turn)
		return turn
	}
	r.waiting = append(r.waiting, turn)
	return turn
}

func (p *places) leave(host string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := p.hosts[host]
	if len(r.waiting) == 0 {
		r.served--
		return
	}
	close(r.waiting[0])
	r.waiting = r.waiting[1:]
}

// giveUp takes one who waits away; false if it was his turn already.
func (p *places) giveUp(host string, turn chan struct{}) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := p.hosts[host]
	i := slices.Index(r.waiting, turn)
	if i >= 0 {
		r.waiting = slices.Delete(r.waiting, i, i+1)
	}
	return i >= 0
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
