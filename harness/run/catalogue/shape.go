package catalogue

import (
	"slices"
	"strings"
)

// These check that a node has the form that its key wants. What they return is
// usable, if empty, also after a mistake, so that one run finds all of them.

// object returns the values of a mapping that may have these keys only.
func (p *problems) object(n *node, keys ...string) map[string]*node {
	values := map[string]*node{}
	if n == nil || !p.want(n, aMapping) {
		return values
	}
	for _, e := range n.entries {
		if !slices.Contains(keys, e.key.value) {
			p.unknown(e.key.begin, "key", e.key.value, keys)
			continue
		}
		values[e.key.value] = e.value
	}
	return values
}

// text is the value of a key that takes one; nil stands for an absent key.
func (p *problems) text(n *node) text {
	if n == nil || !p.want(n, aText) {
		return text{}
	}
	return n.text
}

// texts is the value of a key that takes a list of them.
func (p *problems) texts(n *node) []text {
	if n == nil || !p.want(n, aList) {
		return nil
	}
	out := make([]text, 0, len(n.items))
	for _, item := range n.items {
		if p.want(item, aText) {
			out = append(out, item.text)
		}
	}
	return out
}

// scalar is a text that may look like a number: ports and byte counts do.
func (p *problems) scalar(n *node) text {
	if n.kind == aNumber {
		return n.text
	}
	return p.text(n)
}

func (p *problems) want(n *node, k kind) bool {
	if n.kind == k {
		return true
	}
	hint := ""
	if k == aText && (n.kind == aNumber || n.kind == aTruth) {
		hint = "; put it in quotes"
	}
	p.add(n.begin, "%s is wanted here, not %s%s", k, n.kind, hint)
	return false
}

// need reports the keys that a mapping lacks.
func (p *problems) need(n *node, has map[string]*node, keys ...string) {
	missing := slices.DeleteFunc(keys, func(key string) bool { return has[key] != nil })
	if len(missing) > 0 {
		p.add(n.begin, "missing: %s", strings.Join(missing, ", "))
	}
}
