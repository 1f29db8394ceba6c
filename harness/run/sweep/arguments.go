package sweep

import (
	"maps"
	"slices"
	"strings"

	"gauntlet/proxies/fault"
)

// variety is an effect with arguments, and what kind it is.
type variety struct {
	effect fault.Effect
	kind   fault.Kind
	named  bool // it takes the name of a field, which the message has to give
}

// arguments are those with which an effect is tried; one without a row is tried
// as its example is written. A row for each effect that takes some: a spec sees
// to it.
var arguments = map[string][]string{
	"reset":          {"", "client", "box"},
	"reset later":    {"200ms"},
	"close later":    {"200ms"},
	"delay end":      {"300ms"},
	"limit":          {"200 bytes", "200 bytes then reset to client"},
	"swallow":        {"", "to client", "for 3s to box"},
	"cut":            {"client", "box"},
	"half-close":     {"", "to box"},
	"stall":          {"", "for 3s"},
	"delay":          {"300ms", "300ms jitter 100ms"},
	"bandwidth":      {"500"},
	"dribble":        {"16 bytes every 20ms", "1 bytes every 1ms to client"},
	"status":         {"403", "407", "417", "429", "500", "502", "503", "504", `503 with "Connection: close"`, `503 with "Retry-After: 12"`, `429 with "Retry-After: 12"`},
	"redirect":       {"", "307 to https://login.example/login"},
	"hold":           {"2s"},
	"coalesce":       {"200ms"},
	"chunked":        {"", "with wrong-size", "with no-end", "with extension", "with trailer"},
	"length wrong":   {"+5", "-5"},
	"length differs": {"+5", "+5 as list", "-3 as list"},
	"corrupt":        {"head byte 1", "body byte 1", "body"},
	"drop body":      {"", "in chunks"},
	"surplus":        {"8"},
	"truncate":       {"0", "5"},
	"interim":        {"102", "103"},
	"large head":     {"8192"},
	"add header":     {"X-Note seen"},
	"lead to":        {"10.9.0.99"},
	"ttl":            {"20s"},
	"lose flow":      {"to client for 2s", "to box for 2s"},
}

// fieldEffects are those that take the name of a field and nothing else.
func takesField(k fault.Kind) bool { return len(k.Arguments) == 1 && k.Arguments[0].Form == fault.Name }

// effectsOf are all effects with their arguments, in the order of their names.
func effectsOf() []variety {
	var list []variety
	effects := fault.Effects()
	for _, name := range slices.Sorted(maps.Keys(effects)) {
		kind := effects[name]
		if takesField(kind) {
			list = append(list, variety{fault.Effect{Name: name}, kind, true})
			continue
		}
		rows := arguments[name]
		if rows == nil {
			rows = []string{strings.TrimPrefix(kind.Example(name), name)}
		}
		for _, row := range rows {
			list = append(list, variety{fault.Effect{Name: name, Args: split(row)}, kind, false})
		}
	}
	return list
}

// split are the words of a text, with what stands in quotes as one.
func split(text string) []string {
	var list []string
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimSpace(text) {
		end := strings.IndexByte(text, ' ')
		if text[0] == '"' {
			end = strings.IndexByte(text[1:], '"') + 2
		}
		if end < 0 {
			end = len(text)
		}
		list = append(list, text[:end])
		text = text[end:]
	}
	return list
}

// classed is an effect, and how it counts in either kind of classes.
type classed struct {
	fault.Effect
	class, sight string
}

// itself is the effect without a field.
func (v variety) itself() classed {
	return classed{v.effect, v.effect.String(), sightOf(v.effect, "")}
}

// hinting is, of an interim answer that hints, one more whose hint is a field of the
// protocol that the final answer has otherwise.
func (v variety) hinting(m Message) []classed {
	if v.effect.String() != "interim 103" || m.Foreign == "" {
		return nil
	}
	e := fault.Effect{Name: v.effect.Name, Args: split(v.effect.Args[0] + ` with "` + m.Foreign + `"`)}
	return []classed{{e, v.effect.String() + " with a field of the protocol", sightOf(v.effect, m.Foreign)}}
}

// on are the effects that the variety is on that message: one for each of its
// fields, if it takes one.
func (v variety) on(m Message) []classed {
	if !v.named {
		return append([]classed{v.itself()}, v.hinting(m)...)
	}
	var list []classed
	for _, field := range m.Fields {
		e := fault.Effect{Name: v.effect.Name, Args: []string{field}}
		if v.effect.Name == "recase header" {
			e.Args[0] = strings.ToLower(field)
		}
		list = append(list, classed{e, v.effect.Name + " of " + fieldClass(field), sightOf(e, field)})
	}
	return list
}
