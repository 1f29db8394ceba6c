package fingerprint

import (
	"fmt"
	"slices"
	"strings"
)

// sample is what a client of some age says; the names are in a case of their
// own.
const sample = "User-Agent: probe\r\nx-MIXED-Case: 1\r\nACCEPT: */*\r\nPragma: no-cache\r\nProxy-Connection: keep-alive\r\nConnection: keep-alive\r\n"

const notDelivered = "not delivered"

// both sends the sample; sent is how the request looked, got how it arrived.
func (p *probes) both() (sent, got, answer message) {
	raw := p.request("answer", "abc", sample)
	head, _, _ := strings.Cut(raw, "\r\n\r\n")
	c := p.dial()
	defer c.close()
	answer = c.ask(raw)
	if all := p.origin.arrivals(p.probe); len(all) > 0 {
		got = all[0].message
	}
	return message{head: head + "\r\n\r\n"}, got, answer
}

// upstream shows what became of the sample on the way to the origin.
func upstream(show func(sent, got message) string) func(*probes) string {
	return func(p *probes) string {
		sent, got, _ := p.both()
		if got.head == "" {
			return notDelivered
		}
		return show(sent, got)
	}
}

// downstream shows what became of the origin's answer.
func downstream(show func(sent, got message) string) func(*probes) string {
	return func(p *probes) string {
		_, got, answer := p.both()
		if got.head == "" {
			return notDelivered
		}
		return show(message{head: answerHead}, answer)
	}
}

func connectionField(_, got message) string {
	if v, ok := got.field("Connection"); ok {
		return v
	}
	return "none"
}

func requestHost(p *probes) string {
	return upstream(func(_, got message) string {
		v, _ := got.field("Host")
		if v == p.Host {
			return "kept"
		}
		return v
	})(p)
}

func added(sent, got message) string {
	return list(got, func(name, _ string) bool { return !has(sent, name) })
}

func removed(sent, got message) string {
	return list(sent, func(name, _ string) bool { return !has(got, name) })
}

func changed(sent, got message) string {
	return list(sent, func(name, value string) bool {
		now, ok := got.field(name)
		return ok && !strings.EqualFold(now, value)
	})
}

func has(m message, name string) bool {
	_, ok := m.field(name)
	return ok
}

// list names the fields of m that are wanted, sorted; "-" for none.
func list(m message, wanted func(name, value string) bool) string {
	var out []string
	for _, f := range m.parsed().Fields {
		if name := strings.ToLower(f.Name); wanted(f.Name, f.Value) && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	if len(out) == 0 {
		return "-"
	}
	return strings.Join(out, " ")
}

// names says how the sample's odd name is spelled that got through.
func names(sent, got message) string {
	const odd = "x-MIXED-Case"
	for _, f := range got.parsed().Fields {
		if has(sent, odd) && f.Is(odd) {
			return spelling(odd, f.Name)
		}
	}
	return "lost"
}

func spelling(was, is string) string {
	switch is {
	case was:
		return "kept"
	case strings.ToLower(was):
		return "lower case"
	case "X-Mixed-Case":
		return "canonical"
	}
	return fmt.Sprintf("%s becomes %s", was, is)
}

// order reports whether the fields that got through stand as they stood.
func order(sent, got message) string {
	if slices.Equal(common(sent, got), common(got, sent)) {
		return "kept"
	}
	return "changed"
}

// common are the names of m's fields that other has too.
func common(m, other message) []string {
	var out []string
	for _, f := range m.parsed().Fields {
		if has(other, f.Name) {
			out = append(out, strings.ToLower(f.Name))
		}
	}
	return out
}
