package trace

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"fmt"
	"io"
	"slices"
	"strings"

	"gauntlet/harness/judge/history"
	"gauntlet/proxies/http1"
)

// Falsehood is what somebody on the way made untrue of an answer, so that a
// client cannot read from it what the gateway said.
type Falsehood struct {
	By      string // a fault, as it is written, or a box
	What    string
	Missing bool // a part of the body is lost to whoever believes the head
}

// String says it in a sentence without an end.
func (f *Falsehood) String() string { return f.What + ", by " + f.By }

// compare looks at each answer of the gateway's for where on the way it became
// false, coming from the gateway.
func (w *way) compare(t *Trace) {
	faults := fired{}
	for i := range t.Events {
		if ev := &t.Events[i]; ev.Kind == history.Fired {
			at := [2]int{ev.Hop, ev.Exchange}
			faults[at] = append(faults[at], ev.Fault)
		}
	}
	spoilt := map[int]*history.Exchange{} // by connection at hop 0: behind which answer surplus bytes came
	for _, r := range t.Requests {
		before := spoilt[r.Conn]
		if r.Surplus && before == nil {
			spoilt[r.Conn] = r.Exchange
		}
		switch {
		case !r.Served():
			continue
		case before != nil:
			w.falsified[r] = &Falsehood{By: who(before, faults, len(w.hops)), What: "bytes that belong to no answer stand before it"}
			continue
		}
		path := w.answeredBy(r.Exchange)
		if end := path[len(path)-1]; end.Hop == len(w.hops)-1 {
			if f := lieOf(faults[[2]int{end.Hop, end.Ordinal}]); f != nil {
				w.falsified[r] = f
				continue
			}
		}
		for hop := len(path) - 1; hop >= 0; hop-- {
			x := path[hop]
			source := path[len(path)-1]
			if x == source && len(faults[[2]int{x.Hop, x.Ordinal}]) > 0 {
				source = nil
			}
			if f := untrue(x, source); f != nil {
				f.By = who(x, faults, len(w.hops))
				w.falsified[r] = f
				break
			}
		}
	}
}

// fired are the faults that did, by hop and exchange: several can strike one.
type fired map[[2]int][]string

// lies are the effects that make an answer contradict itself, as they stand in a
// fault. Where they strike at the last hop nobody has seen the answer as it was.
var lies = []struct {
	effect, what string
	missing      bool
}{
	{": length wrong -", "its length is too small", true},
	{": length wrong +", "its length is too large", false},
	{": chunked with wrong-size", "its chunks are not those of the body", false},
}

// lieOf is what the faults at the last hop make untrue of an answer; nil if nothing.
func lieOf(faults []string) *Falsehood {
	for _, l := range lies {
		for _, fault := range faults {
			if strings.Contains(fault, l.effect) {
				return &Falsehood{By: "the fault " + fault, What: l.what, Missing: l.missing}
			}
		}
	}
	return nil
}

// who made an answer what it is at a hop: the faults that fired there, or else who
// accepts connections there.
func who(x *history.Exchange, faults fired, hops int) string {
	if here := faults[[2]int{x.Hop, x.Ordinal}]; len(here) > 0 {
		return "the fault " + strings.Join(here, " or ")
	}
	if x.Hop == hops-1 {
		return "the gateway"
	}
	return fmt.Sprintf("box %d", x.Hop+1)
}

// answeredBy are an exchange and those that it was carried on by, to where its
// answer came from: of several at a hop the one with the same answer, else the
// last that was answered.
func (w *way) answeredBy(x *history.Exchange) (path []*history.Exchange) {
	for x != nil {
		path = append(path, x)
		var next *history.Exchange
		for _, further := range w.further[x] {
			if further.Answered && (next == nil || !bytes.Equal(next.AnswerBody, x.AnswerBody)) {
				next = further
			}
		}
		x = next
	}
	return path
}

// untrue says what about an answer is not as its head or its source has it; nil
// if all is. A body of another length than the source's, of which one begins like
// the other, was measured wrong. Where a fault struck at the last hop there is no
// source to hold an answer against, and only what its head has is known.
func untrue(x, source *history.Exchange) *Falsehood {
	if x.Partly || source != nil && source.Partly {
		return nil
	}
	if said := doubtfulLength(x); said != "" && (source == nil || said != doubtfulLength(source)) {
		return &Falsehood{What: "its length is said to be " + said}
	}
	plain, coding, ok := decoded(x)
	if !ok {
		return &Falsehood{What: fmt.Sprintf("its Content-Encoding %s is a lie", coding), Missing: true}
	}
	if source == nil {
		return nil
	}
	said, _, _ := decoded(source)
	switch d := len(said) - len(plain); {
	case d > 0 && bytes.HasPrefix(said, plain):
		return &Falsehood{What: fmt.Sprintf("its length is %d too small", d), Missing: true}
	case d < 0 && len(said) > 0 && bytes.HasPrefix(plain, said):
		return &Falsehood{What: fmt.Sprintf("its length is %d too large", -d)}
	case isChunked(x) && !isChunked(source) && !bytes.Equal(plain, said):
		return &Falsehood{What: "its chunks are not those of the body"}
	}
	return nil
}

// doubtfulLength is what an answer's head says of its length where that is a list
// or where two fields contradict each other: a client may refuse it (RFC 9112,
// section 6.3). It is empty where there is no doubt.
func doubtfulLength(x *history.Exchange) string {
	var values []string
	for value := range http1.Values(x.AnswerHead, "Content-Length") {
		if !slices.Contains(values, value) {
			values = append(values, value)
		}
	}
	if all := strings.Join(values, " and "); len(values) > 1 || strings.Contains(all, ",") {
		return all
	}
	return ""
}

func isChunked(x *history.Exchange) bool {
	f, _ := http1.FramingOf(x.AnswerHead)
	return f.Chunked
}

// decoded is the body of an answer without the coding that its head claims; ok
// is false if it is not so coded. What is empty needs no coding, and what we cannot
// undo is taken as it is.
func decoded(x *history.Exchange) (plain []byte, coding string, ok bool) {
	for value := range http1.Values(x.AnswerHead, "Content-Encoding") {
		coding = strings.ToLower(value)
		break
	}
	if len(x.AnswerBody) == 0 {
		return nil, coding, true
	}
	var err error
	var r io.Reader
	switch body := bytes.NewReader(x.AnswerBody); coding {
	case "gzip", "x-gzip":
		r, err = gzip.NewReader(body)
	case "deflate":
		r, err = zlib.NewReader(body)
	default:
		return x.AnswerBody, coding, true
	}
	if err == nil {
		plain, err = io.ReadAll(r)
	}
	return plain, coding, err == nil
}
