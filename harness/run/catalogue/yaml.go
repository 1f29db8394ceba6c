package catalogue

import (
	"fmt"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// node is the little of YAML that cases are written in: scalars, lists and
// mappings with scalar keys, each with its place.
type node struct {
	kind    kind
	begin   place
	text    text // of a scalar
	items   []*node
	entries []entry
}

type entry struct {
	key   text
	value *node
}

// kind names a node as an error message does.
type kind string

const (
	aText    kind = "a text"
	aNumber  kind = "a number"
	aTruth   kind = "true or false"
	aNothing kind = "nothing"
	aList    kind = "a list"
	aMapping kind = "a mapping"
	unusable kind = "something else" // reported when it was read
)

// parseYAML guards against the parser's own mistakes on broken input.
func parseYAML(file []byte) (f *ast.File, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("this is not YAML: %v", r)
		}
	}()
	return parser.ParseBytes(file, 0)
}

func lines(file []byte) source {
	var s source
	for line := range strings.Lines(string(file)) {
		s = append(s, []rune(strings.TrimRight(line, "\r\n")))
	}
	return s
}

func placeOf(t *token.Token) place { return place{t.Position.Line, t.Position.Column} }

// reader turns the parser's tree into ours.
type reader struct {
	*problems
	source source
}

func (r reader) node(n ast.Node) *node {
	switch n := n.(type) {
	case *ast.MappingNode:
		return r.mapping(n.GetToken(), n.Values...)
	case *ast.MappingValueNode:
		return r.mapping(n.GetToken(), n)
	case *ast.SequenceNode:
		return r.list(n)
	case *ast.LiteralNode:
		begin := place{placeOf(n.GetToken()).line + 1, 1}
		return scalar(aText, r.source.text(n.Value.Value, begin, plain))
	}
	kind, ok := scalarKind(n)
	if !ok {
		at := placeOf(n.GetToken())
		r.add(at, "cases are plain lists, mappings and texts: no %s here", strings.ToLower(n.Type().String()))
		return &node{kind: unusable, begin: at}
	}
	return scalar(kind, r.scalarText(n.GetToken()))
}

func scalarKind(n ast.Node) (kind, bool) {
	switch n.(type) {
	case *ast.StringNode:
		return aText, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return aNumber, true
	case *ast.BoolNode:
		return aTruth, true
	case *ast.NullNode:
		return aNothing, true
	}
	return "", false
}

func scalar(k kind, t text) *node { return &node{kind: k, begin: t.begin, text: t} }

func (r reader) scalarText(t *token.Token) text {
	how := map[token.Type]style{token.SingleQuoteType: single, token.DoubleQuoteType: double}[t.Type]
	return r.source.text(t.Value, placeOf(t), how)
}

func (r reader) list(n *ast.SequenceNode) *node {
	list := &node{kind: aList, begin: placeOf(n.GetToken())}
	for _, value := range n.Values {
		list.items = append(list.items, r.node(value))
	}
	return list
}

func (r reader) mapping(t *token.Token, values ...*ast.MappingValueNode) *node {
	m := &node{kind: aMapping, begin: placeOf(t)}
	for _, pair := range values {
		key := r.node(pair.Key)
		if len(m.entries) == 0 && t.Type != token.MappingStartType {
			m.begin = key.begin // the token of a block mapping is its first colon
		}
		m.entries = append(m.entries, entry{key.text, r.node(pair.Value)})
	}
	return m
}
