package yamlfile

import (
	"context"
	"fmt"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// Mapping is a mapping in the order of the file, its keys with their places.
type Mapping[V any] []Entry[V]

// Entry is a key and what stands behind it.
type Entry[V any] struct {
	Key   Text
	Value V
}

// UnmarshalYAML is for the decoder.
func (m *Mapping[V]) UnmarshalYAML(ctx context.Context, n ast.Node) error {
	mapping, is := n.(*ast.MappingNode)
	if !is {
		return wanted("a mapping", n)
	}
	for _, pair := range mapping.Values {
		e := Entry[V]{Key: scalar(ctx, pair.Key)}
		if err := decodeNode(ctx, pair.Value, &e.Value); err != nil {
			return err
		}
		*m = append(*m, e)
	}
	return nil
}

// Named are texts with names: a mapping, or a list of texts that are their own
// names.
type Named struct {
	Begin Place
	Texts Mapping[Scalar]
}

// UnmarshalYAML is for the decoder.
func (c *Named) UnmarshalYAML(ctx context.Context, n ast.Node) error {
	c.Begin = begin(n)
	switch n.(type) {
	case *ast.MappingNode:
		return decodeNode(ctx, n, &c.Texts)
	case *ast.SequenceNode:
		var list []Scalar
		err := decodeNode(ctx, n, &list)
		for _, t := range list {
			c.Texts = append(c.Texts, Entry[Scalar]{t.Text, t})
		}
		return err
	}
	return wanted("a list or a mapping", n)
}

// OneOrMore is a list of texts, or one that stands alone.
type OneOrMore struct {
	Begin Place
	Alone bool
	Texts []Scalar
}

// UnmarshalYAML is for the decoder.
func (o *OneOrMore) UnmarshalYAML(ctx context.Context, n ast.Node) error {
	o.Begin = begin(n)
	if _, list := n.(*ast.SequenceNode); list {
		return decodeNode(ctx, n, &o.Texts)
	}
	o.Alone, o.Texts = true, make([]Scalar, 1)
	return decodeNode(ctx, n, &o.Texts[0])
}

// Duration is one above 0, such as 2s.
type Duration time.Duration

// UnmarshalYAML is for the decoder.
func (d *Duration) UnmarshalYAML(n ast.Node) error {
	given, err := time.ParseDuration(n.GetToken().Value)
	if err != nil || given <= 0 {
		return &yaml.SyntaxError{Token: n.GetToken(), Message: fmt.Sprintf("%q is not a duration, such as 2s", n.GetToken().Value)}
	}
	*d = Duration(given)
	return nil
}
